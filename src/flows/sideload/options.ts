import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {OperationState} from '../../domain/ledger.ts'
import type {FileResult} from '../../domain/sideload.ts'
import type {Ports} from '../ports.ts'

export type SideloadPorts = Pick<
  Ports,
  'stacks' | 'identity' | 'objects' | 'functions' | 'clock' | 'machine' | 'packageFiles'
>

export interface SideloadOptions {
  readonly environment: EnvironmentName
  /** The only account that the environment may live in, if the configuration names one. */
  readonly account: string | undefined
  /** Whether files go that an earlier bundle put there and this one does not name. */
  readonly prune: boolean
  /** False hands the first slices over to the function and returns. */
  readonly wait: boolean
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

/** What scripts get from `sideload`, `sideload status`, `start` and `wait`. */
export interface SideloadResult {
  readonly environment: string
  readonly opId: string
  /** As in `ops list`; `running` while somebody, or the function alone, is at work. */
  readonly state: OperationState | 'running'
  /** Id of the bundle; empty before it was settled. */
  readonly bundle: string
  /** Generation of the files that it was loaded into; 0 before it was settled. */
  readonly generation: number
  readonly copied: number
  readonly skipped: number
  /** Files and folders that `--prune` removed. */
  readonly removed: number
  readonly failed: number
  /** Bytes that were written. */
  readonly bytes: number
  /** What became of each path. */
  readonly files: readonly FileResult[]
}
