import {FailedError} from '../../domain/errors.ts'
import {nextLook} from '../../domain/looks.ts'
import type {Clock, Containers, StoppedTask, TaskRequest} from '../ports.ts'
import type {Logs} from '../telemetry/ports.ts'

/** How long a one-off task may take (ms). */
const taskLimit = 900_000

export type TaskPorts = {readonly containers: Containers; readonly logs: Logs; readonly clock: Clock}

/** How often a log is looked at again for a line that has to come. */
const looks = 10

async function linesOf(
  {logs, clock}: Pick<TaskPorts, 'logs' | 'clock'>,
  what: {readonly logGroup: string | undefined; readonly logStream?: string; readonly stop: AbortSignal},
  id: string,
  last: string | undefined,
): Promise<readonly string[]> {
  if (what.logGroup === undefined) return []
  for (let look = 1; ; look++) {
    const lines = await lastLines(logs, what.logGroup, what.logStream, id)
    if (last === undefined || lines.includes(last) || look >= looks) return lines
    await clock.sleep(1000, what.stop)
  }
}

/** A log that cannot be read is no reason to fail. */
async function lastLines(
  logs: Logs,
  group: string,
  stream: string | undefined,
  id: string,
): Promise<readonly string[]> {
  const options = stream === undefined ? {limit: 20} : {limit: 20, streamPrefix: `${stream}/${id}`}
  return logs.tail(group, options).catch(() => [])
}

function whyFailed(task: StoppedTask): string | undefined {
  const container = task.containers.find((candidate) => candidate.exitCode !== 0)
  if (container === undefined && task.containers.length > 0) return undefined
  const code = container?.exitCode === undefined ? 'no exit code' : `exit code ${container.exitCode}`
  return [container?.reason, task.stoppedReason, code].filter((text) => text !== undefined && text !== '').join('; ')
}

/**
 * Runs a one-off task to its end.
 * @returns the last lines that it wrote
 * @throws FailedError TASK_FAILED with its reason and last lines, TASK_TOO_LONG after 15 minutes
 */
export async function runTask(
  {containers, logs, clock}: TaskPorts,
  request: TaskRequest,
  what: {
    readonly title: string
    readonly logGroup: string | undefined
    /** `<prefix>/<container>` of its log stream, where lines of other tasks must not be among the last ones. */
    readonly logStream?: string
    /** A line that its log ends with: CloudWatch shows the last lines some seconds after the task has ended. */
    readonly lastLine?: string
    readonly stop: AbortSignal
  },
): Promise<readonly string[]> {
  const begun = clock.now().getTime()
  const arn = await containers.runTask(request)
  const id = arn.split('/').at(-1) ?? arn
  for (;;) {
    const task = await containers.stoppedTask(request.cluster, arn)
    if (task !== undefined) {
      const why = whyFailed(task)
      const lines = await linesOf({logs, clock}, what, id, why === undefined ? what.lastLine : undefined)
      if (why === undefined) return lines
      const written = lines.length === 0 ? '' : `. It last wrote: ${lines.slice(-5).join(' | ')}`
      throw new FailedError(`${what.title} failed: ${why}${written}`, {code: 'TASK_FAILED'})
    }
    if (clock.now().getTime() - begun > taskLimit) {
      throw new FailedError(`${what.title} takes longer than 15 minutes (task ${id}).`, {code: 'TASK_TOO_LONG'})
    }
    await clock.sleep(nextLook(clock.now().getTime() - begun, 500, 5000), what.stop)
  }
}
