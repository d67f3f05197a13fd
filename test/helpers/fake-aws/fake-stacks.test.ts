import assert from 'node:assert/strict'
import type {ChangeSetRequest} from '../../../src/flows/ports.ts'
import {Killed} from './fake-process.ts'
import {World} from './world.ts'

const template = `
Parameters:
  Size: {Type: String}
  Attached: {Type: String, Default: 'true'}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Thing: {Type: 'AWS::Test::Thing', Properties: {Size: !Ref Size}}
  Mount: {Type: 'AWS::EFS::MountTarget', Condition: IsAttached}
`

function request(more: Partial<ChangeSetRequest> = {}): ChangeSetRequest {
  return {
    stack: 's',
    name: 'one',
    kind: 'CREATE',
    template: {body: template},
    parameters: {Size: {value: '1'}},
    tags: {},
    token: 't',
    description: '',
    ...more,
  }
}

const update = (name: string, parameters: ChangeSetRequest['parameters'] = {Size: {previous: true}}) =>
  request({kind: 'UPDATE', name, parameters})

function created() {
  const world = new World()
  const {stacks} = world.aws
  stacks.executeChangeSet(stacks.createChangeSet(request()), 'token')
  world.clock.pass(10_000)
  return {world, stacks, status: () => stacks.describe('s')?.status}
}

/** Executes an update and lets it end. */
function updated(at: ReturnType<typeof created>, name: string, parameters?: ChangeSetRequest['parameters']): void {
  at.stacks.executeChangeSet(at.stacks.createChangeSet(update(name, parameters)), name)
  at.world.clock.pass(10_000)
}

