import assert from 'node:assert/strict'
import {AccessError} from '../../../src/domain/errors.ts'
import type {StackEvent} from '../../../src/domain/change-set.ts'
import {configured, deployed, must, runDeploy} from '../../helpers/fake-aws/scenario.ts'
import {entries, executed, journal, lockOf, messages, mutations, stackNamed} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const newTag = {secrets: {}, configuration: configured({images: {tag: '2026_02'}})}

describe('a deploy that fails', () => {
  it('names the first cause of a failed creation, not what followed from it', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {
      logicalId: 'Nat',
      reason: 'The maximum number of addresses has been reached.',
    })
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'STACK_ROLLED_BACK')
    assert.equal(ended.exitCode, 14)
    assert.match(
      ended.message,
      /First cause: Nat \(AWS::EC2::NatGateway\) in pi-demo-network: The maximum number of addresses/,
    )
    assert.doesNotMatch(ended.message, /cancelled/)
    assert.equal(journal(world).at(-1), 'failed done')
    assert.match(entries(world).find(({kind}) => kind === 'fail')?.reason ?? '', /maximum number/)
    assert.equal(lockOf(world), undefined)
  })

  it('removes the empty shell of a failed creation and makes the stack again', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses'})
    await runDeploy(world)
    assert.equal(stackNamed(world, 'pi-demo-network').status, 'ROLLBACK_COMPLETE')
    const ended = await runDeploy(world)
    must(ended)
    assert.equal(stackNamed(world, 'pi-demo-network').status, 'CREATE_COMPLETE')
    assert.match(
      messages(ended.events, 'note').join(),
      /pi-demo-network is ROLLBACK_COMPLETE: it is removed and made again/,
    )
  })

  it('lifts the termination protection of such a shell first', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses'})
    await runDeploy(world)
    stackNamed(world, 'pi-demo-network').terminationProtection = true
    must(await runDeploy(world))
  })

  it('never removes a shell in which something that holds data is left', async () => {
    const world = new World()
    world.fail('pi-demo-database-1', 'create', {logicalId: 'CheckTask', reason: 'no', remains: ['Instance']})
    await runDeploy(world)
    world.log = []
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'SHELL_HOLDS_DATA')
    assert.equal(ended.exitCode, 15)
    assert.match(ended.message, /Instance \(pi-demo-database-1-Instance-1\)/)
    assert.equal(mutations(world).includes('stacks.deleteStack'), false)
  })

  it('gives up on a stack whose creation fails each time it is made', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses'}, 5)
    for (let time = 0; time < 3; time++) assert.equal((await runDeploy(world)).code, 'STACK_ROLLED_BACK')
  })

  it('rolls an update back, says why, and works again when the cause is gone', async () => {
    const world = await deployed()
    world.fail('pi-demo-app', 'update', {logicalId: 'LoadBalancer', reason: 'Throttled'})
    const ended = await runDeploy(world, newTag)
    assert.equal(ended.code, 'STACK_ROLLED_BACK')
    assert.match(ended.message, /UPDATE_ROLLBACK_COMPLETE.*Throttled/)
    assert.deepEqual(ended.error instanceof Error, true)
    const again = must(await runDeploy(world, newTag))
    assert.equal(again.changed, true)
  })

  it('adds why the tasks of a service stopped and what they last wrote', async () => {
    const world = await deployed()
    world.logLines.set('pi-demo-app-DashboardLogs-1', ['Connecting', 'Access denied for user'])
    world.stoppedTasks = [
      {
        arn: 'task/1',
        stoppedReason: 'Essential container in task exited',
        containers: [
          {name: 'dashboard', exitCode: 1},
          {name: 'side', exitCode: 0},
        ],
      },
      {arn: 'task/2', stoppedReason: '', containers: [{name: 'dashboard', reason: 'CannotPullContainerError'}]},
    ]
    world.fail('pi-demo-app', 'update', {
      logicalId: 'DashboardService',
      reason: 'ECS Deployment Circuit Breaker was triggered',
    })
    const ended = await runDeploy(world, newTag)
    assert.match(
      ended.message,
      /Its tasks stopped: Essential container in task exited; dashboard: exit code 1 \| dashboard: CannotPullContainerError/,
    )
    assert.match(ended.message, /Its last log lines: Connecting \| Access denied for user/)
  })

  it('explains a service as far as it can be explained', async () => {
    const world = await deployed()
    const broken = {logicalId: 'DashboardService', reason: 'Circuit Breaker'}
    world.fail('pi-demo-app', 'update', broken)
    const silent = await runDeploy(world, newTag)
    assert.ok(silent.message.endsWith('Circuit Breaker'), silent.message)
    world.fail('pi-demo-app', 'update', broken)
    const refused = await runDeploy(world, newTag, {
      onCall({name}) {
        if (name === 'containers.stoppedTasks' || name === 'stacks.resources')
          throw new AccessError('denied', {code: 'ACCESS_DENIED'})
      },
    })
    assert.ok(refused.message.endsWith('Circuit Breaker'), refused.message)
  })

  it('names the failing resource of a nested stack', async () => {
    const world = await deployed()
    const child = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/pi-demo-app-Dashboard/9'
    const event = (id: string, more: Partial<StackEvent>): StackEvent => ({
      id,
      stackId: child,
      stackName: 'pi-demo-app-Dashboard',
      logicalId: 'Alarm',
      physicalId: 'alarm',
      type: 'AWS::CloudWatch::Alarm',
      status: 'UPDATE_IN_PROGRESS',
      at: new Date(world.clock.time).toISOString(),
      ...more,
    })
    const told = (at: string): StackEvent[] => [
      event('old', {at: '2026-01-01T00:00:00.000Z', status: 'CREATE_FAILED', reason: 'long ago'}),
      event('new-1', {at, status: 'UPDATE_FAILED', reason: 'Alarm name is taken'}),
      event('new-2', {
        at,
        logicalId: 'Dashboard',
        physicalId: child,
        type: 'AWS::CloudFormation::Stack',
        status: 'UPDATE_FAILED',
      }),
    ]
    world.changes.set('pi-demo-app', [
      {path: [], logicalId: 'Dashboard', type: 'AWS::CloudFormation::Stack', action: 'Modify', properties: []},
      {path: ['Dashboard'], logicalId: 'Alarm', type: 'AWS::CloudWatch::Alarm', action: 'Modify', properties: []},
    ])
    world.nestedIds.set('Dashboard', child)
    world.fail('pi-demo-app', 'update', {
      logicalId: 'Dashboard',
      reason: 'Embedded stack arn was not successfully updated',
    })
    const ended = await runDeploy(world, newTag, {
      onCall({name}) {
        if (name === 'stacks.executeChangeSet')
          world.children.set(child, told(new Date(world.clock.time + 700).toISOString()))
      },
    })
    assert.match(
      ended.message,
      /First cause: Alarm \(AWS::CloudWatch::Alarm\) in pi-demo-app-Dashboard: Alarm name is taken/,
    )
    assert.equal(
      ended.events.some((one) => one.type === 'stack.event' && one.reason === 'long ago'),
      false,
    )
  })

  it('waits for the other part before it tells that one failed', async () => {
    const world = new World()
    world.durations.create = 3000
    world.fail('pi-demo-files', 'create', {logicalId: 'SideloadFunction', reason: 'no zip'})
    const ended = await runDeploy(world)
    assert.match(ended.message, /pi-demo-files failed/)
    assert.equal(stackNamed(world, 'pi-demo-database-1').status, 'UPDATE_COMPLETE')
    assert.equal(stackNamed(world, 'pi-demo-database-1').terminationProtection, true)
    assert.deepEqual(executed(world), ['pi-create', 'network', 'files', 'database', 'database-guard'])
  })

  it('says that a creation failed without a rollback', async () => {
    const world = new World()
    world.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses', ends: 'CREATE_FAILED'})
    assert.equal((await runDeploy(world)).code, 'STACK_FAILED')
    const other = new World()
    other.fail('pi-demo-network', 'create', {logicalId: 'Nat', reason: 'no addresses', ends: 'ROLLBACK_FAILED'})
    const ended = await runDeploy(other)
    assert.equal(ended.code, 'STACK_STUCK')
    assert.equal(ended.exitCode, 15)
  })

  it('fails with the reason and the last lines of a one-off task', async () => {
    const world = new World()
    world.logLines.set('/check/pi-demo-database-1', ['ERROR 1045: Access denied'])
    world.taskResult = {
      stoppedReason: 'Essential container in task exited',
      containers: [{name: 'check', exitCode: 2, reason: 'Error'}],
    }
    const ended = await runDeploy(world)
    assert.equal(ended.code, 'TASK_FAILED')
    assert.match(
      ended.message,
      /Database: application user failed: Error; Essential container in task exited; exit code 2\. It last wrote: ERROR 1045/,
    )
  })

  it('takes a task without any container for failed, and one that never ends too', async () => {
    const world = new World()
    world.taskResult = {stoppedReason: 'Capacity is unavailable', containers: []}
    assert.match((await runDeploy(world)).message, /failed: Capacity is unavailable; no exit code/)
    const slow = new World()
    slow.durations.task = 3_600_000
    assert.equal((await runDeploy(slow)).code, 'TASK_TOO_LONG')
  })
})

