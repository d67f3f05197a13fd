import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import {type OpId, parseAccountId, parseOpId} from '../../../src/domain/names.ts'
import {opsAbort, opsList, opsShow, opsUnlock} from '../../../src/flows/ops/ops.ts'
import {resume} from '../../../src/flows/ops/resume.ts'
import {
  atCall,
  configured,
  ctrlC,
  deathAt,
  demo,
  must,
  runDeploy,
  runDestroy,
  runFlow,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {entries, executed, lockOf, mutations, records, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const list = (world: World, limit = 10) => runFlow(world, (ports) => opsList({environment: demo, limit}, ports))
const show = (world: World, opId: string) =>
  runFlow(world, (ports) => opsShow({environment: demo, opId: opId as OpId}, ports))
const abort = (world: World, opId: string, options: RunOptions = {}) =>
  runFlow(world, (ports) => opsAbort({environment: demo, opId: opId as OpId}, ports), options)
const unlock = (world: World, force = false, options: RunOptions = {}) =>
  runFlow(world, (ports) => opsUnlock({environment: demo, force}, ports), options)
const goOn = (world: World, opId: string) =>
  runFlow(world, (ports, run) =>
    resume(
      {
        environment: demo,
        configuration: configured(),
        opId: parseOpId(opId),
        cloudFormationRoleArn: undefined,
        placeholderSecrets: false,
        assetsFolder: undefined,
      },
      ports,
      run,
      () => Promise.reject(new RangeError('no assets here')),
    ),
  )

/** A deploy that died while a stack of it was under way. */
async function died(): Promise<{world: World; opId: string}> {
  const world = new World()
  await runDeploy(world, {}, deathAt('network'))
  return {world, opId: lockOf(world)?.opId ?? ''}
}

describe('ops list and show', () => {
  it('list the newest first, as many as asked for', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.clock.pass(1000)
    must(await runDestroy(world))
    const {operations} = must(await list(world))
    assert.deepEqual(
      operations.map(({kind, state, lastStep}) => `${kind} ${state} ${lastStep ?? ''}`),
      ['destroy done committed', 'deploy done committed'],
    )
    assert.deepEqual(operations[0]?.holder.user, 'ann')
    assert.equal(must(await list(world, 1)).operations.length, 1)
  })

  it('show the journal of one, reasons included', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses'})
    await runDeploy(world)
    const [operation] = must(await list(world)).operations
    const shown = must(await show(world, operation!.opId))
    assert.equal(shown.state, 'failed')
    assert.match(shown.reason ?? '', /STACK_ROLLED_BACK/)
    assert.equal(shown.account, '111122223333')
    assert.equal(shown.cliVersion, '0.1.0')
    assert.deepEqual(
      shown.entries.map(({number}) => number),
      shown.entries.map((_, index) => index + 1),
    )
    assert.match(shown.entries.find(({kind}) => kind === 'fail')?.reason ?? '', /no addresses/)
    assert.deepEqual(
      shown.steps.map(({n, step, state}) => `${n} ${step} ${state}`).at(-1),
      `${shown.steps.length} network failed`,
    )
  })

  it('show an operation that died before its first entry', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation']}))
    await runDeploy(world, {}, {onCall: atCall(({name}) => name === 'stacks.list' && lockOf(world) !== undefined, cut)})
    function cut(): never {
      throw new FailedError('cut', {code: 'CUT'})
    }
    const bucket = world.state.buckets.get('records-demo-1')!
    for (const key of bucket.keys()) if (key.includes('failed')) bucket.delete(key)
    const [operation] = must(await list(world)).operations
    assert.equal(operation?.lastStep, undefined)
    assert.equal(operation?.updatedAt, operation?.startedAt)
  })

  it('end 5 for an operation that is not known, 12 without a foundation', async () => {
    const world = new World()
    assert.equal((await list(world)).code, 'NO_FOUNDATION')
    must(await runDeploy(world))
    const ended = await show(world, '20260101T000000Z-deploy-abcdef')
    assert.deepEqual([ended.code, ended.exitCode], ['OPERATION_NOT_FOUND', 5])
  })
})

