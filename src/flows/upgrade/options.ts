import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Consistency} from '../../domain/snapshots/manifest.ts'
import type {TemplateMove} from '../../domain/template-notes.ts'
import type {ImageMove} from '../../domain/upgrade.ts'
import type {ConfigurationFiles} from '../config/ports.ts'
import type {DeployedPart} from '../deploy/options.ts'
import type {PlannedPart} from '../plan-part.ts'
import type {Ports} from '../ports.ts'

/** A pi-aws.yaml that is kept in step with the release that runs. */
export type TagFiles = ConfigurationFiles & {
  /** Whether the file could be replaced; nothing is written to find out. */
  isWritable(path: string): Promise<boolean>
}

export type UpgradePorts = Ports & {readonly tagFiles: TagFiles}

export interface UpgradeOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** The release to go to; undefined for the one of the configuration. */
  readonly tag: string | undefined
  /** Also move to the templates of this pi-aws. */
  readonly toTemplate: boolean
  /** To the tag before instead. */
  readonly rollback: boolean
  readonly snapshotFirst: boolean
  readonly consistency: Consistency
  /** How long the snapshot may keep services at zero (ms). */
  readonly maxQuiesceMs: number
  readonly dryRun: boolean
  /** `--yes`. */
  readonly confirmed: boolean
  /** The environment's name, where a flag said it. */
  readonly confirm: string | undefined
  /** False ends with PendingError once the deploy's first stack operation runs. */
  readonly wait?: boolean
  readonly cloudFormationRoleArn: string | undefined
  /** The pi-aws.yaml to keep in step; undefined for the example of the package. */
  readonly file: string | undefined
  /** On the embedded AWS. */
  readonly embedded: boolean
  readonly assetsFolder: string | undefined
}

/** What an upgrade would do, or did. */
export interface UpgradePlan {
  readonly environment: string
  /** Release of the platform. */
  readonly tag: {readonly from: string; readonly to: string}
  readonly images: readonly ImageMove[]
  readonly templates: readonly TemplateMove[]
  readonly parts: readonly PlannedPart[]
  /** What users notice, in sentences. */
  readonly downtime: readonly string[]
  /** What cannot be taken back by going to the tag before. */
  readonly warnings: readonly string[]
  /** Whether a snapshot is taken first. */
  readonly snapshotFirst: boolean
  /** The file whose tag is changed; absent where none has to be. */
  readonly file?: string
}

/** What scripts get from `upgrade --json`. */
export interface UpgradeResult {
  /** `planned` with --dry-run, `unchanged` where there is nothing to do. */
  readonly state: 'planned' | 'unchanged' | 'upgraded'
  readonly plan: UpgradePlan
  /** Id of the snapshot that was taken before. */
  readonly snapshot?: string
  readonly opId?: string
  readonly deployed?: readonly DeployedPart[]
}
