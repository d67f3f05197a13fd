import assert from 'node:assert/strict'
import {AccessError, PendingError} from '../../../src/domain/errors.ts'
import {parseOpId} from '../../../src/domain/names.ts'
import {resume} from '../../../src/flows/ops/resume.ts'
import {
  atCall,
  configured,
  ctrlC,
  demo,
  executes,
  must,
  runDeploy,
  runDestroy,
  runFlow,
} from '../../helpers/fake-aws/scenario.ts'
import {entries, executed, journal, lockOf, stackNamed, warnings} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

/** A Ctrl-C just before a call. */
async function interrupted(world: World, at: Parameters<typeof atCall>[0]) {
  const pause = new AbortController()
  return runDeploy(world, {}, {pause, onCall: atCall(at, () => ctrlC(pause))})
}

function opIdOf(message: string | undefined): string {
  return /\d{8}T\d{6}Z-[a-z]+-[0-9a-f]{6}/.exec(message ?? '')?.[0] ?? ''
}

/** These operations have nothing to do with assets. */
const noAssets = () => Promise.reject(new RangeError('no assets here'))

function resumeFlow(world: World, opId: string) {
  const options = {
    environment: demo,
    configuration: configured(),
    opId: parseOpId(opId),
    cloudFormationRoleArn: undefined,
    placeholderSecrets: false,
    assetsFolder: undefined,
  }
  return runFlow(world, (ports, run) => resume(options, ports, run, noAssets))
}

