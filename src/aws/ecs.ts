import {createHash} from 'node:crypto'
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type DesiredStatus,
  ECSClient,
  ListTasksCommand,
  paginateListServices,
  paginateListTasks,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Service,
  type Task,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {FailedError, NotFoundError} from '../domain/errors.ts'
import type {Containers, RunningImage, ServiceState, StoppedTask, TaskRequest} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import {present} from './present.ts'
import type {ClientConfig} from './settings.ts'

/** Most that one describe call takes (API reference, DescribeServices and DescribeTasks). */
const servicesPerCall = 10
const tasksPerCall = 100

/** ECS by its API. */
export function createContainers(config: ClientConfig): Containers {
  const client = new ECSClient(config)
  return translateErrors<Containers>({
    services: (cluster) => servicesOf(client, cluster),
    async runTask(request) {
      return (await startedTask(client, request)) ?? (await startTask(client, request))
    },
    async stoppedTask(cluster, taskArn) {
      const [task] = await describeTasks(client, cluster, [taskArn])
      if (task === undefined) {
        throw new NotFoundError(`ECS does not remember the task ${taskArn} any more.`, {code: 'TASK_NOT_FOUND'})
      }
      return task.lastStatus === 'STOPPED' ? stopped(task) : undefined
    },
    async stoppedTasks(cluster, service) {
      const arns: string[] = []
      try {
        const query = {cluster, serviceName: service, desiredStatus: 'STOPPED'} as const
        for await (const page of paginateListTasks({client}, query)) arns.push(...(page.taskArns ?? []))
      } catch (error) {
        if (!isNamed(error, 'ClusterNotFound', 'ServiceNotFound')) throw error
      }
      const tasks = await describeTasks(client, cluster, arns)
      return tasks.sort((a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0)).map(stopped)
    },
    async setDesired(cluster, service, count) {
      await client.send(new UpdateServiceCommand({cluster, service, desiredCount: count}))
    },
    images: (cluster) => imagesOf(client, cluster),
  })
}

async function servicesOf(client: ECSClient, cluster: string): Promise<readonly ServiceState[]> {
  const arns: string[] = []
  try {
    for await (const page of paginateListServices({client}, {cluster})) arns.push(...(page.serviceArns ?? []))
  } catch (error) {
    if (!isNamed(error, 'ClusterNotFound')) throw error
  }
  const states: ServiceState[] = []
  for (let from = 0; from < arns.length; from += servicesPerCall) {
    const answer = await client.send(
      new DescribeServicesCommand({cluster, services: arns.slice(from, from + servicesPerCall)}),
    )
    states.push(...(answer.services ?? []).map(serviceState))
  }
  return states
}

/** The counts and events of a service. */
export function serviceState(service: Service): ServiceState {
  return {
    name: service.serviceName ?? '',
    arn: service.serviceArn ?? '',
    status: service.status ?? '',
    desired: service.desiredCount ?? 0,
    running: service.runningCount ?? 0,
    pending: service.pendingCount ?? 0,
    events: (service.events ?? []).map((event) => ({
      id: event.id ?? '',
      at: event.createdAt?.toISOString() ?? '',
      message: event.message ?? '',
    })),
  }
}

/** The task that an earlier run started under the same name, still running or stopped within about the last hour. */
async function startedTask(client: ECSClient, {cluster, startedBy}: TaskRequest): Promise<string | undefined> {
  for (const desiredStatus of ['RUNNING', 'STOPPED'] satisfies DesiredStatus[]) {
    const answer = await client.send(new ListTasksCommand({cluster, startedBy, desiredStatus}))
    if (answer.taskArns?.[0] !== undefined) return answer.taskArns[0]
  }
  return undefined
}

async function imagesOf(client: ECSClient, cluster: string): Promise<readonly RunningImage[]> {
  const arns: string[] = []
  try {
    for await (const page of paginateListTasks({client}, {cluster, desiredStatus: 'RUNNING'}))
      arns.push(...(page.taskArns ?? []))
  } catch (error) {
    if (!isNamed(error, 'ClusterNotFound')) throw error
  }
  const images = new Map<string, RunningImage>()
  for (const {containers = []} of await describeTasks(client, cluster, arns)) {
    for (const {name: container = '', image = '', imageDigest: digest = ''} of containers)
      images.set(`${container} ${image} ${digest}`, {container, image, digest})
  }
  return [...images.values()]
}

async function startTask(client: ECSClient, request: TaskRequest): Promise<string> {
  const answer = await client.send(
    new RunTaskCommand({
      cluster: request.cluster,
      taskDefinition: request.taskDefinition,
      count: 1,
      startedBy: request.startedBy,
      clientToken: createHash('sha256').update(request.startedBy).digest('hex'),
      capacityProviderStrategy: [{capacityProvider: request.capacityProvider, weight: 1}],
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...request.subnetIds],
          securityGroups: [...request.securityGroupIds],
          assignPublicIp: 'DISABLED',
        },
      },
      propagateTags: 'TASK_DEFINITION',
      ...overridesOf(request),
    }),
  )
  const arn = answer.tasks?.[0]?.taskArn
  if (arn !== undefined) return arn
  const reasons = (answer.failures ?? []).map((row) =>
    [row.reason, row.detail].filter((text) => text !== undefined).join(': '),
  )
  throw new FailedError(
    `ECS did not start a task of ${request.taskDefinition}: ${reasons.join('; ') || 'it gave no reason'}`,
    {
      code: 'TASK_NOT_STARTED',
    },
  )
}

function overridesOf({environment, command}: TaskRequest): Pick<RunTaskCommandInput, 'overrides'> {
  const variables = Object.entries(environment?.values ?? {}).map(([name, value]) => ({name, value}))
  const overrides = [
    ...(environment === undefined ? [] : [{name: environment.container, environment: variables}]),
    ...(command === undefined ? [] : [{name: command.container, command: [...command.words]}]),
  ]
  return overrides.length === 0 ? {} : {overrides: {containerOverrides: overrides}}
}

async function describeTasks(client: ECSClient, cluster: string, arns: readonly string[]): Promise<Task[]> {
  const tasks: Task[] = []
  for (let from = 0; from < arns.length; from += tasksPerCall) {
    const answer = await client.send(new DescribeTasksCommand({cluster, tasks: arns.slice(from, from + tasksPerCall)}))
    tasks.push(...(answer.tasks ?? []))
  }
  return tasks
}

function stopped(task: Task): StoppedTask {
  return {
    arn: task.taskArn ?? '',
    stoppedReason: task.stoppedReason ?? '',
    ...present({createdAt: task.createdAt?.toISOString(), stoppedAt: task.stoppedAt?.toISOString()}),
    containers: (task.containers ?? []).map((container) => ({
      name: container.name ?? '',
      ...(container.exitCode === undefined ? {} : {exitCode: container.exitCode}),
      ...present({reason: container.reason}),
    })),
  }
}
