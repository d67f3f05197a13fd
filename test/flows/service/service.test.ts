import assert from 'node:assert/strict'
import {PendingError} from '../../../src/domain/errors.ts'
import {changeService} from '../../../src/flows/service/change.ts'
import {listDeployments, listServices} from '../../../src/flows/service/list.ts'
import type {ServiceOptions} from '../../../src/flows/service/options.ts'
import {inUse, newest, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  atCall,
  ctrlC,
  demo,
  isCall,
  must,
  runDeploy,
  runFlow,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {journal, lockOf, messages, parametersOf, warnings} from '../../helpers/fake-aws/traces.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const options = (more: Partial<ServiceOptions>): ServiceOptions => ({
  ...{environment: demo, account: undefined, service: 'dashboard', action: {kind: 'restart'}},
  ...{dryRun: false, wait: true, resume: undefined},
  ...more,
})
const change = (world: World, more: Partial<ServiceOptions> = {}, run: RunOptions = {}) =>
  runFlow(world, (ports, own) => changeService(options(more), ports, own), run)
const deployments = (world: World, service: 'dashboard' | 'adminer' = 'dashboard') =>
  runFlow(world, (ports) => listDeployments({environment: demo, service}, ports))
const counted = (world: World, method: string): number => world.log.filter((call) => call.method === method).length

/** At each look at the tasks behind the effect. */
const whileWaiting = (world: World, act: () => unknown) =>
  atCall(({name}) => name === 'containers.stoppedTasks' && counted(world, 'redeploy') > 0, act)

describe('service list and deployments', () => {
  it('show tasks, bounds and how the newest deployment stands', async () => {
    const world = await inUse()
    const {services, quiesced} = must(await runFlow(world, (ports) => listServices({environment: demo}, ports)))
    assert.equal(quiesced, false)
    assert.deepEqual(
      services.map(({service, running, desired, scaling, rollout}) => [service, running, desired, scaling, rollout]),
      [
        ['dashboard', 1, 1, undefined, 'COMPLETED'],
        ['renderer', 3, 3, {min: 1, max: 4, suspended: false}, 'COMPLETED'],
      ],
    )
    must(await change(world, {wait: false}))
    const {deployments: now, history} = must(await deployments(world))
    assert.deepEqual(
      now.map(({id, status, state}) => [id, status, state]),
      [
        ['ecs-svc/1', 'PRIMARY', 'IN_PROGRESS'],
        ['ecs-svc/first', 'ACTIVE', 'COMPLETED'],
      ],
    )
    assert.deepEqual(
      history.map(({status}) => status),
      ['IN_PROGRESS', 'SUCCESSFUL'],
    )
  })

  it('end 5 where nothing is deployed, or not this service', async () => {
    const world = new World()
    assert.deepEqual([(await deployments(world)).code, (await deployments(world)).exitCode], ['NOT_DEPLOYED', 5])
    const used = await inUse()
    const ended = await deployments(used, 'adminer')
    assert.deepEqual([ended.code, ended.exitCode], ['SERVICE_NOT_DEPLOYED', 5])
    used.state.services.clear()
    assert.equal((await deployments(used)).code, 'SERVICE_NOT_DEPLOYED')
    assert.deepEqual(must(await runFlow(used, (ports) => listServices({environment: demo}, ports))).services, [])
  })
})

