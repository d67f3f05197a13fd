import type {StackEvent} from '../../domain/change-set.ts'
import type {RootCause} from '../../domain/root-cause.ts'
import type {Containers, Stacks, StoppedTask} from '../ports.ts'
import type {Logs} from '../telemetry/ports.ts'

/** Reads cluster and service out of an ECS service's ARN: `arn:...:service/<cluster>/<service>`. */
export function parseServiceArn(arn: string): {readonly cluster: string; readonly service: string} | undefined {
  const match = /:service\/([^/]+)\/([^/]+)$/.exec(arn)
  return match === null ? undefined : {cluster: match[1] ?? '', service: match[2] ?? ''}
}

function taskText(task: StoppedTask): string {
  const containers = task.containers
    .filter((container) => container.reason !== undefined || (container.exitCode ?? 0) !== 0)
    .map((container) => `${container.name}: ${container.reason ?? `exit code ${container.exitCode ?? 'unknown'}`}`)
  return [task.stoppedReason, ...containers].filter((text) => text !== '').join('; ')
}

type ExplainPorts = {readonly stacks: Stacks; readonly containers: Containers; readonly logs: Logs}

async function lastLogLines({stacks, logs}: ExplainPorts, stackId: string): Promise<readonly string[]> {
  const group = (await stacks.resources(stackId)).find((resource) => resource.type === 'AWS::Logs::LogGroup')
  return group === undefined || group.physicalId === '' ? [] : logs.tail(group.physicalId, {limit: 5})
}

/**
 * When the cause of a failure is an ECS service, adds why its tasks stopped and what they last wrote: the part that
 * CloudFormation does not tell. Never fails: an explanation that cannot be had is left out.
 */
export async function explainServiceFailure(
  ports: ExplainPorts,
  cause: RootCause | undefined,
  events: readonly StackEvent[],
): Promise<string> {
  if (cause?.type !== 'AWS::ECS::Service') return ''
  const event = events.find(
    (candidate) => candidate.logicalId === cause.logicalId && candidate.physicalId.startsWith('arn:'),
  )
  const target = event === undefined ? undefined : parseServiceArn(event.physicalId)
  if (event === undefined || target === undefined) return ''
  const [tasks, lines] = await Promise.all([
    ports.containers.stoppedTasks(target.cluster, target.service).catch(() => []),
    lastLogLines(ports, event.stackId).catch(() => []),
  ])
  const reasons = [...new Set(tasks.map(taskText).filter((text) => text !== ''))].slice(0, 3)
  const stopped = reasons.length === 0 ? '' : `. Its tasks stopped: ${reasons.join(' | ')}`
  return lines.length === 0 ? stopped : `${stopped}. Its last log lines: ${lines.join(' | ')}`
}
