import type {Leftover} from '../leftovers.ts'
import type {RootCause} from '../root-cause.ts'

/** How a stopped task ended. */
export interface TaskEnd {
  readonly reason: string
  readonly containers: readonly {readonly name: string; readonly exitCode?: number; readonly reason?: string}[]
}

export interface ServiceFacts {
  readonly name: string
  readonly running: number
  readonly desired: number
  /** False where its smallest number of tasks is zero, or the platform is quiesced. */
  readonly wanted: boolean
  /** ECS does not have the service that the stack made. */
  readonly gone?: boolean
  /** Newest first. */
  readonly stopped: readonly TaskEnd[]
  /** What ECS says of it, newest first. */
  readonly events: readonly string[]
  readonly targets?: {readonly healthy: number; readonly total: number; readonly reasons: readonly string[]}
}

export interface StackFacts {
  readonly part: string
  readonly stack: string
  readonly status: string
  /** What its status means. */
  readonly meaning: string
  readonly healthy: boolean
  /** Of its last failed operation, nested stacks included. */
  readonly cause?: RootCause
  /** What updates of the last days replaced and AWS could not remove. */
  readonly leftovers?: readonly Leftover[]
  /** What a failed rollback hangs on, as plans name it, and why. */
  readonly stuck?: readonly {readonly name: string; readonly type: string; readonly reason: string}[]
}

/** Everything that is looked at before anything is said; times in ISO 8601 UTC. */
export interface Facts {
  readonly environment: string
  readonly now: string
  readonly deployed: boolean
  readonly quiesced: boolean
  readonly stacks: readonly StackFacts[]
  readonly operations: readonly {
    readonly opId: string
    readonly kind: string
    readonly state: string
    readonly reason?: string
  }[]
  readonly services: readonly ServiceFacts[]
  readonly alarms: readonly {readonly description: string; readonly reason: string; readonly since: string}[]
  /** What somebody changed past a stack, or removed, in what holds data; `properties` are paths into the resource's. */
  readonly changes: readonly {
    readonly part: 'database' | 'files'
    readonly logicalId: string
    readonly deleted: boolean
    readonly properties: readonly string[]
  }[]
  /** Alarms that are silent though their silence is over, and until when it was to be. */
  readonly overdue: readonly {readonly alarm: string; readonly until: string}[]
  /** Names of alarms that somebody switched off, and not by a silence. */
  readonly alarmsOff: readonly string[]
  /** `more`: there may be more than were counted. */
  readonly errors: readonly {
    readonly service: string
    readonly count: number
    readonly more?: boolean
    readonly sample: string
  }[]
  readonly certificate?: {readonly arn: string; readonly status: string; readonly notAfter?: string}
  readonly zone?: {readonly id: string; readonly found: boolean}
  readonly database?: {
    readonly identifier: string
    readonly status: string
    /** Bytes. */
    readonly size: number
    readonly free?: number
    readonly credits?: number
  }
  readonly files?: {readonly id: string; readonly state: string; readonly credits?: number}
  readonly backup?: {readonly last?: string; readonly failed: readonly string[]; readonly deployedAt: string}
  /** Looks that failed: what they would have told is unknown. */
  readonly unknown: readonly {readonly what: string; readonly why: string}[]
}

export interface Finding {
  /** From 1, the likeliest first cause. */
  readonly rank: number
  readonly what: string
  readonly why: string
  /** As AWS and the services put it. */
  readonly evidence: readonly string[]
  /** Commands or imperative sentences. */
  readonly next: readonly string[]
}