describe('service restart', () => {
  it('begins a deployment under the lock, and waits for it without', async () => {
    const world = await inUse()
    const seen: boolean[] = []
    const onCall = whileWaiting(world, () => seen.push(lockOf(world) !== undefined))
    const ended = await change(world, {}, {onCall})
    const result = must(ended)
    assert.deepEqual([result.state, result.deployment], ['done', 'ecs-svc/1'])
    assert.deepEqual(journal(world), ['effect intent', 'effect done', 'committed done'])
    assert.ok(seen.length > 0 && seen.every((locked) => !locked))
    assert.ok(messages(ended.events, 'note').includes('dashboard: 0 of 1 tasks run, 1 starting'))
  })

  it('does nothing in a dry run, nor where there are no tasks', async () => {
    const world = await inUse()
    assert.equal(must(await change(world, {dryRun: true})).state, 'planned')
    for (const service of world.state.services.values()) service.desired = 0
    assert.equal(must(await change(world)).state, 'unchanged')
    assert.equal(counted(world, 'redeploy'), 0)
    assert.equal(journal(world).at(-1), 'committed done')
  })

  it('tells the first cause when new tasks do not start, and that ECS went back', async () => {
    const world = await inUse()
    world.badRollouts = ['tasks failed to start']
    const old = {arn: 'task/c/0', stoppedReason: 'of yesterday', containers: []}
    world.stoppedTasks = [old]
    const stop = (): void => {
      world.stoppedTasks = [
        {arn: 'task/c/2', stoppedReason: 'CannotPullContainerError: manifest unknown', containers: []},
        {arn: 'task/c/1', stoppedReason: 'Essential container exited', containers: [{name: 'dashboard', exitCode: 1}]},
        old,
        {arn: 'task/c/3', stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)', containers: []},
      ]
    }
    const {outputs} = world.stack('pi-demo-app')!
    outputs['DashboardLogGroup'] = '/demo/dashboard'
    world.logLines.set('/demo/dashboard', ['no database'])
    const ended = await change(world, {}, {onCall: atCall('serviceControl.redeploy', stop)})
    assert.deepEqual([ended.code, ended.exitCode], ['DEPLOYMENT_ROLLED_BACK', 14])
    assert.match(
      ended.message,
      /went back to the former tasks: tasks failed to start\. First cause: Essential container exited; dashboard: exit code 1\. It last wrote: no database$/,
    )
    assert.deepEqual(warnings(ended.events), ['TASK_STOPPED', 'TASK_STOPPED'])
  })

  it('needs somebody when the former tasks do not start either', async () => {
    const world = await inUse()
    world.badRollouts = ['tasks failed to start']
    world.badWayBack = true
    const ended = await change(world)
    assert.deepEqual([ended.code, ended.exitCode], ['DEPLOYMENT_STUCK', 15])
    must(await change(world, {wait: false}))
    assert.equal((await change(world, {action: {kind: 'abort'}})).code, 'DEPLOYMENT_STUCK')
  })

  it('says when another deployment took its place', async () => {
    const world = await inUse()
    const ended = await change(
      world,
      {},
      {
        onCall: atCall('containers.stoppedTasks', () => {
          if (counted(world, 'redeploy') === 1) {
            world.log.push({process: 0, port: 'serviceControl', method: 'redeploy', args: []})
            world.aws.serviceControl.redeploy('c', 'pi-demo-app-Dashboard-Service')
          }
        }),
      },
    )
    assert.deepEqual([ended.code, ended.exitCode], ['DEPLOYMENT_FAILED', 1])
    assert.match(ended.message, /a newer deployment \(ecs-svc\/2\) took its place\.$/)
  })

  it('ends the wait at Ctrl-C and at the time limit: ECS goes on', async () => {
    for (const reason of [undefined, new PendingError('over', {code: 'TIMEOUT'})]) {
      const world = await inUse()
      const pause = new AbortController()
      const stop = (): void => {
        if (reason === undefined) ctrlC(pause)
        else pause.abort(reason)
      }
      const ended = await change(world, {}, {pause, onCall: whileWaiting(world, stop)})
      assert.deepEqual([ended.code, ended.exitCode], ['NOT_WAITED', 8])
      assert.equal(lockOf(world), undefined)
    }
  })

  it('is refused under the lock, on another account, and while the platform is quiesced', async () => {
    const world = await inUse()
    const refused: (string | undefined)[] = []
    await runDeploy(world, {parts: ['app']}, {killAt: {call: isCall('stacks.createChangeSet'), when: 'after'}})
    assert.notEqual(lockOf(world), undefined)
    const alive = lockOf(world)!.holder.pid
    world.alive.add(alive)
    refused.push((await change(world)).code)
    world.alive.delete(alive)
    refused.push((await change(world, {account: '999988887777'})).code)
    const other = await inUse()
    parametersOf(other, 'pi-demo-app')['Quiesced'] = 'true'
    refused.push((await change(other)).code)
    assert.deepEqual(refused, ['LOCKED', 'WRONG_ACCOUNT', 'QUIESCED'])
  })

  it('leaves a deploy that was paused to be resumed', async () => {
    const world = await inUse()
    const pause = new AbortController()
    await runDeploy(world, {parts: ['network']}, {pause, onCall: atCall('stacks.createChangeSet', () => ctrlC(pause))})
    const {opId, state} = newest(world)
    assert.equal(state, 'paused')
    world.clock.pass(1000)
    must(await change(world))
    assert.equal((await runResume(world, opId)).exitCode, 0)
  })

  it('is taken up after a crash without a second deployment', async () => {
    let deaths = 0
    for (const when of ['before', 'after'] as const) {
      for (let call = 7; call < 15; call++) {
        const world = await inUse()
        await change(world, {}, {killAt: {call, when}})
        const {opId, state} = newest(world)
        if (state !== 'open' || !opId.includes('-service-')) continue
        deaths += 1
        const ended = await runResume(world, opId)
        assert.deepEqual(ended.exitCode, 0, `${call} ${when}: ${ended.message}`)
        const rollouts = [...world.state.services.values()].flatMap(({rollouts = []}) => rollouts)
        assert.equal(rollouts.length, 1, `${call} ${when}`)
      }
    }
    assert.ok(deaths > 3, 'it died in the middle')
  })
})

