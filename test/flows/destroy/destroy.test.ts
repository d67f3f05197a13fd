import assert from 'node:assert/strict'
import {FailedError} from '../../../src/domain/errors.ts'
import {protectingPolicy} from '../../../src/domain/stack-policy.ts'
import {atCall, ctrlC, executes, must, runDeploy, runDestroy} from '../../helpers/fake-aws/scenario.ts'
import {
  executed,
  journal,
  lockOf,
  messages,
  mutations,
  parametersOf,
  records,
  stackNamed,
} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

async function deployed(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  for (const instance of world.state.instances.values()) instance.data = 'rows'
  world.log = []
  return world
}

function deletedStacks(world: World): string[] {
  return world.log.flatMap(({method, args}) => (method === 'deleteStack' ? [String(args[0]).split('/')[1] ?? ''] : []))
}

describe('destroy', () => {
  it('takes services to zero, saves the database, then goes from the top down', async () => {
    const world = await deployed()
    const steps = world.log
    const result = must(await runDestroy(world))
    const order = steps.flatMap(({method, args}) => {
      if (method === 'executeChangeSet')
        return [`change ${/change-pi-demo-([a-z0-9-]+)\//.exec(String(args[0]))?.[1] ?? ''}`]
      if (method === 'deleteStack') return [`delete ${String(args[0]).split('/')[1] ?? ''}`]
      return method === 'createSnapshot' ? ['snapshot'] : []
    })
    assert.deepEqual(order, [
      'change app',
      'snapshot',
      'delete pi-demo-operations',
      'delete pi-demo-app',
      'change database-1',
      'delete pi-demo-database-1',
      'change files',
      'delete pi-demo-network',
    ])
    assert.deepEqual(result.removed, ['pi-demo-operations', 'pi-demo-app', 'pi-demo-database-1', 'pi-demo-network'])
    assert.equal(lockOf(world), undefined)
    assert.equal(journal(world).at(-1), 'committed done')
  })

  it('lists what stays and what it costs', async () => {
    const world = await deployed()
    const result = must(await runDestroy(world))
    assert.deepEqual(result.kept.slice(0, 3), ['pi-demo-foundation', 'pi-demo-files', 'fs-demo-1'])
    assert.ok(result.keptDetails.every(({what, costs}) => what !== '' && costs !== ''))
    assert.ok(result.keptDetails.some(({what, id}) => what === 'Database snapshot' && id.includes('-1-final-')))
    assert.ok(
      result.keptDetails.some(({what, id}) => what === 'Database secret' && id.includes('user-pi-demo-database-1')),
    )
    assert.equal(
      result.kept.some((id) => id.includes('secret:licence')),
      false,
      'named by the foundation',
    )
  })

  it('keeps foundation and files guarded, the files without function and mount targets', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    const standing = world.state.stacks.filter(({status}) => status !== 'DELETE_COMPLETE')
    assert.deepEqual(
      standing.map(({name, terminationProtection, policy}) => ({
        name,
        guarded: terminationProtection && policy === protectingPolicy,
      })),
      [
        {name: 'pi-demo-foundation', guarded: true},
        {name: 'pi-demo-files', guarded: true},
      ],
    )
    assert.equal(parametersOf(world, 'pi-demo-files')['Attached'], 'false')
    assert.deepEqual(
      [...world.state.fileSystems.values()].map(({mountTargets}) => mountTargets),
      [false],
    )
  })

  it('tells a mirror that stays, and takes it away with the data, whose key it needs', async () => {
    const digest = `sha256:${'1'.repeat(64)}`
    const release = {server: digest, renderer: digest, scheduler: digest, pirana: digest}
    const mirror = {registry: 'ecr/pi-demo', releases: {'2026_10': release}, others: {}}
    const world = await deployed()
    for (const name of ['pi-demo/server', 'pi-demo/pirana', 'pi-other/server']) {
      world.repositories.set(name, {keyArn: undefined})
    }
    const {keptDetails} = must(await runDestroy(world, {mirror}))
    const mirrored = keptDetails.filter(({what}) => what === 'Mirrored images').map(({id}) => id)
    assert.deepEqual(mirrored, ['pi-demo/pirana', 'pi-demo/server'])
    const ended = await runDestroy(world, {mirror, withData: true, confirmData: 'demo'})
    assert.ok(must(ended).removed.includes('pi-demo/server'))
    assert.match(messages(ended.events, 'warning').join(), /images\.mirror .*pi-aws registry mirror demo/)
    assert.deepEqual([...world.repositories.keys()], ['pi-other/server'])
  })

  it('waits until the function has let go of the network', async () => {
    const world = await deployed()
    world.durations.interfaces = 25 * 60_000
    const before = world.clock.time
    must(await runDestroy(world))
    assert.ok(world.clock.time - before > 25 * 60_000)
  })

  it('ends 8 when the interfaces stay too long, and goes on from there', async () => {
    const world = await deployed()
    world.durations.interfaces = 50 * 60_000
    const ended = await runDestroy(world)
    assert.equal(ended.code, 'INTERFACES_STAY')
    assert.equal(ended.exitCode, 8)
    assert.equal(journal(world).at(-1), 'paused done')
    world.clock.pass(10 * 60_000)
    assert.deepEqual(must(await runDestroy(world)).removed, ['pi-demo-network'])
  })

  it('wants the name, and once more for the data', async () => {
    const world = await deployed()
    const cases: [object, string][] = [
      [{confirm: undefined}, 'CONFIRMATION_MISSING'],
      [{confirm: 'prod'}, 'CONFIRMATION_WRONG'],
      [{withData: true}, 'CONFIRMATION_MISSING'],
      [{withData: true, confirmData: 'prod'}, 'CONFIRMATION_WRONG'],
    ]
    for (const [options, code] of cases) assert.equal((await runDestroy(world, options)).code, code)
    assert.deepEqual(mutations(world), [])
    must(await runDestroy(world, {confirm: undefined, confirmed: true}))
  })

  it('is refused with the credentials of another account, and nothing was changed', async () => {
    const world = await deployed()
    const ended = await runDestroy(world, {account: '999999999999'})
    assert.deepEqual([ended.code, ended.exitCode], ['WRONG_ACCOUNT', 12])
    assert.deepEqual(mutations(world), [])
  })

  it('is refused where nothing is', async () => {
    const ended = await runDestroy(new World())
    assert.deepEqual([ended.code, ended.exitCode], ['NO_FOUNDATION', 12])
  })

  it('twice finds nothing left to do and keeps what was retained', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    const retained = records(world, 'retained/')
    const again = must(await runDestroy(world))
    assert.deepEqual(again.removed, [])
    assert.deepEqual(records(world, 'retained/'), retained)
  })

  it('never loses the retained data when a deploy in between came to nothing', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    const retained = records(world, 'retained/')
    world.fail('pi-demo-database-2', 'create', {logicalId: 'CheckTask', reason: 'no'})
    assert.equal((await runDeploy(world)).code, 'STACK_ROLLED_BACK')
    must(await runDestroy(world))
    assert.deepEqual(records(world, 'retained/'), retained)
    must(await runDeploy(world))
    assert.deepEqual(
      [...world.state.instances.values()].map(({data}) => data),
      ['rows'],
    )
  })

  it('saves what was written since an interrupted destroy, once the services ran again', async () => {
    const world = await deployed()
    const stopped = await runDestroy(
      world,
      {},
      {
        onCall({name}) {
          if (name === 'stacks.deleteStack') throw new FailedError('not now', {code: 'TEST'})
        },
      },
    )
    assert.equal(stopped.code, 'TEST')
    must(await runDeploy(world))
    for (const instance of world.state.instances.values()) instance.data = 'rows and more'
    must(await runDestroy(world))
    must(await runDeploy(world))
    assert.deepEqual(
      [...world.state.instances.values()].map(({data}) => data),
      ['rows and more'],
    )
  })

  it('does not adopt a snapshot that failed', async () => {
    const world = await deployed()
    const failing = await runDestroy(
      world,
      {},
      {
        onCall({name}) {
          if (name === 'databases.snapshot')
            for (const snapshot of world.state.snapshots.values()) snapshot.failed = true
        },
      },
    )
    assert.equal(failing.code, 'SNAPSHOT_FAILED')
    assert.match(failing.message, /is failed: nothing was deleted/)
    assert.deepEqual(deletedStacks(world), [])
    world.clock.pass(1000)
    must(await runDestroy(world))
    assert.equal(world.state.snapshots.size, 3)
  })

  it('stops when the snapshot vanishes or never ends', async () => {
    const world = await deployed()
    const gone = await runDestroy(
      world,
      {},
      {onCall: atCall('databases.snapshot', () => world.state.snapshots.clear())},
    )
    assert.match(gone.message, /is gone: nothing was deleted/)
    world.durations.snapshot = 5 * 3_600_000
    world.clock.pass(1000)
    assert.match((await runDestroy(world)).message, /is creating: nothing was deleted/)
  })

  it('reads the family from the engine where the stack does not name it', async () => {
    const world = await deployed()
    delete stackNamed(world, 'pi-demo-database-1').goal?.parameters['ParameterGroupFamily']
    world.brokenChangeSets.clear()
    must(await runDestroy(world))
    assert.match(records(world, 'retained/')[0]?.[1] ?? '', /"parameterGroupFamily":"mariadb10\.11"/)
  })

  it('waits for what CloudFormation is at, in its own order, before it saves and deletes', async () => {
    const world = new World()
    const pause = new AbortController()
    await runDeploy(world, {}, {pause, onCall: atCall(executes('database'), () => ctrlC(pause))})
    assert.equal(stackNamed(world, 'pi-demo-database-1').status, 'CREATE_IN_PROGRESS')
    const ended = await runDestroy(world)
    must(ended)
    assert.match(messages(ended.events, 'note').join(), /is CREATE_IN_PROGRESS\. Waiting for it to end/)
    assert.equal(world.state.instances.size, 0)
    assert.equal(records(world, 'retained/').length, 1)
  })

  it('continues a failed rollback of the app to take its services to zero', async () => {
    const world = await deployed()
    stackNamed(world, 'pi-demo-app').status = 'UPDATE_ROLLBACK_FAILED'
    must(await runDestroy(world))
    assert.ok(mutations(world).includes('stacks.continueRollback'))
  })

  it('removes an app that cannot be quiesced before it saves the database', async () => {
    const world = await deployed()
    const app = stackNamed(world, 'pi-demo-app')
    app.status = 'UPDATE_FAILED'
    app.goal!.parameters['DeletionProtection'] = 'false'
    must(await runDestroy(world))
    const order = world.log.flatMap(({method, args}) =>
      method === 'createSnapshot' ? ['snapshot'] : method === 'deleteStack' ? [String(args[0]).split('/')[1]] : [],
    )
    assert.deepEqual(order.slice(0, 3), ['pi-demo-operations', 'pi-demo-app', 'snapshot'])
    assert.equal(records(world, 'retained/').length, 1)
  })

  it('saves a database whose last update failed for good', async () => {
    const world = await deployed()
    const database = stackNamed(world, 'pi-demo-database-1')
    database.status = 'UPDATE_ROLLBACK_FAILED'
    must(await runDestroy(world))
    assert.equal(records(world, 'retained/').length, 1)
  })

  it('does not take the files stack away from files that it cannot take off the network', async () => {
    const world = await deployed()
    stackNamed(world, 'pi-demo-files').status = 'UPDATE_FAILED'
    const ended = await runDestroy(world)
    assert.equal(ended.exitCode, 15)
    assert.match(ended.message, /pi-demo-files is UPDATE_FAILED.*mount targets/)
    assert.equal(deletedStacks(world).includes('pi-demo-files'), false)
    assert.equal(deletedStacks(world).includes('pi-demo-network'), false)
  })

  it('removes the shell of files that were never made', async () => {
    const world = new World()
    world.fail('pi-demo-files', 'create', {logicalId: 'SideloadFunction', reason: 'no'})
    await runDeploy(world)
    const result = must(await runDestroy(world))
    assert.equal(world.stack('pi-demo-files'), undefined)
    assert.equal(result.kept.includes('pi-demo-files'), false)
  })

  it('takes down an environment of which only the foundation stands', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation']}))
    const result = must(await runDestroy(world))
    assert.deepEqual([result.removed, result.kept], [[], ['pi-demo-foundation']])
  })

  it('removes every generation of the database and saves the active one', async () => {
    const world = await deployed()
    const first = stackNamed(world, 'pi-demo-database-1')
    const second = structuredClone(first)
    const name = 'pi-demo-database-2'
    Object.assign(second.goal!.parameters, {Generation: '2', DeletionProtection: 'false'})
    world.state.stacks.push(
      Object.assign(second, {name, id: first.id.replace('database-1', 'database-2'), changeSets: [], tokens: []}),
    )
    must(await runDestroy(world))
    assert.deepEqual(
      deletedStacks(world).filter((one) => one.includes('database')),
      ['pi-demo-database-1', name],
    )
    assert.match(records(world, 'retained/')[0]?.[1] ?? '', /"generation":1/)
  })

  it('passes the role that CloudFormation assumes', async () => {
    const world = await deployed()
    const role = 'arn:aws:iam::111122223333:role/cfn'
    must(await runDestroy(world, {cloudFormationRoleArn: role}))
    const deletions = world.log.filter(({method}) => method === 'deleteStack')
    assert.ok(deletions.length > 0 && deletions.every(({args}) => (args[2] as {roleArn?: string}).roleArn === role))
  })

  it('warns that services are down when it fails in between', async () => {
    const world = await deployed()
    world.fail('pi-demo-app', 'delete', {logicalId: 'Seed', reason: 'in use'})
    const ended = await runDestroy(world)
    assert.equal(ended.code, 'STACK_STUCK')
    assert.match(messages(ended.events, 'warning').join(), /users get a 503 page/)
    assert.equal(journal(world).at(-1), 'failed done')
    must(await runDestroy(world))
  })
})

