import assert from 'node:assert/strict'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import {exitCodeWith} from '../../../src/domain/leftovers.ts'
import type {StackEvent} from '../../../src/domain/change-set.ts'
import {newest, runResume} from '../../helpers/fake-aws/in-use.ts'
import {atCall, configured, deployed, must, runDeploy} from '../../helpers/fake-aws/scenario.ts'
import {
  entries,
  executed,
  journal,
  lockOf,
  messages,
  mutations,
  stackNamed,
  warnings,
} from '../../helpers/fake-aws/traces.ts'
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
    const ended = await runDeploy(world, {...newTag, continueRollback: true})
    must(ended)
    assert.equal(stackNamed(world, 'pi-demo-app').status, 'UPDATE_COMPLETE')
    assert.ok(!messages(ended.events, 'note').join().includes('skipped'))
  })

  it('says why when it fails again, after one try', async () => {
    const world = await stuck()
    world.fail('pi-demo-app', 'rollback', {logicalId: 'LoadBalancer', reason: 'Listener is still gone'})
    const ended = await runDeploy(world, {...newTag, continueRollback: true})
    assert.equal(ended.code, 'STACK_STUCK')
    assert.match(ended.message, /Listener is still gone/)
    assert.equal(mutations(world).filter((call) => call === 'stacks.continueRollback').length, 1)
    assert.deepEqual((ended.error as {suggestions: string[]}).suggestions.slice(1), [
      'To leave LoadBalancer as it is (Listener is still gone): pi-aws deploy --continue-rollback --skip-resource LoadBalancer',
    ])
  })

  describe('and that only goes on without a resource', () => {
    const skipping = (resources: readonly string[], more: object = {}) => ({
      ...newTag,
      continueRollback: true,
      skipped: {resources, confirm: 'demo' as string | undefined, confirmed: false, ...more},
    })
    const skips = (world: World) =>
      world.log.filter(({method}) => method === 'continueRollback').map(({args}) => args[2] as readonly string[])

    /** The load balancer never rolls back. */
    async function hopeless(): Promise<World> {
      const world = await stuck()
      world.fail('pi-demo-app', 'rollback', {logicalId: 'LoadBalancer', reason: 'Listener is gone for good'}, 5)
      return world
    }

    it('leaves out what is named, says what that means, compares it, and goes on', async () => {
      const world = await hopeless()
      const ended = await runDeploy(world, skipping(['LoadBalancer']))
      must(ended)
      assert.deepEqual(skips(world), [['LoadBalancer']])
      const warning = ended.events.find((event) => event.type === 'warning' && event.code === 'ROLLBACK_SKIPS')
      assert.match(JSON.stringify(warning), /LoadBalancer .* stays as the failed update left it \(Listener is gone\)/)
      assert.ok(world.log.some(({method, args}) => method === 'drift' && args[1] === 'LoadBalancer'))
      assert.equal(stackNamed(world, 'pi-demo-app').status, 'UPDATE_COMPLETE')
    })

    it('builds nothing on what is not as its template says, or of which that is not known', async () => {
      const cases = [
        [{deleted: false, properties: ['/Scheme']}, /LoadBalancer differs in \/Scheme/],
        [{deleted: true, properties: []}, /LoadBalancer is gone/],
        [undefined, /what LoadBalancer is cannot be told/],
      ] as const
      for (const [found, message] of cases) {
        const world = await hopeless()
        world.drift.set('LoadBalancer', found)
        const ended = await runDeploy(world, skipping(['LoadBalancer']))
        assert.deepEqual([ended.code, ended.exitCode], ['SKIPPED_DRIFTED', 15])
        assert.match(ended.message, message)
        assert.equal(stackNamed(world, 'pi-demo-app').status, 'UPDATE_ROLLBACK_COMPLETE')
        assert.ok(!mutations(world).includes('stacks.executeChangeSet'))
        must(await runDeploy(world, newTag))
      }
    })

    it('takes no other names, and none before the environment was typed', async () => {
      const world = await hopeless()
      const other = await runDeploy(world, skipping(['LoadBalancer', 'DashboardService']))
      assert.deepEqual([other.code, other.exitCode], ['NOT_STUCK', 12])
      assert.match(other.message, /DashboardService is not such a resource. Nothing was changed/)
      assert.match((other.error as {suggestions: string[]}).suggestions.join('\n'), /--skip-resource LoadBalancer/)
      assert.equal(
        (await runDeploy(world, skipping(['LoadBalancer'], {confirm: undefined}))).code,
        'CONFIRMATION_MISSING',
      )
      assert.equal((await runDeploy(world, skipping(['LoadBalancer'], {confirm: 'prod'}))).code, 'CONFIRMATION_WRONG')
      assert.deepEqual(skips(world), [])
      must(await runDeploy(world, skipping(['LoadBalancer'], {confirm: undefined, confirmed: true})))
    })

    it('is named by plan where it is nested, and by its own stack to AWS; what was only stopped is not offered', async () => {
      const world = await hopeless()
      const app = stackNamed(world, 'pi-demo-app')
      const child = {...app, id: 'arn:child', name: 'pi-demo-app-Renderer-1A2B'}
      const failed = {type: 'AWS::ECS::Service', physicalId: 'y', status: 'UPDATE_FAILED'}
      child.resources = [
        {...failed, logicalId: 'EcsService', reason: 'did not stabilize'},
        {...failed, logicalId: 'Alarm', reason: 'Resource update cancelled'},
      ]
      world.state.stacks.push(child)
      const nested = {logicalId: 'Renderer', type: 'AWS::CloudFormation::Stack', status: 'UPDATE_FAILED'}
      const gone = {...nested, logicalId: 'Pirana', physicalId: 'arn:none'}
      app.resources = [...app.resources, {...nested, physicalId: 'arn:child'}, gone]
      const refused = await runDeploy(world, skipping(['nothing']))
      assert.deepEqual((refused.error as {suggestions: string[]}).suggestions, [
        '--skip-resource LoadBalancer (Listener is gone)',
        '--skip-resource Renderer.EcsService (did not stabilize)',
        'pi-aws diagnose demo',
      ])
      await runDeploy(world, skipping(['LoadBalancer', 'Renderer.EcsService']))
      assert.deepEqual(skips(world), [['LoadBalancer', 'pi-demo-app-Renderer-1A2B.EcsService']])
    })

    it('warns of what holds data, and asks nothing again when it is resumed', async () => {
      const world = await stuck()
      const rows = stackNamed(world, 'pi-demo-app')
      rows.resources = rows.resources.map((row) =>
        row.logicalId === 'LoadBalancer' ? {...row, type: 'AWS::S3::Bucket'} : row,
      )
      const onCall = atCall('stacks.continueRollback', () => {
        throw new FailedError('AWS cannot be reached', {code: 'NETWORK_UNREACHABLE'})
      })
      const ended = await runDeploy(world, skipping(['LoadBalancer']), {onCall})
      assert.equal(ended.code, 'NETWORK_UNREACHABLE')
      assert.match(JSON.stringify(ended.events), /It holds data, and nobody has looked/)
      world.log = []
      must(await runResume(world, newest(world).opId))
      assert.deepEqual(skips(world), [['LoadBalancer']])
    })
  })
})

