import type {Mirror} from '../../domain/mirror.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {Ports} from '../ports.ts'

/** What a destroy is given of the ports. */
export type DestroyPorts = Omit<Ports, 'certificates' | 'hostedZones' | 'loadBalancers' | 'functions'>

export interface DestroyOptions {
  readonly environment: EnvironmentName
  /** The only account that the configuration allows; undefined where it names none. */
  readonly account: string | undefined
  /** The environment's name, typed or by `--confirm`. */
  readonly confirm: string | undefined
  /** `--yes` on the embedded AWS: no name is asked. */
  readonly confirmed: boolean
  /** Also what holds data: file system, snapshots, buckets, vault, secrets, key. */
  readonly withData: boolean
  readonly confirmData: string | undefined
  /** The mirror of its images in ECR, which is under its key and goes with the data. */
  readonly mirror: Mirror | undefined
  readonly cloudFormationRoleArn: string | undefined
  /** False ends with PendingError once the first stack operation runs. */
  readonly wait?: boolean
  readonly resume: OpId | undefined
}

/** One thing that stays, why, and what drives its price. */
export interface KeptThing {
  readonly what: string
  readonly id: string
  readonly costs: string
}

/** What scripts get from `destroy --json`. */
export interface DestroyResult {
  readonly environment: string
  readonly opId: string
  /** Stacks and things that are gone. */
  readonly removed: readonly string[]
  /** Stacks and things that stay. */
  readonly kept: readonly string[]
  readonly keptDetails: readonly KeptThing[]
}
