import type {ServiceName} from '../../domain/configuration.ts'
import type {EnvironmentName} from '../../domain/names.ts'

export interface CommandOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly service: ServiceName
  /** Program and arguments. */
  readonly command: readonly string[]
}

/** How a command in a task of its own ended. */
export interface CommandResult {
  readonly environment: string
  readonly service: ServiceName
  /** Id of the task. */
  readonly task: string
  /** Of the command. */
  readonly exitCode: number
  /** Why the task stopped, in the words of ECS. */
  readonly reason: string
  /** What the command wrote; the last 10,000 lines. */
  readonly output: readonly string[]
}

export interface SessionOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly service: ServiceName
  /** What runs in the container: a shell by default. */
  readonly command: readonly string[]
  /** Id of the task, or the beginning of it; the newest by default. */
  readonly task: string | undefined
}

/** A session has no result but that it was. */
export type ExecResult =
  | ({readonly mode: 'command'} & CommandResult)
  | {readonly mode: 'session'; readonly environment: string; readonly service: ServiceName; readonly task: string}