describe('an update that is over while what it replaced cannot be removed', () => {
  async function left(): Promise<{world: World; ended: Awaited<ReturnType<typeof runDeploy>>}> {
    const world = await deployed()
    const failure = {
      logicalId: 'Listener',
      reason: 'in use by another one',
      type: 'AWS::ElasticLoadBalancingV2::Listener',
    }
    world.fail('pi-demo-app', 'cleanup', failure)
    return {world, ended: await runDeploy(world, newTag)}
  }

  it('did what was asked, and is told as incomplete: exit code 3', async () => {
    const {world, ended} = await left()
    const {leftovers = [], changed} = must(ended)
    assert.equal(changed, true)
    assert.equal(stackNamed(world, 'pi-demo-app').status, 'UPDATE_COMPLETE')
    assert.deepEqual(
      leftovers.map(({stack, logicalId, physicalId, reason}) => [stack, logicalId, physicalId, reason]),
      [['pi-demo-app', 'Listener', 'old-Listener', 'in use by another one']],
    )
    assert.equal(exitCodeWith(leftovers), 3)
    assert.ok(warnings(ended.events).includes('CLEANUP_INCOMPLETE'))
    assert.match(JSON.stringify(entries(world)), /"leftovers":\[\{/)
  })

  it('is nothing to tell of a deploy that left nothing', async () => {
    const {world} = await left()
    assert.equal(exitCodeWith(must(await runDeploy(world, newTag)).leftovers), 0)
  })
})