describe('service scale', () => {
  const scale = (world: World, count: number, more: Partial<ServiceOptions> = {}, run: RunOptions = {}) =>
    change(world, {service: 'renderer', action: {kind: 'scale', count}, ...more}, run)

  it('sets the number, waits for it and says what becomes of it', async () => {
    const world = await inUse()
    const ended = await scale(world, 2)
    const result = must(ended)
    assert.deepEqual([result.state, result.desired], ['done', {before: 3, after: 2}])
    assert.deepEqual(result.notes, [
      'Scaling goes on: the load may move renderer between 1 and 4 tasks',
      'The next deploy keeps 2 tasks, within the bounds of then',
    ])
    assert.ok(messages(ended.events, 'note').includes('renderer: 3 tasks run, 2 are wanted'))
    assert.equal(must(await scale(world, 2)).state, 'unchanged')
  })

  it('is refused outside the bounds', async () => {
    const world = await inUse()
    const ended = await scale(world, 9)
    assert.deepEqual([ended.code, ended.exitCode], ['OUT_OF_BOUNDS', 12])
    assert.match(ended.message, /1 to 4 tasks here, and 9 is more/)
    assert.equal((await scale(world, 2, {service: 'dashboard'})).code, 'OUT_OF_BOUNDS')
  })

  it('is what the configuration says where nothing scales', async () => {
    const world = await inUse()
    parametersOf(world, 'pi-demo-app')['DashboardMin'] = '1'
    const ended = await scale(world, 2, {service: 'dashboard'})
    assert.match(ended.message, /it always has one task here/)
    assert.equal(must(await scale(world, 1, {service: 'dashboard'})).state, 'unchanged')
  })

  it('returns at once when nobody waits', async () => {
    const world = await inUse()
    assert.equal(must(await scale(world, 2, {wait: false})).state, 'running')
    assert.equal(counted(world, 'setDesired'), 1)
  })
})

describe('service abort', () => {
  const abort = (world: World) => change(world, {action: {kind: 'abort'}})

  it('stops what is being rolled out and waits until the former tasks run', async () => {
    const world = await inUse()
    must(await change(world, {wait: false}))
    world.clock.pass(100)
    const result = must(await abort(world))
    assert.deepEqual([result.state, result.deployment?.endsWith('ecs-svc/1')], ['done', true])
    const {deployments: now} = must(await deployments(world))
    assert.deepEqual(
      now.map(({id, state}) => [id, state]),
      [['ecs-svc/first', 'COMPLETED']],
    )
  })

  it('is refused where nothing is rolled out', async () => {
    const ended = await abort(await inUse())
    assert.deepEqual([ended.code, ended.exitCode], ['NO_ROLLOUT', 12])
  })

  it('fails as an operation when ECS ends it first', async () => {
    const world = await inUse()
    must(await change(world, {wait: false}))
    const ended = await runFlow(world, (ports, run) => changeService(options({action: {kind: 'abort'}}), ports, run), {
      onCall: atCall('serviceControl.stop', () => world.clock.pass(10_000)),
    })
    assert.deepEqual([ended.code, journal(world).at(-1)], ['DEPLOYMENT_ENDED', 'failed done'])
  })
})
