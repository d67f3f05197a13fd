import type {ConfigurationFiles} from '../config/ports.ts'
import type {ImageRequest} from '../preflight/ports.ts'

/** A repository of a registry, and how one logs in to it. */
export interface RepositoryPlace {
  /** `https://host`, or `http://` on the loopback. */
  readonly url: string
  /** Path of the repository: `pi-cr/server`. */
  readonly path: string
  readonly credentials?: ImageRequest['credentials']
}

/** What is named by the hash of its content. */
export interface Descriptor {
  readonly digest: string
  readonly mediaType: string
  /** Bytes. */
  readonly size: number
}

export interface Manifest extends Descriptor {
  readonly bytes: Uint8Array
}

/** Images as registries keep them: manifests, and the blobs that these name. */
export interface ImageTransfer {
  /**
   * @param reference a tag, or a digest, which the content must have
   * @throws NotFoundError IMAGE_NOT_FOUND; AccessError REGISTRY_DENIED; FailedError RATE_LIMITED, WRONG_DIGEST,
   * REGISTRY_UNREACHABLE, REGISTRY_ANSWER
   */
  manifest(place: RepositoryPlace, reference: string): Promise<Manifest>
  /** The digest of what is there under a tag or digest; undefined where nothing is. @throws as `manifest` */
  stored(place: RepositoryPlace, kind: 'blobs' | 'manifests', reference: string): Promise<string | undefined>
  /**
   * Carries a blob over without keeping it, and completes it only if it is what its digest says.
   * @throws as `manifest`
   */
  copyBlob(
    from: RepositoryPlace,
    to: RepositoryPlace,
    blob: Descriptor,
    how: {readonly onBytes: (count: number) => void; readonly signal: AbortSignal},
  ): Promise<void>
  putManifest(to: RepositoryPlace, reference: string, manifest: Manifest): Promise<void>
}

/** ECR. */
export interface Repositories {
  /** Host and path by which tasks pull from a repository; undefined where there is none. */
  uri(name: string): Promise<string | undefined>
  /** Makes one whose tags stay what they are, scanned at each push; one that is there already is left as it is. */
  make(
    name: string,
    how: {readonly keyArn: string | undefined; readonly tags: Readonly<Record<string, string>>},
  ): Promise<string>
  /** Removes one with all images in it; one that is gone already is fine. */
  remove(name: string): Promise<void>
  /** Where images are pushed to, with a login that is good for twelve hours. */
  login(): Promise<Omit<RepositoryPlace, 'path'>>
}

/** A pi-aws.yaml that says what is mirrored. */
export type MirrorFiles = ConfigurationFiles & {
  /** Whether the file could be replaced; nothing is written to find out. */
  isWritable(path: string): Promise<boolean>
}
