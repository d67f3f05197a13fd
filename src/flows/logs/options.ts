import type {LogRecord} from '../../domain/logs/record.ts'
import type {LogService} from '../../domain/logs/services.ts'
import type {Span} from '../../domain/logs/moments.ts'
import type {EnvironmentName} from '../../domain/names.ts'

export interface LogsOptions {
  readonly environment: EnvironmentName
  /** None: all that the environment has. */
  readonly services: readonly LogService[]
  readonly span: Span
  /** Whether the beginning of the span was asked for. */
  readonly since: boolean
  readonly follow: boolean
  /** With `follow`: by Live Tail, which is billed by the minute. */
  readonly live?: boolean
  /** ms that lines are held back while following, so that they come in order. */
  readonly reorder: number
  /** CloudWatch's own filter, which leaves out everything else where it is stored. */
  readonly filter?: string
  readonly grep: readonly RegExp[]
  readonly exclude: readonly RegExp[]
  /** Only tasks that stopped, with the reason. */
  readonly previous: boolean
  /** At most so many lines of what is stored, the newest. */
  readonly limit?: number
}

export interface LogsResult {
  readonly environment: string
  readonly services: readonly string[]
  /** ISO 8601 UTC. */
  readonly from: string
  /** ISO 8601 UTC; absent while following. */
  readonly to?: string
  /** Lines that were given out. */
  readonly lines: number
  /** Of them, those that came behind a newer one. */
  readonly late: number
  /** Ended by Ctrl-C. */
  readonly cancelled: boolean
  /** With --output json; with ndjson each is a line of its own. */
  readonly events?: readonly LogRecord[]
}
