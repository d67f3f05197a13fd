import type {LogLine} from '../../domain/logs/line.ts'
import {containerServices, type LogGroup, type LogService} from '../../domain/logs/services.ts'
import type {StoppedTask} from '../ports.ts'
import type {Pacer} from './pacer.ts'
import type {LogsPorts} from './ports.ts'
import {GroupSource, KnownSource, type Source} from './source.ts'

/** Streams that one query may name (API reference, FilterLogEvents). */
const mostStreams = 100

/** Tasks of services that stopped, newest first. ECS remembers them for about an hour. */
export interface Stopped {
  readonly service: LogService
  readonly tasks: readonly StoppedTask[]
}

/** Asks ECS for the stopped tasks of the services. */
export async function stoppedTasks(
  {containers}: Pick<LogsPorts, 'containers'>,
  outputs: Readonly<Record<string, string>>,
  services: readonly LogService[],
  pacer: Pacer,
): Promise<readonly Stopped[]> {
  const cluster = outputs['ClusterName']
  if (cluster === undefined) return []
  const rows = services
    .filter((service) => containerServices.includes(service))
    .map(async (service): Promise<Stopped> => {
      const name = outputs[`${service.slice(0, 1).toUpperCase()}${service.slice(1)}ServiceName`]
      if (name === undefined) return {service, tasks: []}
      return {service, tasks: await pacer.call(service, () => containers.stoppedTasks(cluster, name))}
    })
  return (await Promise.all(rows)).filter(({tasks}) => tasks.length > 0)
}

function taskId(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

/** The streams that the awslogs driver gave a task: `prefix/container/task`, the prefix being the service. */
function streamsOf(service: LogService, task: StoppedTask): readonly string[] {
  return task.containers.map(({name}) => `${service}/${name}/${taskId(task.arn)}`)
}

/** How a task ended, as a line of its stream. */
export function endOf(service: LogService, task: StoppedTask, now: number): LogLine {
  const id = taskId(task.arn)
  const timestamp = task.stoppedAt === undefined ? now : Date.parse(task.stoppedAt)
  const containers = task.containers.map(({name, exitCode, reason}) => {
    const code = exitCode === undefined ? 'no exit code' : `exit code ${exitCode}`
    return `${name} ended with ${code}${reason === undefined ? '' : ` (${reason})`}`
  })
  const message = [`Task ${id} stopped: ${task.stoppedReason || 'ECS gave no reason'}`, ...containers].join('; ')
  return {timestamp, ingestedAt: timestamp, service, stream: `task/${id}`, eventId: `stopped/${id}`, message}
}

/** When the oldest of the tasks began, ms since 1970. */
export function beginOf(stopped: readonly Stopped[]): number | undefined {
  const begins = stopped.flatMap(({tasks}) =>
    tasks.flatMap(({createdAt}) => (createdAt === undefined ? [] : [Date.parse(createdAt)])),
  )
  return begins.length === 0 ? undefined : Math.min(...begins)
}

/** How tasks ended, beside what they wrote. */
class Ends extends KnownSource {
  readonly service: LogService
  readonly name: string
  readonly pauses = [10_000, 10_000] as const
  readonly #lines: readonly LogLine[]

  constructor({service, tasks}: Stopped, now: number) {
    super(0, Infinity)
    this.service = service
    this.name = service
    this.#lines = tasks.map((task) => endOf(service, task, now))
  }

  // A source of a single page is still one.
  override async *pages(): AsyncGenerator<readonly LogLine[]> {
    yield this.fresh(this.#lines)
  }
}

/** Sources of what stopped tasks wrote and how they ended. */
export function previousSources(
  {logs}: Pick<LogsPorts, 'logs'>,
  groups: readonly LogGroup[],
  stopped: readonly Stopped[],
  options: {readonly start: number; readonly filter: string | undefined; readonly memory: number; readonly now: number},
): readonly Source[] {
  return stopped.flatMap((one): readonly Source[] => {
    const streams = one.tasks.flatMap((task) => streamsOf(one.service, task)).slice(0, mostStreams)
    const own = groups.filter(({service}) => service === one.service)
    return [
      new Ends(one, options.now),
      ...own.map(({service, group}) => new GroupSource(logs, {service, group, ...options, streams})),
    ]
  })
}
