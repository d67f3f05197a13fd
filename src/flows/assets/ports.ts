import type {BundleEntry} from '../../domain/assets/bundle.ts'
import type {Category} from '../../domain/assets/paths.ts'
import type {FileStamp} from '../../domain/assets/stamp.ts'

/** A file or folder of the asset folder. */
export interface TreeNode {
  /** Begins with the category; names joined by `/`. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** Bytes; 0 of a directory. */
  readonly size: number
  /** Permission bits. */
  readonly mode: number
  readonly stamp: FileStamp
}

/** Something that cannot be stored, and why. */
export interface Problem {
  readonly path: string
  readonly reason: string
}

export interface Walked {
  /** In no particular order. */
  readonly nodes: readonly TreeNode[]
  readonly problems: readonly Problem[]
  /** Plain files beside the categories, which are no assets. */
  readonly leftOut: readonly string[]
}

/** Memory for the content of a file while it is under way. */
export interface Lease {
  /** Room for so many bytes; what an earlier call gave may be the same room. */
  room(size: number): Uint8Array
  release(): void
}

/** A file's content with what the file system said of it while it was read. */
export interface ReadFile {
  readonly bytes: Uint8Array
  readonly mode: number
  readonly stamp: FileStamp
}

/** A large file, read piece by piece. */
export interface OpenFile {
  readonly size: number
  readonly mode: number
  readonly stamp: FileStamp
  /** Exactly so many bytes from that offset, in the room of the lease. @throws FailedError ASSET_CHANGED when there are fewer */
  read(offset: number, length: number, lease: Lease): Promise<Uint8Array>
  /** @throws FailedError ASSET_CHANGED when the file is not as it was when it was opened */
  confirm(): Promise<void>
  close(): Promise<void>
}

/** The operator's folder with assets. */
export interface AssetFolder {
  /** The folder's absolute path, links resolved. @throws NotFoundError FOLDER_NOT_FOUND; UsageError NOT_A_FOLDER */
  resolve(folder: string): Promise<string>
  /** Everything below the categories; all of them when none are named. Follows symbolic links only when told so. */
  walk(
    folder: string,
    options: {readonly categories: readonly Category[]; readonly followSymlinks: boolean},
  ): Promise<Walked>
  /** Reads a small file whole, into the room of the lease. @throws FailedError ASSET_CHANGED, ASSET_UNREADABLE */
  read(folder: string, path: string, lease: Lease): Promise<ReadFile>
  /** @throws FailedError ASSET_UNREADABLE */
  open(folder: string, path: string): Promise<OpenFile>
  /**
   * Writes a file beside its place, checks its hash, and gives it its name; folders above it are made.
   * @throws FailedError CHECKSUM_DIFFERS, DISK_FULL
   */
  write(folder: string, entry: BundleEntry, content: AsyncIterable<Uint8Array>): Promise<void>
  makeDirectory(folder: string, entry: BundleEntry): Promise<void>
}

/** What this machine remembers of the last upload of a folder. */
export interface Index {
  /** ETag of the pointer that this upload left behind. */
  readonly etag: string
  /** Milliseconds since 1970, before the folder was walked. */
  readonly indexedAtMs: number
  /** The whole bundle, ascending; `marks` has those that the folder holds. */
  readonly entries: readonly BundleEntry[]
  readonly marks: ReadonlyMap<string, string>
}

/** Which folder goes into which environment's bucket. */
export interface IndexPlace {
  readonly folder: string
  readonly bucket: string
  readonly environment: string
}

/** What was sent already, key by key, by an upload that did not come to its end. */
export interface SentFile {
  readonly key: string
  readonly versionId: string
  readonly sha256: string
  /** Milliseconds since 1970. */
  readonly atMs: number
}

/** The machine's own memory; losing it costs time, never correctness. */
export interface AssetIndexes {
  /** Undefined when there is none or it cannot be read. */
  load(place: IndexPlace): Promise<Index | undefined>
  save(place: IndexPlace, index: Index): Promise<void>
  sent(place: IndexPlace): Promise<readonly SentFile[]>
  noteSent(place: IndexPlace, file: SentFile): Promise<void>
  forgetSent(place: IndexPlace): Promise<void>
}

/** A bucket and the account that must own it. */
export interface BucketOf {
  readonly bucket: string
  readonly owner: string
}

/** An upload in parts that is under way in S3. */
export interface PartUpload {
  readonly key: string
  readonly uploadId: string
  /** Parts that S3 has, by number from 1. */
  readonly present: ReadonlyMap<number, {readonly sha256: string; readonly size: number; readonly etag: string}>
}

export interface SentPart {
  readonly number: number
  readonly etag: string
  /** Hex. */
  readonly sha256: string
}

/** The assets bucket. Hashes are SHA-256 in hex; S3 verifies them and refuses what arrived otherwise. */
export interface AssetBucket {
  /** @throws RefusedError BUCKET_NOT_VERSIONED */
  put(place: BucketOf, key: string, bytes: Uint8Array, sha256: string): Promise<{readonly versionId: string}>
  /** Uploads in parts that were begun below a prefix and never ended; without their parts. */
  unfinished(place: BucketOf, prefix: string): Promise<readonly {readonly key: string; readonly uploadId: string}[]>
  /** Begins an upload in parts, or takes the named one up again. One that is gone is begun anew. */
  begin(place: BucketOf, key: string, uploadId: string | undefined): Promise<PartUpload>
  putPart(place: BucketOf, upload: PartUpload, number: number, bytes: Uint8Array, sha256: string): Promise<SentPart>
  /** @throws RefusedError BUCKET_NOT_VERSIONED */
  complete(
    place: BucketOf,
    upload: PartUpload,
    parts: readonly SentPart[],
    size: number,
  ): Promise<{readonly versionId: string}>
  abandon(place: BucketOf, upload: PartUpload): Promise<void>
  /** The version that stands under each key below a prefix; keys that were deleted are left out. */
  current(place: BucketOf, prefix: string): Promise<ReadonlyMap<string, string>>
  /** @param versionId '' for what stands there now. @throws NotFoundError OBJECT_GONE when that version is no more */
  read(place: BucketOf, key: string, versionId: string): AsyncIterable<Uint8Array>
  /** Requests that this process sent to AWS so far, to any service, tries that failed included. */
  requests(): number
}

/** What flows on assets are given besides the ports of all flows. */
export interface AssetPorts {
  readonly assetFolder: AssetFolder
  readonly assetIndexes: AssetIndexes
  readonly assetBucket: AssetBucket
}