describe('ops resume', () => {
  it('goes on with what a deploy was asked for', async () => {
    const world = new World()
    must(await runDeploy(world))
    const pause = new AbortController()
    await runDeploy(
      world,
      {parts: ['app'], configuration: configured({images: {tag: '2026_02'}})},
      {
        pause,
        onCall: atCall('stacks.executeChangeSet', () => ctrlC(pause)),
      },
    )
    const opId = must(await list(world)).operations[0]!.opId
    const {result} = must(await goOn(world, opId))
    assert.deepEqual('parts' in result ? result.parts.map(({part}) => part) : [], ['app'])
  })

  it('names change sets of each attempt anew, and removes those of the last', async () => {
    const world = new World()
    await runDeploy(
      world,
      {},
      {
        onCall: ({name, args}) => {
          if (name === 'stacks.executeChangeSet' && String(args[0]).includes('-network/'))
            throw new FailedError('cut', {code: 'CUT'})
        },
      },
    )
    const opId = must(await list(world)).operations[0]!.opId
    assert.equal(stackNamed(world, 'pi-demo-network').changeSets.length, 1)
    must(await goOn(world, opId))
    assert.deepEqual(
      stackNamed(world, 'pi-demo-network').changeSets.map(({name}) => name),
      [`pi-${opId}-2-network`],
    )
  })

  it('refuses what is done, what another took up, and what belongs to another account or region', async () => {
    const world = new World()
    must(await runDeploy(world))
    const done = must(await list(world)).operations[0]!.opId
    const ended = await goOn(world, done)
    assert.deepEqual([ended.code, ended.exitCode], ['NOT_UNFINISHED', 12])
    const dead = await died()
    dead.world.caller = {...dead.world.caller, account: parseAccountId('999999999999')}
    dead.world.log = []
    const wrong = await goOn(dead.world, dead.opId)
    assert.equal(wrong.code, 'WRONG_ACCOUNT')
    assert.match(wrong.message, /111122223333.*999999999999/)
    assert.deepEqual(mutations(dead.world), [])
    dead.world.caller = {...dead.world.caller, account: parseAccountId('111122223333')}
    must(await runDeploy(dead.world))
    assert.equal((await goOn(dead.world, dead.opId)).code, 'NOT_UNFINISHED')
  })

  it('of a removal of everything needs no second confirmation', async () => {
    const world = new World()
    must(await runDeploy(world))
    const pause = new AbortController()
    await runDestroy(
      world,
      {withData: true, confirmData: 'demo'},
      {pause, onCall: atCall('stacks.deleteStack', () => ctrlC(pause))},
    )
    const opId = must(await list(world)).operations[0]!.opId
    const {kind} = must(await goOn(world, opId))
    assert.equal(kind, 'destroy')
    assert.equal(world.state.buckets.size, 0)
  })
})

