import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import type {Leftover} from '../../domain/leftovers.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {Part} from '../../domain/parts.ts'
import type {Ports} from '../ports.ts'

/** Values that go to Secrets Manager and nowhere else: never journaled, never logged. */
export interface SecretValues {
  readonly licence?: string
  readonly registry?: {readonly username: string; readonly password: string}
}

/** What a deploy is given of the ports. */
export type DeployPorts = Omit<Ports, 'fileSystems' | 'backups' | 'loadBalancers' | 'keys'>

export interface DeployOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** Only these parts; those before them must stand already. All when empty. */
  readonly parts: readonly Part[]
  readonly wait: boolean
  readonly continueRollback: boolean
  /** What of a failed rollback is left as it is, once a person has agreed. */
  readonly skipped?: {
    /** `Logical` or `Nested.Logical`. */
    readonly resources: readonly string[]
    /** The environment's name, by `--confirm`. */
    readonly confirm: string | undefined
    /** `--yes` on the embedded AWS: no name is asked. */
    readonly confirmed: boolean
  }
  /** Changes to what holds data that the operator names: `Logical` or `Nested.Logical`. */
  readonly allowed: readonly string[]
  /** Role that CloudFormation assumes for what it makes. */
  readonly cloudFormationRoleArn: string | undefined
  readonly secrets: SecretValues
  /** Where nobody gave secrets: made-up ones, for the embedded AWS alone. */
  readonly placeholderSecrets: boolean
  /** The operator agrees that missing service-linked roles are made. */
  readonly createLinkedRoles: boolean
  /** Names of checks of the preflight that are passed over. */
  readonly skip: readonly string[]
  /** A check that could not be made counts as a no. */
  readonly strict: boolean
  /** Go on with this operation. */
  readonly resume: OpId | undefined
  /** Folder with assets that the deploy ends with, if one is configured. */
  readonly assetsFolder: string | undefined
  /** Set by an upgrade: the tag that it brings, whatever pi-aws.yaml says when it is resumed. */
  readonly upgrade?: TagMove
  /** Fingerprint of the plan that this deploy carries out; refused when reality has moved on. */
  readonly plan: string | undefined
}

/** The release of the platform before and after. */
export interface TagMove {
  readonly from: string
  readonly to: string
  /** Id of the snapshot that was taken before. */
  readonly snapshot?: string
}

/** What scripts get from `deploy --json`. */
export interface DeployResult {
  readonly environment: string
  readonly changed: boolean
  readonly opId: string
  readonly parts: readonly DeployedPart[]
  /** What the updates replaced and AWS could not remove; absent where there is nothing of the kind. */
  readonly leftovers?: readonly Leftover[]
  /** Outputs of all parts, merged. */
  readonly outputs: Readonly<Record<string, string>>
  /** Present when a folder is configured. */
  readonly assets?: DeployedAssets
}

/** How the configured folder came into the file system. */
export interface DeployedAssets {
  readonly folder: string
  /** Files of the folder. */
  readonly files: number
  /** Files that were sent to the bucket. */
  readonly sent: number
  /** Files and folders that were written into the file system, and that were there already. */
  readonly copied: number
  readonly skipped: number
  /** Id of the bundle that was loaded. */
  readonly bundle: string
  /** Where it lies: `<file system>:/gen/<generation>`. */
  readonly place: string
}

export interface DeployedPart {
  readonly part: Part
  readonly stack: string
  readonly stackId: string
  /** `created`, `updated` or `unchanged`. */
  readonly status: 'created' | 'updated' | 'unchanged'
}
