import assert from 'node:assert/strict'
import {protectingPolicy} from '../../../src/domain/stack-policy.ts'
import {must, runDeploy} from '../../helpers/fake-aws/scenario.ts'
import {executed, journal, lockOf, parametersOf, records} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

describe('a first deploy', () => {
  it('takes the parts in the order of the graph, the app quiesced before it is released', async () => {
    const world = new World()
    const quiesced: string[] = []
    const protectedDatabase: string[] = []
    const ended = await runDeploy(
      world,
      {},
      {
        onCall({name, args}) {
          if (name !== 'stacks.createChangeSet') return
          const request = args[0] as {stack: string; parameters: Record<string, unknown>}
          if (request.stack === 'pi-demo-database-1') {
            protectedDatabase.push(JSON.stringify(request.parameters['DeletionProtection']))
          }
          if (request.stack === 'pi-demo-app') quiesced.push(JSON.stringify(request.parameters['Quiesced']))
        },
      },
    )
    const result = must(ended)
    assert.deepEqual(executed(world), [
      'pi-create',
      'network',
      'files',
      'database',
      'database-guard',
      'app',
      'operations',
      'app-release',
    ])
    assert.deepEqual(protectedDatabase, ['{"value":"false"}', '{"value":"true"}'])
    assert.deepEqual(quiesced, ['{"value":"true"}', '{"value":"false"}'])
    assert.equal(result.changed, true)
    assert.deepEqual(
      result.parts.map(({part, status}) => `${part} ${status}`),
      [
        'foundation created',
        'network created',
        'files created',
        'database created',
        'app created',
        'operations created',
      ],
    )
    assert.equal(result.outputs['Url'], 'http://lb.example')
    assert.equal('TemplateVersion' in result.outputs, false)
  })

  it('begins files and database side by side', async () => {
    const world = new World()
    must(await runDeploy(world))
    const begun = (name: string): number => Date.parse(world.stack(name)?.createdAt ?? '')
    assert.equal(begun('pi-demo-files'), begun('pi-demo-database-1'))
  })

  it('makes the tree of the generation before the app and the database user and defaults before the release', async () => {
    const world = new World()
    must(await runDeploy(world))
    const order = world.log.flatMap(({method, args}) => {
      if (method === 'invoke') return [(args[1] as {operation: string}).operation]
      if (method === 'runTask') return [(args[0] as {taskDefinition: string}).taskDefinition]
      return method === 'executeChangeSet' && String(args[0]).includes('-app') ? ['app'] : []
    })
    assert.deepEqual(order, [
      'health',
      'prepare',
      'app',
      'check-pi-demo-database-1',
      'seed-pi-demo-app',
      'app',
      'activate',
    ])
  })

  it('runs its tasks in the application subnets with the application security group', async () => {
    const world = new World()
    must(await runDeploy(world))
    const task = world.log.find(({method}) => method === 'runTask')?.args[0] as Record<string, unknown>
    assert.deepEqual(task['subnetIds'], ['subnet-a1', 'subnet-a2'])
    assert.deepEqual(task['securityGroupIds'], ['sg-application'])
    assert.equal(task['cluster'], 'demo-cluster')
  })

  it('guards every stack by policy and termination protection', async () => {
    const world = new World()
    must(await runDeploy(world))
    const stacks = world.state.stacks.map(({terminationProtection, policy}) => ({terminationProtection, policy}))
    assert.equal(stacks.length, 6)
    for (const stack of stacks) assert.deepEqual(stack, {terminationProtection: true, policy: protectingPolicy})
  })

  it('says so when a protection does not take', async () => {
    const world = new World()
    world.ignores.add('setStackPolicy')
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'PROTECTION_NOT_SET')
    assert.equal(ended.exitCode, 1)
  })

  it('journals intent before effect, commits last and leaves no lock', async () => {
    const world = new World()
    must(await runDeploy(world))
    const written = journal(world)
    assert.deepEqual(written.slice(0, 3), ['upload done', 'foundation-protect done', 'secrets done'])
    for (const step of ['network', 'files', 'database', 'app', 'seed', 'app-release', 'operations']) {
      assert.ok(written.indexOf(`${step} intent`) < written.indexOf(`${step} done`), step)
    }
    assert.equal(written.at(-1), 'committed done')
    assert.equal(lockOf(world), undefined)
  })

  it('writes no secret into the ledger, into a parameter or into an event', async () => {
    const world = new World()
    const ended = await runDeploy(world, {
      secrets: {licence: 'SECRET-A', registry: {username: 'SECRET-B', password: 'SECRET-C'}},
    })
    const told = JSON.stringify([records(world, ''), world.state.stacks, ended.events, ended.value])
    assert.equal(/SECRET-[ABC]/.test(told), false)
    const stored = [...world.state.secrets.values()].map(({value}) => value)
    assert.ok(stored.includes('SECRET-A'))
    assert.ok(stored.includes('{"username":"SECRET-B","password":"SECRET-C"}'))
  })

  it('uploads each artifact once, under the hash of its content', async () => {
    const world = new World()
    must(await runDeploy(world))
    const keys = [...(world.state.buckets.get('artifacts-demo-1') ?? new Map<string, unknown>()).keys()]
    assert.equal(keys.filter((key) => /^templates\/[0-9a-f]{64}\/app\.yaml$/.test(key)).length, 1)
    assert.equal(keys.filter((key) => /^lambda\/[0-9a-f]{64}\.zip$/.test(key)).length, 1)
    assert.equal(
      parametersOf(world, 'pi-demo-files')['FunctionKey'],
      keys.find((key) => key.startsWith('lambda/')),
    )
    const {TemplatesUrl: url = ''} = parametersOf(world, 'pi-demo-app')
    assert.ok(keys.includes(`${url.split('/artifacts-demo-1/')[1] ?? ''}/app/service.yaml`), url)
  })

  it('is stopped by the seed task when the tree of its generation was not made', async () => {
    const world = new World()
    world.functionAnswers.set('prepare', {ok: true, directories: []})
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'TASK_FAILED')
    assert.match(ended.message, /Files: defaults of the image failed: .*mounting \/gen\/1 failed/)
    assert.equal(parametersOf(world, 'pi-demo-app')['Quiesced'], 'true')
    assert.deepEqual(
      [...world.state.services.values()].map(({desired}) => desired),
      [0, 0],
    )
  })

  it('carries on with the release once what stopped it is gone', async () => {
    const world = new World()
    world.functionAnswers.set('prepare', {ok: true, directories: []})
    await runDeploy(world)
    world.functionAnswers.clear()
    const result = must(await runDeploy(world))
    assert.equal(parametersOf(world, 'pi-demo-app')['Quiesced'], 'false')
    assert.deepEqual(
      result.parts.filter(({status}) => status !== 'unchanged').map(({part}) => part),
      ['app'],
    )
  })

  it('waits for a function that sleeps, and not for ever', async () => {
    const world = new World()
    world.functionsAwakeAt = world.clock.time + 120_000
    must(await runDeploy(world))
    const late = new World()
    late.functionsAwakeAt = late.clock.time + 3_600_000
    const ended = await runDeploy(late)
    assert.equal(ended.code, 'FUNCTION_ASLEEP')
  })

  const answers: {says: unknown; operation: string; code: string; text: RegExp}[] = [
    {
      operation: 'health',
      says: {ok: false, error: {code: 'X', message: 'no mount'}},
      code: 'FUNCTION_UNHEALTHY',
      text: /no mount/,
    },
    {operation: 'health', says: {ok: false}, code: 'FUNCTION_UNHEALTHY', text: /gave no reason/},
    {
      operation: 'prepare',
      says: {ok: false, error: {code: 'X', message: 'disk full'}},
      code: 'PREPARE_FAILED',
      text: /disk full/,
    },
    {operation: 'prepare', says: {ok: false}, code: 'PREPARE_FAILED', text: /gave no reason/},
  ]
  for (const {operation, says, code, text} of answers) {
    it(`fails with ${code} when ${operation} answers ${JSON.stringify(says)}`, async () => {
      const world = new World()
      world.functionAnswers.set(operation, says)
      const ended = await runDeploy(world)
      assert.equal(ended.code, code)
      assert.match(ended.message, text)
    })
  }

  it('takes a prepared tree as it is', async () => {
    const world = new World()
    world.functionAnswers.set('prepare', {ok: true})
    const ended = await runDeploy(world)
    assert.ok(
      ended.events.some(
        (event) => event.type === 'step.finished' && event.step === 'prepare' && event.outcome === 'unchanged',
      ),
    )
  })

  it('tells stack events as they come, with progress up to the number of changes', async () => {
    const ended = await runDeploy(new World())
    const told = ended.events.filter((event) => event.type === 'stack.event' && event.stack === 'pi-demo-network')
    assert.deepEqual(
      told.map((event) => (event.type === 'stack.event' ? event.status : '')),
      [
        'CREATE_IN_PROGRESS',
        'CREATE_IN_PROGRESS',
        'CREATE_COMPLETE',
        'CREATE_IN_PROGRESS',
        'CREATE_COMPLETE',
        'CREATE_COMPLETE',
      ],
    )
    const progress = ended.events.flatMap((event) =>
      event.type === 'stack.progress' && event.part === 'network' ? [`${event.done}/${event.total}`] : [],
    )
    assert.deepEqual(progress, ['1/2', '2/2'])
  })

  it('passes the tags and the role that CloudFormation assumes', async () => {
    const world = new World()
    must(await runDeploy(world, {cloudFormationRoleArn: 'arn:aws:iam::111122223333:role/cfn'}))
    const requests = world.log.flatMap(({method, args}) =>
      method === 'createChangeSet' ? [args[0] as Record<string, unknown>] : [],
    )
    assert.ok(requests.every((request) => request['roleArn'] === 'arn:aws:iam::111122223333:role/cfn'))
    assert.deepEqual(world.stack('pi-demo-app')?.goal?.tags, {'pi:environment': 'demo'})
  })
})