describe('the fake CloudFormation', () => {
  it('creates: reviewed, in progress, complete, with events whose ids rise', () => {
    const world = new World()
    const {stacks} = world.aws
    const arn = stacks.createChangeSet(request())
    assert.equal(stacks.describe('s')?.status, 'REVIEW_IN_PROGRESS')
    assert.deepEqual(stacks.describe('s')?.parameters, {})
    assert.equal(stacks.describeChangeSet(arn).state, 'pending')
    world.clock.pass(200)
    const ready = stacks.describeChangeSet(arn)
    assert.deepEqual(
      ready.changes.map(({logicalId, action}) => `${action} ${logicalId}`),
      ['Add Bucket', 'Add Thing', 'Add Mount'],
    )
    stacks.executeChangeSet(arn, 'token')
    assert.equal(stacks.describe('s')?.status, 'CREATE_IN_PROGRESS')
    world.clock.pass(world.durations.create)
    assert.equal(stacks.describe('s')?.status, 'CREATE_COMPLETE')
    const events = stacks.events('s')
    assert.deepEqual(
      events.map(({id}) => id),
      events.map(({id}) => id).sort(),
    )
    assert.deepEqual(stacks.events('s', events.at(-2)?.id), [events.at(-1)])
    assert.ok(events.every(({token}) => token === 'token'))
    assert.deepEqual(
      stacks.resources('s').map(({status}) => status),
      ['CREATE_COMPLETE', 'CREATE_COMPLETE', 'CREATE_COMPLETE'],
    )
  })

  it('compares: nothing, a parameter, a condition', () => {
    const {world, stacks} = created()
    const rows = (name: string, parameters?: ChangeSetRequest['parameters']) => {
      const arn = stacks.createChangeSet(update(name, parameters))
      world.clock.pass(200)
      const {state, changes} = stacks.describeChangeSet(arn)
      return [state, ...changes.map(({logicalId, action}) => `${action} ${logicalId}`)]
    }
    assert.deepEqual(rows('same'), ['empty'])
    assert.deepEqual(rows('size', {Size: {value: '2'}}), ['ready', 'Modify Thing'])
    assert.deepEqual(rows('off', {Size: {previous: true}, Attached: {value: 'false'}}), ['ready', 'Remove Mount'])
  })

  it('refuses what CloudFormation refuses', () => {
    const {stacks} = created()
    const refused: [string, ChangeSetRequest][] = [
      ['a second creation', request({name: 'two'})],
      ['an update of nothing', update('x') && request({kind: 'UPDATE', stack: 'other'})],
      ['an unknown parameter', update('x', {Size: {value: '1'}, Nonsense: {value: '1'}})],
      ['a missing parameter', update('x', {})],
      ['a body too large', request({stack: 'big', template: {body: `${template}#${'x'.repeat(51_200)}`}})],
      ['an object that is not there', request({stack: 'far', template: {url: 'https://s3.example/b/k'}})],
      ['a previous value that never was', request({stack: 'new', parameters: {Size: {previous: true}}})],
    ]
    for (const [what, one] of refused)
      assert.throws(() => stacks.createChangeSet(one), {code: 'AWS_VALIDATION_ERROR'}, what)
  })

  it('finds a change set of the same name instead of making two, and drops the others when one is executed', () => {
    const {stacks} = created()
    const first = stacks.createChangeSet(update('a', {Size: {value: '2'}}))
    assert.equal(stacks.createChangeSet(update('a')), first)
    stacks.createChangeSet(update('b', {Size: {value: '3'}}))
    stacks.executeChangeSet(first, 'x')
    assert.equal(stacks.findChangeSet('s', 'b'), undefined)
    assert.equal(stacks.findChangeSet('s', 'a')?.executed, true)
    stacks.deleteChangeSet(first)
    assert.notEqual(stacks.findChangeSet('s', 'a'), undefined)
    stacks.executeChangeSet(first, 'y')
  })

  it('rolls a creation back', () => {
    const world = new World()
    const {stacks} = world.aws
    world.fail('s', 'create', {logicalId: 'Thing', reason: 'no', remains: ['Bucket']})
    stacks.executeChangeSet(stacks.createChangeSet(request()), 'x')
    world.clock.pass(10_000)
    assert.equal(stacks.describe('s')?.status, 'ROLLBACK_COMPLETE')
    assert.deepEqual(
      stacks.resources('s').map(({logicalId, status}) => `${logicalId} ${status}`),
      ['Bucket DELETE_FAILED', 'Thing DELETE_COMPLETE', 'Mount DELETE_COMPLETE'],
    )
    assert.deepEqual(
      stacks
        .events('s')
        .filter(({status}) => status === 'CREATE_FAILED')
        .map(({reason}) => reason),
      ['no', 'Resource creation cancelled', 'Resource creation cancelled'],
    )
    assert.throws(() => stacks.createChangeSet(update('x')), {code: 'AWS_VALIDATION_ERROR'})
  })

  it('rolls an update back, or fails to, and continues', () => {
    const at = created()
    at.world.fail('s', 'update', {logicalId: 'Thing', reason: 'no'})
    updated(at, 'a', {Size: {value: '2'}})
    assert.equal(at.status(), 'UPDATE_ROLLBACK_COMPLETE')
    assert.equal(at.stacks.describe('s')?.parameters['Size'], '1')
    at.world.fail('s', 'update', {logicalId: 'Thing', reason: 'no'})
    at.world.fail('s', 'rollback', {logicalId: 'Thing', reason: 'neither'})
    updated(at, 'b', {Size: {value: '2'}})
    assert.equal(at.status(), 'UPDATE_ROLLBACK_FAILED')
    at.stacks.continueRollback('s', 'go on', [])
    at.world.clock.pass(10_000)
    assert.equal(at.status(), 'UPDATE_ROLLBACK_COMPLETE')
    assert.throws(() => at.stacks.continueRollback('s', 'again', []), {code: 'AWS_VALIDATION_ERROR'})
  })

  it('cancels an update that runs', () => {
    const at = created()
    at.stacks.executeChangeSet(at.stacks.createChangeSet(update('a', {Size: {value: '2'}})), 'x')
    at.stacks.cancelUpdate('s', 'stop')
    assert.equal(at.status(), 'UPDATE_ROLLBACK_IN_PROGRESS')
    at.world.clock.pass(10_000)
    assert.equal(at.stacks.describe('s')?.parameters['Size'], '1')
    assert.throws(() => at.stacks.cancelUpdate('s', 'stop'), {code: 'AWS_VALIDATION_ERROR'})
  })

  it('enforces the stack policy on what holds data', () => {
    const at = created()
    at.stacks.setStackPolicy('s', '{"Statement":[{"Effect":"Deny"}]}')
    updated(at, 'a', {Size: {previous: true}, Attached: {value: 'false'}})
    assert.equal(at.status(), 'UPDATE_ROLLBACK_COMPLETE')
    assert.ok(at.stacks.events('s').some(({reason}) => reason === 'Action denied by stack policy'))
    at.stacks.setStackPolicy('s', '{}')
    updated(at, 'b', {Size: {previous: true}, Attached: {value: 'false'}})
    assert.equal(at.status(), 'UPDATE_COMPLETE')
    assert.equal(at.stacks.resources('s').find(({logicalId}) => logicalId === 'Mount')?.status, 'DELETE_COMPLETE')
  })

  it('deletes, unless it is protected, at work, or something does not go', () => {
    const at = created()
    at.stacks.setTerminationProtection('s', true)
    assert.throws(() => at.stacks.deleteStack('s', 'a'), /TerminationProtection/)
    at.stacks.setTerminationProtection('s', false)
    at.world.fail('s', 'delete', {logicalId: 'Thing', reason: 'in use'})
    const {id = ''} = at.stacks.describe('s') ?? {}
    at.stacks.deleteStack(id, 'a')
    at.world.clock.pass(10_000)
    assert.equal(at.status(), 'DELETE_FAILED')
    at.stacks.deleteStack(id, 'a')
    assert.equal(at.status(), 'DELETE_FAILED', 'the same token is the same call')
    at.stacks.deleteStack(id, 'b')
    at.world.clock.pass(10_000)
    assert.equal(at.status(), undefined)
    assert.equal(at.stacks.describe(id)?.status, 'DELETE_COMPLETE')
    assert.ok(at.stacks.events(id).some(({logicalId, status}) => logicalId === 'Bucket' && status === 'DELETE_SKIPPED'))
    assert.deepEqual(at.stacks.list('s'), [])
  })

  it('keeps what does not go when it is told to', () => {
    const at = created()
    at.world.fail('s', 'delete', {logicalId: 'Thing', reason: 'in use'})
    at.stacks.deleteStack('s', 'a', {retain: ['Thing']})
    at.world.clock.pass(10_000)
    assert.equal(at.status(), undefined)
  })

  it('a copy goes its own way', () => {
    const at = created()
    const copy = at.world.copy()
    updated(at, 'a', {Size: {value: '2'}})
    assert.equal(copy.aws.stacks.describe('s')?.parameters['Size'], '1')
    assert.equal(copy.clock.time + 10_000, at.world.clock.time)
  })
})

