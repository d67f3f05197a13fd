import type {StackEvent} from '../../domain/change-set.ts'
import type {LogLine} from '../../domain/logs/line.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {statusTable} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import {type Landscape, mergedOutputs, readLandscape} from '../landscape.ts'
import type {StackDescription} from '../ports.ts'
import type {Pacer} from './pacer.ts'
import type {LogsPorts} from './ports.ts'
import {KnownSource} from './source.ts'

/** A stack that was not touched for this long before a moment has no events after it: operations take a few hours at most. ms. */
const longestOperation = 21_600_000

type EventPorts = Pick<LogsPorts, 'stacks' | 'objects' | 'containers' | 'databases' | 'backups'>

/** Events of CloudFormation (nested stacks included), ECS, RDS and Backup. What cannot be read is said once and left out. */
export class PlatformEvents extends KnownSource {
  readonly service = 'events'
  readonly name = 'events'
  readonly pauses = [5000, 20_000] as const
  readonly #ports: EventPorts
  readonly #report: Report
  readonly #environment: EnvironmentName
  readonly #unreadable = new Set<string>()

  constructor(
    ports: EventPorts,
    report: Report,
    options: {environment: EnvironmentName; start: number; memory: number},
  ) {
    super(options.start, options.memory)
    this.#ports = ports
    this.#report = report
    this.#environment = options.environment
  }

  override async *pages(from: number, to: number | undefined, pacer: Pacer): AsyncGenerator<readonly LogLine[]> {
    const landscape = await pacer.call(this.name, () => readLandscape(this.#ports, this.#environment))
    const outputs = mergedOutputs(landscape)
    const since = new Date(from).toISOString()
    const kinds: Readonly<Record<string, () => Promise<readonly LogLine[]>>> = {
      CloudFormation: () => this.#stackLines(landscape, from, pacer),
      ECS: () => this.#serviceLines(outputs, pacer),
      RDS: () => this.#databaseLines(outputs['DatabaseIdentifier'], since, pacer),
      Backup: () => this.#backupLines(outputs['BackupVaultName'], since, pacer),
    }
    const all: LogLine[] = []
    for (const [kind, read] of Object.entries(kinds)) all.push(...(await this.#readable(kind, read)))
    const end = to ?? Infinity
    yield this.fresh(all.filter(({timestamp}) => timestamp >= from && timestamp <= end))
  }

  async #readable(kind: string, read: () => Promise<readonly LogLine[]>): Promise<readonly LogLine[]> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'CancelledError') throw error
      if (!this.#unreadable.has(kind)) {
        this.#unreadable.add(kind)
        this.#report({
          type: 'warning',
          code: 'EVENTS_UNREADABLE',
          message: `Events of ${kind} are left out: ${error.message}`,
        })
      }
      return []
    }
  }

  async #stackLines(landscape: Landscape, from: number, pacer: Pacer): Promise<readonly LogLine[]> {
    const since = new Date(from).toISOString()
    const lines: LogLine[] = []
    const known = new Set<string>()
    const read = async (stack: string): Promise<void> => {
      if (known.has(stack)) return
      known.add(stack)
      const events = await pacer.call(this.name, () => this.#ports.stacks.eventsSince(stack, since))
      lines.push(...events.map(lineOfStack))
      for (const event of events) if (isChild(event)) await read(event.physicalId)
    }
    for (const stack of landscape.stacks) if (mayHaveEvents(stack, from)) await read(stack.id)
    return lines
  }

  async #serviceLines(outputs: Readonly<Record<string, string>>, pacer: Pacer): Promise<readonly LogLine[]> {
    const cluster = outputs['ClusterName']
    if (cluster === undefined) return []
    const names = new Map(
      Object.entries(outputs)
        .filter(([key]) => key.endsWith('ServiceName'))
        .map(([key, value]) => [value, key.slice(0, -'ServiceName'.length).toLowerCase()]),
    )
    const states = await pacer.call(this.name, () => this.#ports.containers.services(cluster))
    return states.flatMap(({name, events}) =>
      events.map(({id, at, message}) => lineAt(at, `ecs/${names.get(name) ?? name}`, id, message)),
    )
  }

  async #databaseLines(identifier: string | undefined, since: string, pacer: Pacer): Promise<readonly LogLine[]> {
    if (identifier === undefined) return []
    const events = await pacer.call(this.name, () => this.#ports.databases.events(identifier, since))
    return events.map(({id, at, message}) => lineAt(at, `rds/${identifier}`, id, message))
  }

  async #backupLines(vault: string | undefined, since: string, pacer: Pacer): Promise<readonly LogLine[]> {
    if (vault === undefined) return []
    const jobs = await pacer.call(this.name, () => this.#ports.backups.jobs(vault, since))
    return jobs.map((job) => {
      const text = `${job.state} backup of ${job.resourceArn}${job.message === undefined ? '' : `: ${job.message}`}`
      return lineAt(job.completedAt ?? job.createdAt, `backup/${job.id}`, `${job.id}/${job.state}`, text)
    })
  }
}

function mayHaveEvents({status, updatedAt, createdAt}: StackDescription, from: number): boolean {
  if (statusTable[status].health === 'working') return true
  return Date.parse(updatedAt ?? createdAt) >= from - longestOperation
}

/** A nested stack's row in its parent; the stack's own rows bear its own id. */
function isChild({type, physicalId, stackId}: StackEvent): boolean {
  return type === 'AWS::CloudFormation::Stack' && physicalId.startsWith('arn:') && physicalId !== stackId
}

function lineOfStack(event: StackEvent): LogLine {
  const {at, stackName, id, status, logicalId, type, reason} = event
  const text = `${status} ${logicalId} (${type})${reason === undefined ? '' : `: ${reason}`}`
  return lineAt(at, `cloudformation/${stackName}`, id, text)
}

function lineAt(at: string, stream: string, eventId: string, message: string): LogLine {
  const timestamp = Date.parse(at) || 0
  return {timestamp, ingestedAt: timestamp, service: 'events', stream, eventId, message}
}
