import {RefusedError} from '../../../src/domain/errors.ts'
import type {Deployment} from '../../../src/domain/services/rollout.ts'
import type {TaskControl} from '../../../src/flows/exec/ports.ts'
import type {PastDeployment, ServiceControl} from '../../../src/flows/service/ports.ts'
import type {PortForwarding} from '../../../src/flows/tunnel/ports.ts'
import type {Answers} from './answers.ts'
import type {FakeRollout, FakeService} from './state.ts'
import type {World} from './world.ts'

/** Services of ECS, their deployments rolled out by the clock. */
export function fakeServiceControl(world: World): Answers<ServiceControl> {
  const find = (name: string): FakeService => {
    const service = world.state.services.get(name)
    if (service === undefined) throw new RangeError(`There is no service ${name}.`)
    return service
  }
  return {
    describe: (cluster, names) =>
      names.flatMap((name) => {
        const service = world.state.services.get(name)
        const state = world.aws.containers.services(cluster).find((one) => one.name === name)
        if (service === undefined || state === undefined) return []
        return [
          {
            ...state,
            taskDefinition: `arn:aws:ecs:eu-west-1:111122223333:task-definition/${name}:1`,
            capacityProvider: 'FARGATE',
            execEnabled: world.execEnabled,
            securityGroups: world.taskGroups,
            deployments: deploymentsOf(world, service, state.running),
          },
        ]
      }),
    redeploy(_cluster, name) {
      const service = find(name)
      const id = `ecs-svc/${world.count('rollout')}`
      const begunAt = world.clock.time
      const rollout = {id, begunAt, endsAt: begunAt + world.durations.rollout, fails: world.badRollouts.shift()}
      service.rollouts = [...(service.rollouts ?? []), rollout]
      return id
    },
    history: (_cluster, name) => [
      ...(find(name).rollouts ?? []).toReversed().map((one) => past(world, one)),
      first(world),
    ],
    stop(arn) {
      const rollout = [...world.state.services.values()]
        .flatMap(({rollouts = []}) => rollouts)
        .find(({id}) => arn.endsWith(id))
      if (rollout === undefined || rollout.endsAt <= world.clock.time)
        throw new RefusedError('The deployment has ended already.', {code: 'DEPLOYMENT_ENDED'})
      Object.assign(rollout, {endsAt: world.clock.time, fails: 'Service deployment was stopped by the user.'})
    },
  }
}

/** Every service has one task for each that runs. */
export function fakeTaskControl(world: World): Answers<TaskControl> {
  return {
    running: (cluster, service) =>
      Array.from({length: world.state.services.get(service)?.desired ?? 0}, (_, index) => ({
        arn: `arn:aws:ecs:eu-west-1:111122223333:task/${cluster}/${index}abc`,
        startedAt: new Date(world.clock.time).toISOString(),
        execEnabled: world.execEnabled && index >= world.earlyTasks,
        containers: [{name: service.split('-').at(-2)?.toLowerCase() ?? '', runtimeId: `${index}abc-1`}],
      })),
    stop: () => undefined,
    openSession: () => ({sessionId: 's', streamUrl: 'wss://s', tokenValue: 'secret'}),
  }
}

/** Sessions that forward a port; whoever opened one finds it here until it is ended. */
export function fakePortForwarding(world: World): Answers<PortForwarding> {
  return {
    begin() {
      const sessionId = `session-${world.count('session')}`
      world.openSessions.add(sessionId)
      return {sessionId, streamUrl: `wss://${sessionId}`, tokenValue: 'secret'}
    },
    end: (sessionId) => void world.openSessions.delete(sessionId),
  }
}

function past(world: World, {id, begunAt, endsAt, fails}: FakeRollout): PastDeployment {
  const over = world.clock.time >= endsAt
  const ended = fails === undefined ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL'
  return {
    arn: `arn:aws:ecs:eu-west-1:111122223333:service-deployment/${id}`,
    status: over ? ended : 'IN_PROGRESS',
    ...(over && fails !== undefined ? {reason: fails} : {}),
    createdAt: new Date(begunAt).toISOString(),
    ...(over ? {finishedAt: new Date(endsAt).toISOString()} : {}),
  }
}

function first(world: World): PastDeployment {
  const at = new Date(world.clock.time - 86_400_000).toISOString()
  return {arn: 'arn:first', status: 'SUCCESSFUL', createdAt: at, finishedAt: at}
}

function deploymentsOf(world: World, {name, desired, rollouts = []}: FakeService, running: number): Deployment[] {
  const now = world.clock.time
  const made = (id: string, status: string, state: string, more: Partial<Deployment> = {}): Deployment => ({
    ...{id, status, state, reason: '', desired, running, pending: 0, failed: 0},
    taskDefinition: `arn:aws:ecs:eu-west-1:111122223333:task-definition/${name}:1`,
    createdAt: new Date(0).toISOString(),
    ...more,
  })
  const last = rollouts.at(-1)
  if (last === undefined) return [made('ecs-svc/first', 'PRIMARY', 'COMPLETED')]
  const createdAt = new Date(last.begunAt).toISOString()
  if (now < last.endsAt) {
    const half = {createdAt, running: 0, pending: desired, failed: last.fails === undefined ? 0 : 1}
    return [made(last.id, 'PRIMARY', 'IN_PROGRESS', half), made('ecs-svc/first', 'ACTIVE', 'COMPLETED')]
  }
  if (last.fails === undefined) return [made(last.id, 'PRIMARY', 'COMPLETED', {createdAt})]
  const back = now >= last.endsAt + world.durations.back
  const failed = made(last.id, 'ACTIVE', 'FAILED', {createdAt, desired: 0, running: 0, failed: 3, reason: last.fails})
  if (back && world.badWayBack) return [made('ecs-svc/first', 'PRIMARY', 'FAILED'), failed]
  return back
    ? [made('ecs-svc/first', 'PRIMARY', 'COMPLETED')]
    : [made('ecs-svc/first', 'PRIMARY', 'IN_PROGRESS', {reason: 'rolling back'}), failed]
}