describe('a fake process', () => {
  it('dies before or after the effect of a call, and nothing of it works any more', async () => {
    for (const when of ['before', 'after'] as const) {
      const world = new World()
      const process = world.process({killAt: {call: 2, when}})
      const {stacks, clock, machine, packageFiles} = process.ports
      await stacks.list('x')
      const asleep = assert.rejects(clock.sleep(1000), Killed)
      await assert.rejects(stacks.createChangeSet(request()), Killed)
      assert.equal(world.stack('s') !== undefined, when === 'after')
      await asleep
      await assert.rejects(stacks.list('x'), Killed)
      await assert.rejects(clock.sleep(1), Killed)
      await assert.rejects(packageFiles.templates(), Killed)
      for (const use of [
        () => clock.now(),
        () => machine.holder(),
        () => machine.randomHex(6),
        () => machine.mayBeAlive(process.holder),
      ]) {
        assert.throws(use, Killed)
      }
      assert.equal(world.process().ports.machine.mayBeAlive(process.holder), false)
      assert.equal(process.calls, 2)
    }
  })

  it('knows nothing of processes on other machines', () => {
    const {machine} = new World().process().ports
    assert.equal(machine.mayBeAlive({host: 'elsewhere', pid: 1, user: 'x'}), true)
    assert.equal(machine.mayBeAlive({host: 'desk', pid: 1, user: 'x'}), false)
  })
})