describe('a rollback that failed', () => {
  async function stuck(): Promise<World> {
    const world = await deployed()
    world.fail('pi-demo-app', 'update', {logicalId: 'LoadBalancer', reason: 'Throttled'})
    world.fail('pi-demo-app', 'rollback', {logicalId: 'LoadBalancer', reason: 'Listener is gone'})
    const ended = await runDeploy(world, newTag)
    assert.equal(ended.code, 'STACK_STUCK')
    assert.equal(ended.exitCode, 15)
    assert.match(ended.message, /UPDATE_ROLLBACK_FAILED.*First cause: LoadBalancer .*Throttled/)
    world.log = []
    return world
  }

  it('is left alone without --continue-rollback', async () => {
    const world = await stuck()
    const ended = await runDeploy(world, newTag)
    assert.equal(ended.code, 'STACK_STUCK')
    assert.deepEqual((ended.error as {suggestions: string[]}).suggestions, ['pi-aws deploy --continue-rollback'])
    assert.equal(mutations(world).includes('stacks.continueRollback'), false)
  })

  it('is continued with it, and the deploy goes on', async () => {
    const world = await stuck()
    must(await runDeploy(world, {...newTag, continueRollback: true}))
    assert.equal(stackNamed(world, 'pi-demo-app').status, 'UPDATE_COMPLETE')
  })

  it('says why when it fails again, after one try', async () => {
    const world = await stuck()
    world.fail('pi-demo-app', 'rollback', {logicalId: 'LoadBalancer', reason: 'Listener is still gone'})
    const ended = await runDeploy(world, {...newTag, continueRollback: true})
    assert.equal(ended.code, 'STACK_STUCK')
    assert.match(ended.message, /Listener is still gone/)
    assert.equal(mutations(world).filter((call) => call === 'stacks.continueRollback').length, 1)
  })
})
