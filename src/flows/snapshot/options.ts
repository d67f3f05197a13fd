import type {Consistency} from '../../domain/snapshots/manifest.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {Ports} from '../ports.ts'

/** What a snapshot is given of the ports. */
export type SnapshotPorts = Pick<
  Ports,
  | 'identity'
  | 'stacks'
  | 'objects'
  | 'containers'
  | 'scaling'
  | 'functions'
  | 'databases'
  | 'backups'
  | 'secrets'
  | 'keys'
  | 'logs'
  | 'clock'
  | 'machine'
  | 'packageFiles'
  | 'permissions'
  | 'accountFacts'
>

export interface SnapshotCreateOptions {
  readonly environment: EnvironmentName
  /** The only account that the configuration allows; undefined where it names none. */
  readonly account: string | undefined
  readonly consistency: Consistency
  readonly note: string
  readonly tags: readonly string[]
  /** How long the services may be at zero (ms); what is not captured by then is captured live. */
  readonly maxQuiesceMs: number
  /** Whether the database half lies in the backup vault too, instead of being a manual snapshot outside it. */
  readonly vaulted: boolean
  /** False ends with PendingError once nothing but AWS Backup is at work, and the services run again. */
  readonly wait?: boolean
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

/** What scripts get from `snapshot create --json`. */
export interface SnapshotCreateResult {
  readonly environment: string
  readonly id: string
  readonly state: 'COMMITTED'
  readonly consistency: Consistency
  /** ms that database and files may be apart. */
  readonly skewMs: number
  /** ms that the services were at zero. */
  readonly downMs: number
  readonly bytes: number
  /** Whether both halves lie in the backup vault. */
  readonly vaulted: boolean
  readonly opId: string
}