describe('a deploy that is stopped', () => {
  it('ends 13 at the first Ctrl-C, journals it as paused, frees the lock and names the command to resume', async () => {
    const world = new World()
    const ended = await interrupted(world, executes('database'))
    assert.equal(ended.exitCode, 13)
    const {suggestions} = ended.error as {suggestions: string[]}
    const opId = opIdOf(suggestions[0])
    assert.equal(suggestions[0], `pi-aws ops resume ${opId} --environment demo`)
    assert.equal(journal(world).at(-1), 'paused done')
    assert.equal(lockOf(world), undefined)
    assert.ok(ended.events.some((event) => event.type === 'operation.paused' && event.opId === opId))
    assert.equal(journal(world).includes('database fail'), false, 'CloudFormation goes on with it')
  })

  it('goes on under its own id when it is resumed', async () => {
    const world = new World()
    const ended = await interrupted(world, executes('network'))
    const opId = opIdOf((ended.error as {suggestions: string[]}).suggestions[0])
    const resumed = must(await resumeFlow(world, opId))
    assert.equal(resumed.kind, 'deploy')
    assert.equal(resumed.result.opId, opId)
    assert.ok(journal(world).includes('resumed done'))
    assert.equal(journal(world).at(-1), 'committed done')
    assert.equal(stackNamed(world, 'pi-demo-operations').status, 'CREATE_COMPLETE')
    assert.deepEqual(
      executed(world).filter((step) => step === 'network'),
      ['network'],
      'what ran was attached to, not repeated',
    )
  })

  it('pauses in the middle of a one-off task too', async () => {
    const world = new World()
    const ended = await interrupted(world, ({name}) => name === 'containers.stoppedTask')
    assert.equal(ended.exitCode, 13)
    assert.match((ended.error as {suggestions: string[]}).suggestions[0] ?? '', /ops resume/)
    assert.deepEqual(journal(world).slice(-2), ['database-user intent', 'paused done'])
    must(await runDeploy(world))
  })

  it('says that services are down when it stops while they are', async () => {
    const world = new World()
    const ended = await interrupted(world, ({name}) => name === 'containers.stoppedTask')
    assert.deepEqual(warnings(ended.events), ['SERVICES_DOWN'])
    const early = await interrupted(new World(), executes('network'))
    assert.deepEqual(warnings(early.events), [])
  })

  it('begins nothing new after the Ctrl-C', async () => {
    const world = new World()
    await interrupted(world, executes('network'))
    assert.deepEqual(executed(world), ['pi-create', 'network'])
  })

  it('stops before the foundation is done without a journal, and is simply run again', async () => {
    const world = new World()
    const ended = await interrupted(world, executes('create'))
    assert.equal(ended.exitCode, 13)
    must(await runDeploy(world))
    assert.deepEqual(executed(world)[0], 'pi-create')
  })

  it('ends 8 when the time limit ends the wait, paused and resumable', async () => {
    const world = new World()
    const pause = new AbortController()
    const ended = await runDeploy(
      world,
      {},
      {
        pause,
        onCall: atCall(executes('database'), () =>
          pause.abort(new PendingError('The time limit ended the wait.', {code: 'TIMEOUT'})),
        ),
      },
    )
    assert.equal(ended.code, 'TIMEOUT')
    assert.equal(ended.exitCode, 8)
    assert.match((ended.error as {suggestions: string[]}).suggestions[0] ?? '', /ops resume/)
    assert.equal(journal(world).at(-1), 'paused done')
  })

  it('tells a failure that came first, although somebody pressed Ctrl-C then', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.fail('pi-demo-app', 'update', {logicalId: 'LoadBalancer', reason: 'Throttled'})
    const pause = new AbortController()
    const ended = await runDeploy(
      world,
      {configuration: configured({images: {tag: '2026_02'}})},
      {
        pause,
        onCall: ({name, args}) => {
          if (
            name === 'stacks.describe' &&
            String(args[0]).includes('/pi-demo-app/') &&
            stackNamed(world, 'pi-demo-app').status === 'UPDATE_ROLLBACK_COMPLETE'
          )
            ctrlC(pause)
        },
      },
    )
    assert.equal(ended.code, 'STACK_ROLLED_BACK')
  })

  it('returns with 8 from --no-wait as soon as a stack operation runs, and is taken up by the next', async () => {
    const world = new World()
    const ended = await runDeploy(world, {wait: false})
    assert.equal(ended.code, 'NOT_WAITED')
    assert.equal(ended.exitCode, 8)
    assert.deepEqual(executed(world), ['pi-create', 'network'])
    assert.equal(journal(world).includes('network fail'), false)
    assert.equal(lockOf(world), undefined)
    assert.equal(stackNamed(world, 'pi-demo-network').status, 'CREATE_IN_PROGRESS')
    must(await runDeploy(world))
  })

  it('ends 0 with --no-wait when there is nothing to do', async () => {
    const world = new World()
    must(await runDeploy(world))
    assert.equal(must(await runDeploy(world, {wait: false, secrets: {}})).changed, false)
  })

  it('pauses when the credentials end under it, also where the ledger refuses then, and goes on with new ones', async () => {
    const world = new World()
    let gone = false
    const ended = await runDeploy(
      world,
      {},
      {
        onCall(call) {
          gone ||= executes('database')(call)
          if (gone) throw new AccessError('The AWS credentials have expired.', {code: 'CREDENTIALS_EXPIRED'})
        },
      },
    )
    assert.equal(ended.exitCode, 13)
    assert.match(ended.message, /credentials ended/)
    assert.equal(
      entries(world).some(({step}) => step === 'paused'),
      false,
      'nothing could be written any more',
    )
    world.clock.pass(1000)
    const again = await runDeploy(world)
    must(again)
    assert.deepEqual(warnings(again.events), ['LOCK_TAKEN_OVER'])
  })

  it('ends 4 when credentials are missing before anything was begun', async () => {
    const ended = await runDeploy(
      new World(),
      {},
      {
        onCall() {
          throw new AccessError('There are no usable AWS credentials.', {code: 'CREDENTIALS_MISSING'})
        },
      },
    )
    assert.equal(ended.exitCode, 4)
  })

  it('fails with a denied permission, which is no pause', async () => {
    const world = new World()
    const ended = await runDeploy(
      world,
      {},
      {
        onCall(call) {
          if (executes('database')(call))
            throw new AccessError('AWS denies cloudformation:ExecuteChangeSet.', {code: 'ACCESS_DENIED'})
        },
      },
    )
    assert.equal(ended.exitCode, 4)
    assert.equal(journal(world).at(-1), 'failed done')
  })

  it('a destroy pauses and resumes like a deploy', async () => {
    const world = new World()
    must(await runDeploy(world))
    const pause = new AbortController()
    const ended = await runDestroy(world, {}, {pause, onCall: atCall('databases.createSnapshot', () => ctrlC(pause))})
    assert.equal(ended.exitCode, 13)
    assert.deepEqual(warnings(ended.events), ['SERVICES_DOWN'])
    const resumed = must(await resumeFlow(world, opIdOf((ended.error as {suggestions: string[]}).suggestions[0])))
    assert.equal(resumed.kind, 'destroy')
    assert.deepEqual(resumed.result.environment, 'demo')
    assert.equal(world.stack('pi-demo-network'), undefined)
  })
})
