import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {SnapshotRef} from '../../domain/snapshots/id.ts'
import type {BundleMove, GenerationPair, RestoreScope, StackChange} from '../../domain/snapshots/pair.ts'
import type {Consistency} from '../../domain/snapshots/manifest.ts'
import type {Ports} from '../ports.ts'

/** What a restore is given of the ports. */
export type RestorePorts = Ports

export interface RestoreOptions {
  readonly environment: EnvironmentName
  /** The only account that the configuration allows; undefined where it names none. */
  readonly account: string | undefined
  /** What the room in quotas is weighed with; without it only what RDS tells itself is. */
  readonly configuration?: EnvironmentConfiguration
  readonly ref: SnapshotRef
  /** Only these; both halves when empty. */
  readonly only: readonly RestoreScope[]
  /** Only from a set whose both halves lie in the backup vault; the latest is the latest of those. */
  readonly vaulted: boolean
  /** How the set of the present is taken first; `none` where there is nothing left to save, or nothing worth it. */
  readonly safety: Consistency | 'none'
  readonly maxQuiesceMs: number
  /** The environment's name, by `--confirm`. */
  readonly confirm: string | undefined
  /** `--yes` on the embedded AWS: no name is asked. */
  readonly confirmed: boolean
  /** Fingerprint of the plan that this restore carries out; refused when reality has moved on. */
  readonly plan: string | undefined
  readonly cloudFormationRoleArn: string | undefined
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

/** What scripts get from `restore run --json`. */
export interface RestoreResult {
  readonly environment: string
  readonly opId: string
  readonly state: 'COMMITTED'
  readonly snapshot: string
  /** The set of what was there before; '' where none was wanted. */
  readonly safety: string
  readonly generations: GenerationPair
  /** Bundles of assets that the bucket pointed at before and points at now; only with `--only assets`. */
  readonly assets?: {readonly from: string | null; readonly to: string}
  /** Parameters that were changed, stack by stack; only with `--only configuration`. */
  readonly configuration?: readonly StackChange[]
  /** ms that users were locked out for the flip, over all runs of this operation; without a first try that went back. */
  readonly downMs: number
}

/** What a restore came to besides its generations. */
export interface Aside {
  readonly assets?: BundleMove
  readonly configuration?: readonly StackChange[]
}

/** What scripts get from `restore undo --json`. */
export interface UndoResult {
  readonly environment: string
  readonly opId: string
  /** The restore that was taken back. */
  readonly restore: string
  readonly state: 'UNDONE'
  /** From what was restored, to what was there before. */
  readonly generations: GenerationPair
}

/** What scripts get from `restore finalize --json`. */
export interface FinalizeResult {
  readonly environment: string
  readonly opId: string
  readonly state: 'FINALIZED'
  readonly restores: readonly string[]
  /** Stacks, trees and the like that are gone. */
  readonly removed: readonly string[]
  /** Last database snapshots of what is gone. */
  readonly kept: readonly string[]
}
