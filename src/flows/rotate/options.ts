import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {RotatableSecret} from '../../domain/rotation.ts'
import type {Ports} from '../ports.ts'

export type RotatePorts = Pick<
  Ports,
  | 'identity'
  | 'stacks'
  | 'objects'
  | 'databases'
  | 'secrets'
  | 'serviceControl'
  | 'containers'
  | 'imageRegistry'
  | 'logs'
  | 'clock'
  | 'machine'
  | 'packageFiles'
  | 'ask'
>

export interface RotateOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly secret: RotatableSecret
  /** The new value as its secret holds it; undefined where it is made here, for a plan and for `resume`. */
  readonly value: string | undefined
  readonly dryRun: boolean
  /** `--yes`. */
  readonly confirmed: boolean
  /** On the embedded AWS, which pulls no images. */
  readonly embedded: boolean
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

/** What scripts get from `secret rotate --json`; never a value. */
export interface RotateResult {
  readonly environment: string
  readonly secret: RotatableSecret
  readonly secretArn: string
  readonly state: 'planned' | 'rotated'
  /** Services that are restarted, in this order. */
  readonly restarted: readonly string[]
  /** What users and operators notice. */
  readonly effect: string
  /** Id of the version before; Secrets Manager keeps it as AWSPREVIOUS. */
  readonly before: string
  /** Id of the version that is current now; absent in a plan. */
  readonly versionId?: string
  readonly opId?: string
}
