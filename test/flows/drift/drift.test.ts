import assert from 'node:assert/strict'
import {AccessError} from '../../../src/domain/errors.ts'
import {drift} from '../../../src/flows/drift/drift.ts'
import {atCall, ctrlC, demo, deployed, must, runFlow, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {mutations, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const look = (world: World, options: RunOptions = {}) =>
  runFlow(world, (ports, run) => drift({environment: demo}, ports, run), options)
const compared = async (world: World) => must(await look(world))

/** A stack nested in one of the environment, with one resource. */
function nest(world: World, parent: string, logicalId: string, resource: {logicalId: string; type: string}) {
  const child = world.addStack(`${parent}-${logicalId}-1`)
  child.status = 'CREATE_COMPLETE'
  child.resources.push({...resource, physicalId: `physical-${resource.logicalId}`, status: 'CREATE_COMPLETE'})
  const row = {logicalId, physicalId: child.id, type: 'AWS::CloudFormation::Stack', status: 'CREATE_COMPLETE'}
  stackNamed(world, parent).resources.push(row)
  return child
}

describe('drift', () => {
  it('finds an environment that nobody touched in sync, and changes nothing', async () => {
    const world = await deployed()
    const result = await compared(world)
    assert.equal(result.verdict, 'in-sync')
    assert.deepEqual(result.resources, [])
    assert.deepEqual(
      result.stacks.map(({stack, verdict, unknown}) => [stack, verdict, unknown]).toSorted(),
      ['app', 'database-1', 'files', 'foundation', 'network', 'operations'].map((part) => [
        `pi-demo-${part}`,
        'in-sync',
        [],
      ]),
    )
    assert.ok(result.stacks.every(({inSync, drifted}) => inSync > 0 && drifted === 0))
    assert.deepEqual(mutations(world), [])
  })

  it('tells every property that differs, and what matters most first', async () => {
    const world = await deployed()
    world.drift.set('AlarmTopic', {deleted: false, properties: ['/DisplayName']})
    world.drift.set('Instance', {deleted: false, properties: ['/DBInstanceClass', '/MasterUserSecret']})
    world.drift.set('FileSystem', {deleted: true, properties: []})
    world.drifts.values.set('Instance/DBInstanceClass', {expected: 'db.t4g.medium', actual: 'db.t4g.large'})
    nest(world, 'pi-demo-app', 'Edge', {logicalId: 'Listener', type: 'AWS::ElasticLoadBalancingV2::Listener'})
    world.drift.set('Listener', {deleted: false, properties: ['/Port']})
    const result = await compared(world)
    assert.equal(result.verdict, 'drifted')
    assert.deepEqual(
      result.resources.map(({name, state, weight}) => [name, state, weight]),
      [
        ['FileSystem', 'deleted', 'data'],
        ['Instance', 'modified', 'data'],
        ['Edge.Listener', 'modified', 'access'],
        ['AlarmTopic', 'modified', 'other'],
      ],
    )
    assert.deepEqual(result.resources[1]?.differences, [
      {path: '/DBInstanceClass', kind: 'changed', expected: 'db.t4g.medium', actual: 'db.t4g.large'},
      {path: '/MasterUserSecret', kind: 'changed', expected: '[removed]', actual: '[removed]'},
    ])
    const app = result.stacks.find(({part}) => part === 'app')
    assert.deepEqual([app?.verdict, app?.drifted], ['drifted', 1])
  })

  it('takes what AWS or pi-aws itself moves for in sync, and a change beside it for drift', async () => {
    const world = await deployed()
    world.drift.set('Instance', {deleted: false, properties: ['/AllocatedStorage']})
    assert.equal((await compared(world)).verdict, 'in-sync')
    world.drift.set('Instance', {deleted: false, properties: ['/AllocatedStorage', '/MultiAZ']})
    const {resources} = await compared(world)
    assert.deepEqual(
      resources.map(({differences}) => differences.map(({path}) => path)),
      [['/MultiAZ']],
    )
  })

  it('takes a deletion of a nested stack for drift', async () => {
    const world = await deployed()
    const child = nest(world, 'pi-demo-app', 'Edge', {logicalId: 'Listener', type: 'AWS::X'})
    child.status = 'DELETE_COMPLETE'
    const {verdict, resources} = await compared(world)
    assert.deepEqual([verdict, resources.map(({name, state}) => [name, state])], ['drifted', [['Edge', 'deleted']]])
  })

  it('never takes for in sync what could not be read, was not read this time, or whose stack is changing', async () => {
    const unreadable = await deployed()
    unreadable.drifts.unreadable.add('Instance')
    const first = await compared(unreadable)
    assert.deepEqual(
      [first.verdict, first.resources.map(({name, state}) => [name, state])],
      ['unknown', [['Instance', 'unknown']]],
    )
    assert.match(first.stacks.flatMap(({unknown}) => unknown).join(), /pi-demo-database-1: Failed to detect.*Instance/)

    const stale = await deployed()
    stale.drifts.stale.add('Key')
    const second = await compared(stale)
    assert.deepEqual([second.verdict, second.resources.map(({name}) => name)], ['unknown', ['Key']])
    assert.match(second.stacks.flatMap(({unknown}) => unknown).join(), /Key could not be read/)

    const changing = await deployed()
    stackNamed(changing, 'pi-demo-network').status = 'UPDATE_IN_PROGRESS'
    stackNamed(changing, 'pi-demo-files').status = 'UPDATE_FAILED'
    const third = await compared(changing)
    assert.equal(third.verdict, 'unknown')
    assert.match(third.stacks.flatMap(({unknown}) => unknown).join(), /UPDATE_IN_PROGRESS: .* while it changes/)
    assert.match(third.stacks.flatMap(({unknown}) => unknown).join(), /UPDATE_FAILED: .* in this state/)
    assert.deepEqual(third.notComparable, {})
  })

  it('gives up on a comparison that does not end, and says so', async () => {
    const world = await deployed()
    world.drifts.duration = 3_600_000
    const {verdict, stacks} = await compared(world)
    assert.equal(verdict, 'unknown')
    assert.match(stacks[0]?.unknown[0] ?? '', /did not end its comparison within 15 minutes/)
  })

  it('waits while the same stack is compared for somebody else', async () => {
    const world = await deployed()
    const {id} = stackNamed(world, 'pi-demo-network')
    world.drifts.busy.set(id, 3)
    assert.equal((await compared(world)).verdict, 'in-sync')
    assert.equal(world.drifts.begun.filter(({stack}) => stack === id).length, 1)
  })

  it('counts what CloudFormation cannot compare by type, and never as in sync', async () => {
    const world = await deployed()
    world.drifts.notComparable.add('AWS::EC2::NatGateway')
    const {verdict, notComparable, stacks} = await compared(world)
    assert.deepEqual([verdict, notComparable], ['in-sync', {'AWS::EC2::NatGateway': 1}])
    const network = stacks.find(({part}) => part === 'network')
    assert.deepEqual([network?.inSync, network?.notComparable], [1, 1])
  })

  it('compares at most six stacks at once', async () => {
    const world = await deployed()
    for (const name of ['A', 'B', 'C', 'D']) nest(world, 'pi-demo-app', name, {logicalId: name, type: 'AWS::X'})
    await compared(world)
    const {begun, duration} = world.drifts
    const most = Math.max(
      ...begun.map(({at}) => begun.filter((other) => other.at <= at && other.at + duration > at).length),
    )
    assert.equal(begun.length, 10)
    assert.ok(most > 1 && most <= 6, String(most))
  })

  it('compares every generation of the database', async () => {
    const world = await deployed()
    const old = world.addStack('pi-demo-database-2')
    old.status = 'CREATE_COMPLETE'
    old.resources.push({logicalId: 'Old', physicalId: 'i', type: 'AWS::RDS::DBInstance', status: 'CREATE_COMPLETE'})
    world.drift.set('Old', {deleted: true, properties: []})
    const {resources} = await compared(world)
    assert.deepEqual(
      resources.map(({stack, name}) => [stack, name]),
      [['pi-demo-database-2', 'Old']],
    )
  })

  it('says that nothing is deployed, which is not in sync', async () => {
    const world = new World()
    assert.deepEqual([(await look(world)).code, (await look(world)).exitCode], ['NOT_DEPLOYED', 5])
    world.addStack('pi-demo-foundation')
    assert.equal((await look(world)).code, 'NOT_DEPLOYED')
  })

  it('names the permission that is missing, and stops at Ctrl-C', async () => {
    const world = await deployed()
    const denied = atCall('drifts.begin', () => {
      throw new AccessError('AWS denies cloudformation:DetectStackDrift.', {code: 'ACCESS_DENIED'})
    })
    const ended = await look(world, {onCall: denied})
    assert.deepEqual([ended.exitCode, ended.message], [4, 'AWS denies cloudformation:DetectStackDrift.'])
    const pause = new AbortController()
    const stopped = await look(world, {pause, onCall: atCall('drifts.progress', () => ctrlC(pause))})
    assert.equal(stopped.code, 'PAUSED')
  })
})