describe('ops abort', () => {
  it('stops a stack update that runs and closes the operation', async () => {
    const world = new World()
    must(await runDeploy(world))
    world.durations.update = 600_000
    const stopped = await runDeploy(
      world,
      {configuration: configured({images: {tag: '2026_02'}})},
      {
        onCall: ({name}) => {
          if (name === 'stacks.events' && stackNamed(world, 'pi-demo-app').status === 'UPDATE_IN_PROGRESS')
            throw new FailedError('cut', {code: 'CUT'})
        },
      },
    )
    assert.equal(stopped.code, 'CUT')
    const opId = must(await list(world)).operations[0]!.opId
    const result = must(await abort(world, opId))
    assert.deepEqual(result, {environment: 'demo', opId, state: 'aborted', undone: ['pi-demo-app']})
    assert.equal(stackNamed(world, 'pi-demo-app').status, 'UPDATE_ROLLBACK_IN_PROGRESS')
    assert.equal(must(await show(world, opId)).state, 'aborted')
    assert.equal(lockOf(world), undefined)
    must(await runDeploy(world, {configuration: configured({images: {tag: '2026_02'}})}))
  })

  it('deletes change sets that were made and not executed', async () => {
    const world = new World()
    await runDeploy(
      world,
      {},
      {
        onCall: ({name, args}) => {
          if (name === 'stacks.executeChangeSet' && String(args[0]).includes('-network/'))
            throw new FailedError('cut', {code: 'CUT'})
        },
      },
    )
    const opId = must(await list(world)).operations[0]!.opId
    assert.deepEqual(must(await abort(world, opId)).undone, [`pi-${opId}-1-network`])
    assert.deepEqual(stackNamed(world, 'pi-demo-network').changeSets, [])
    assert.equal((await abort(world, opId)).code, 'NOT_UNFINISHED')
  })

  it('is refused while somebody alive works on it', async () => {
    const {world, opId} = await died()
    world.alive.add(lockOf(world)!.holder.pid)
    const ended = await abort(world, opId)
    assert.deepEqual([ended.code, ended.exitCode], ['LOCKED', 11])
  })
})

describe('ops unlock', () => {
  it('breaks a dead lock and writes so into the journal of its operation', async () => {
    const {world, opId} = await died()
    const result = must(await unlock(world))
    assert.equal(result.unlocked, true)
    assert.match(result.holder ?? '', /ann on desk/)
    assert.equal(lockOf(world), undefined)
    assert.equal(entries(world).at(-1)?.step, 'unlocked')
    assert.equal(must(await show(world, opId)).state, 'open')
  })

  it('says that there is nothing to break', async () => {
    const world = new World()
    must(await runDeploy(world))
    assert.deepEqual(must(await unlock(world)), {environment: 'demo', unlocked: false})
  })

  it('leaves a lock that may be alive, unless it is forced', async () => {
    const {world} = await died()
    world.alive.add(lockOf(world)!.holder.pid)
    const ended = await unlock(world)
    assert.deepEqual([ended.code, ended.exitCode], ['HOLDER_MAY_LIVE', 11])
    assert.equal(must(await unlock(world, true)).unlocked, true)
  })

  it('does not break a lock that changed hands just then', async () => {
    const {world} = await died()
    const ended = await unlock(world, false, {
      onCall({name, args}) {
        if (name === 'objects.deleteIfMatch')
          world.aws.objects.put('records-demo-1', String(args[1]), new Uint8Array([1]))
      },
    })
    assert.equal(ended.code, 'LOCK_MOVED')
  })

  it('breaks what nobody can read, and one that is older than its journal', async () => {
    const {world, opId} = await died()
    const bucket = world.state.buckets.get('records-demo-1')!
    const lock = bucket.get('locks/demo.json')!
    bucket.set('locks/demo.json', {...lock, body: new Uint8Array([1]), modified: 0})
    assert.equal(must(await unlock(world)).holder, 'somebody unknown')
    bucket.set('locks/demo.json', lock)
    for (const [key] of records(world, `ops/${opId}`)) bucket.delete(key)
    assert.equal(must(await unlock(world)).unlocked, true)
  })

  it('adds nothing to a journal that is closed, and tells a broken one', async () => {
    const {world, opId} = await died()
    const bucket = world.state.buckets.get('records-demo-1')!
    const lock = bucket.get('locks/demo.json')!
    must(await abort(world, opId))
    const before = records(world, 'ops/')
    bucket.set('locks/demo.json', lock)
    must(await unlock(world))
    assert.deepEqual(records(world, 'ops/'), before)
    bucket.set('locks/demo.json', lock)
    bucket.set(`ops/${opId}/operation.json`, {...lock, body: new Uint8Array([1])})
    assert.equal((await unlock(world)).code, 'JOURNAL_UNREADABLE')
    assert.deepEqual(executed(world).length > 0, true)
  })
})
