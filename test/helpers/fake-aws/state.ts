import type {Change, StackEvent} from '../../../src/domain/change-set.ts'
import type {StackStatus} from '../../../src/domain/stack-status.ts'

/** What happens in the world when a stack's operation ends. */
export type Effect = 'created' | 'updated' | 'deleted'

/** One thing that CloudFormation will do. */
export interface Due {
  readonly at: number
  readonly status?: StackStatus
  readonly statusReason?: string
  readonly event?: StackEvent
  /** Resources that reach a status with this event. */
  readonly resource?: FakeResource
  readonly effect?: Effect
}

export interface FakeResource {
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  readonly status: string
  readonly reason?: string
}

/** What a stack is to become. */
export interface Goal {
  readonly template: string
  readonly parameters: Record<string, string>
  readonly tags: Record<string, string>
}

export interface FakeChangeSet {
  readonly arn: string
  readonly name: string
  readonly kind: 'CREATE' | 'UPDATE'
  readonly description: string
  readonly readyAt: number
  readonly goal: Goal
  readonly changes: readonly Change[]
  readonly outcome: 'ready' | 'empty' | 'failed'
  readonly reason?: string
  executed: boolean
}

export interface FakeStack {
  readonly id: string
  readonly name: string
  status: StackStatus
  statusReason: string | undefined
  readonly createdAt: string
  updatedAt: string | undefined
  goal: Goal | undefined
  outputs: Record<string, string>
  terminationProtection: boolean
  policy: string | undefined
  resources: FakeResource[]
  events: StackEvent[]
  changeSets: FakeChangeSet[]
  timeline: Due[]
  /** Tokens of calls that were taken: the same one again is the same call. */
  readonly tokens: string[]
  /** What an update under way goes to, and what it came from. */
  next: Goal | undefined
}

export interface FakeObject {
  readonly body: Uint8Array
  readonly etag: string
  readonly modified: number
}

export interface FakeInstance {
  readonly identifier: string
  /** Stands for the rows in it. */
  data: string
  allocatedStorage: number
  engineVersion: string
  masterUsername: string
  deletionProtection: boolean
  backup: boolean
  /** Whether the application's user was made in it. */
  hasUser: boolean
  /** What that user's secret held when the user was changed last; kept only where a test has put something there. */
  userSecret?: string
  /** The set whose canary is in it. */
  canary?: string
  /** What RDS is at; available where it is undefined. */
  status?: string
}

export interface FakeSnapshot {
  readonly identifier: string
  readonly data: string
  readonly allocatedStorage: number
  readonly engineVersion: string
  readonly masterUsername: string
  readonly environment: string | undefined
  readonly instance: string
  readonly canary?: string
  readonly createdAt: number
  readonly readyAt: number
  failed: boolean
}

export interface FakeFileSystem {
  readonly id: string
  mountTargets: boolean
  /** Generation -> what stands for the files in it. */
  readonly generations: Map<number, string>
  /** What was side-loaded: path -> hash, or `folder`. */
  assets?: Map<string, string>
  /** Trees beside the generations, by path: frozen copies and what a backup brought back. */
  readonly trees: Map<string, string>
  /** `<path> <snapshot>` -> what the list of a tree says is in it. */
  readonly lists: Map<string, string>
  /** What the function takes for active. */
  active?: number
}

export interface FakeService {
  readonly cluster: string
  readonly name: string
  desired: number
  /** What ECS says about it, newest first. */
  events?: {readonly id: string; readonly at: string; readonly message: string}[]
  /** As many as desired where it is undefined. */
  running: number | undefined
  /** Forced deployments, oldest first; before them there was one that completed. */
  rollouts?: FakeRollout[]
  /** Tasks that still stop. */
  draining?: {readonly count: number; readonly until: number}
}

export interface FakeRollout {
  readonly id: string
  readonly begunAt: number
  /** When it has all its tasks, or is given up. */
  endsAt: number
  /** Why it is given up; undefined when it succeeds. */
  fails: string | undefined
}

export interface FakeScaling {
  readonly cluster: string
  min: number
  max: number
  suspended: boolean
}

export interface FakeJob {
  readonly id: string
  readonly kind: 'backup' | 'restore' | 'copy'
  readonly token: string
  readonly vault: string
  readonly resourceArn: string
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly endsAt: number
  /** Of a backup of a database: when AWS Backup gets to it and takes the snapshot. */
  readonly capturesAt?: number
  /** Of a restore or a copy: what it brings. */
  readonly source?: {readonly arn: string; readonly items: readonly string[]}
  state: string
  reason: string
  recoveryPointArn?: string
}

export interface FakeRecoveryPoint {
  readonly arn: string
  readonly vault: string
  readonly resourceArn: string
  readonly snapshot: string | undefined
  readonly completedAt: number
  /** Infinity where the vault is locked and it has no end of its own. */
  lockedUntil?: number
  /** Whether somebody had it copied there. */
  readonly copied?: boolean
  /** Everything on the file system, by path. */
  readonly trees: ReadonlyMap<string, string>
  readonly lists: ReadonlyMap<string, string>
}

export interface FakeTask {
  readonly arn: string
  readonly startedBy: string
  readonly definition: string
  readonly environment: Readonly<Record<string, string>>
  readonly endsAt: number
  done: boolean
  /** Why it failed; empty when it did not. */
  why: string
}

/** A key that somebody of another account may use. */
export interface FakeLoan {
  readonly keyArn: string
  readonly to: string
  readonly name: string
  readonly since: number
}

/** Everything that AWS knows: plain data, so that a world can be copied. */
export interface WorldState {
  stacks: FakeStack[]
  readonly counters: Record<string, number>
  readonly buckets: Map<string, Map<string, FakeObject>>
  readonly secrets: Map<
    string,
    {
      readonly environment: string
      value: string | undefined
      versions: string[]
      /** What former versions hold, by version. */
      past?: Record<string, string>
    }
  >
  readonly instances: Map<string, FakeInstance>
  readonly snapshots: Map<string, FakeSnapshot>
  /** Snapshot -> accounts that may copy it. */
  readonly shares: Map<string, readonly string[]>
  loans: FakeLoan[]
  readonly fileSystems: Map<string, FakeFileSystem>
  readonly functions: Map<string, {readonly fileSystem: string}>
  readonly services: Map<string, FakeService>
  /** By service. */
  readonly scaling: Map<string, FakeScaling>
  readonly jobs: FakeJob[]
  readonly recoveryPoints: Map<string, FakeRecoveryPoint>
  readonly tasks: FakeTask[]
  readonly vaults: Map<string, string | undefined>
  readonly keys: Map<string, string>
  /** Until when the network interfaces of a removed function stay. */
  interfacesUntil: number
}

export function emptyState(): WorldState {
  return {
    stacks: [],
    counters: {},
    buckets: new Map(),
    secrets: new Map(),
    instances: new Map(),
    snapshots: new Map(),
    fileSystems: new Map(),
    functions: new Map(),
    services: new Map(),
    scaling: new Map(),
    jobs: [],
    recoveryPoints: new Map(),
    tasks: [],
    vaults: new Map(),
    keys: new Map(),
    shares: new Map(),
    loans: [],
    interfacesUntil: 0,
  }
}
