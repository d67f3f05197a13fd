import type {ServiceName} from '../../domain/configuration.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'

/** What is done with one service. */
export type ServiceAction =
  {readonly kind: 'restart'} | {readonly kind: 'scale'; readonly count: number} | {readonly kind: 'abort'}

export interface ServiceOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly service: ServiceName
  readonly action: ServiceAction
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean
  readonly wait: boolean
  readonly resume: OpId | undefined
}

export interface ServiceChangeResult {
  readonly environment: string
  readonly service: ServiceName
  readonly action: ServiceAction['kind']
  /** Of the journaled operation, where something was done. */
  readonly opId?: string
  /** planned: a dry run; unchanged: there was nothing to do; running: ECS works on it. */
  readonly state: 'planned' | 'unchanged' | 'running' | 'done'
  /** Tasks that were wanted, and that are now. */
  readonly desired: {readonly before: number; readonly after: number}
  /** The deployment that was begun or stopped. */
  readonly deployment?: string
  /** What is done or would be, and what becomes of it later. */
  readonly notes: readonly string[]
}
