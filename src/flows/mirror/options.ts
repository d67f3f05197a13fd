import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Ports} from '../ports.ts'
import type {ImageTransfer, MirrorFiles} from './ports.ts'

export type MirrorPorts = Pick<
  Ports,
  'identity' | 'stacks' | 'objects' | 'packageFiles' | 'secrets' | 'repositories' | 'clock'
> & {readonly imageTransfer: ImageTransfer; readonly mirrorFiles: MirrorFiles}

export interface MirrorOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** Release to copy; undefined for the one that a deploy brings. */
  readonly tag: string | undefined
  readonly dryRun: boolean
  /** The pi-aws.yaml to write into; undefined for the example of the package. */
  readonly file: string | undefined
  /** On the embedded AWS. */
  readonly embedded: boolean
}

export interface MirroredImage {
  /** What it is a copy of. */
  readonly from: string
  /** Repository of ECR. */
  readonly repository: string
  readonly digest: string
  /** Of everything that it is made of. */
  readonly bytes: number
  /** Of what was sent now, or would be. */
  readonly bytesSent: number
  /** Layers, configurations and manifests that were there already. */
  readonly present: number
  readonly sent: number
}

export interface MirrorResult {
  readonly environment: string
  /** planned: nothing was changed; unchanged: everything was there. */
  readonly state: 'planned' | 'mirrored' | 'unchanged'
  /** Release of the platform. */
  readonly tag: string
  /** By which tasks pull; absent while there is no repository. */
  readonly registry?: string
  readonly images: readonly MirroredImage[]
  readonly bytesSent: number
  /** The file that says so; absent where none can be written. */
  readonly file?: string
}