describe('destroy --with-data', () => {
  const all = {withData: true, confirmData: 'demo'}

  it('removes everything and takes no snapshot', async () => {
    const world = await deployed()
    const result = must(await runDestroy(world, all))
    assert.equal(
      world.log.some(({method}) => method === 'createSnapshot'),
      false,
    )
    assert.deepEqual(result.kept, [])
    assert.ok(result.removed.includes('pi-demo-foundation'))
    assert.ok(result.removed.includes('fs-demo-1'))
    assert.ok(result.removed.some((id) => id.startsWith('arn:aws:kms:') && id.includes('deleted on 2026-02-01')))
    assert.deepEqual(
      world.state.stacks.filter(({status}) => status !== 'DELETE_COMPLETE'),
      [],
    )
    const {buckets, secrets, snapshots, fileSystems, vaults} = world.state
    for (const left of [buckets, secrets, snapshots, fileSystems, vaults]) assert.equal(left.size, 0)
  })

  it('after a destroy that kept them removes what stayed: files, snapshots, secrets of databases that are gone', async () => {
    const world = await deployed()
    must(await runDestroy(world))
    must(await runDestroy(world, all))
    const {buckets, secrets, snapshots, fileSystems} = world.state
    for (const left of [buckets, secrets, snapshots, fileSystems]) assert.equal(left.size, 0)
  })

  it('leaves the ledger until nothing else is left but the stack that names it', async () => {
    const world = await deployed()
    must(await runDestroy(world, all))
    const order = world.log.flatMap(({port, method, args}) => {
      if (method === 'deleteBucket') return [String(args[0])]
      if (method === 'deleteStack') return [String(args[0]).split('/')[1] ?? '']
      return port === 'keys' ? ['key'] : []
    })
    assert.deepEqual(order.slice(-3), ['records-demo-1', 'key', 'pi-demo-foundation'])
  })

  it('removes a files stack that cannot be changed, then its file system', async () => {
    const world = await deployed()
    stackNamed(world, 'pi-demo-files').status = 'UPDATE_FAILED'
    const ended = await runDestroy(world, all)
    // Its mount targets hold the network: that is told, not forced.
    assert.equal(ended.exitCode, 15)
    assert.match(ended.message, /pi-demo-network was not deleted/)
  })

  it('of an environment with nothing but a foundation is done with that', async () => {
    const world = new World()
    must(await runDeploy(world, {parts: ['foundation']}))
    const result = must(await runDestroy(world, all))
    assert.ok(result.removed.includes('records-demo-1'))
    assert.equal(executed(world).length, 1)
  })

  it('removes files whose stack never came to have any', async () => {
    const world = new World()
    world.fail('pi-demo-files', 'create', {logicalId: 'SideloadFunction', reason: 'no'})
    await runDeploy(world)
    assert.ok(must(await runDestroy(world, all)).removed.includes('pi-demo-files'))
  })
})
