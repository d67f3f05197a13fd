/** One version of one object. */
export interface Source {
  readonly bucket: string
  readonly key: string
  /** Absent where only the present version is known. */
  readonly versionId?: string
  /** When given, another content under this key is refused. */
  readonly etag?: string
}

export interface Found {
  /** Bytes. */
  readonly size: number
  readonly etag: string
  readonly versionId?: string
  /** Milliseconds since 1970; the bucket knows whole seconds. */
  readonly modifiedAt: number
  /** 64 hex digits, of an object that was stored with a checksum of all its bytes. */
  readonly sha256?: string
}

export interface Piece {
  readonly bytes: Uint8Array
  /** Bytes of the whole object. */
  readonly total: number
  readonly etag: string
  /** Gives the memory of `bytes` back, which nobody may look at any more; without it they are garbage. */
  readonly release?: () => void
}

/** The calls to the buckets that the operations make. Their errors are SideloadErrors. */
export interface ObjectStore {
  /** What an object is, or undefined of one that is gone. */
  head(source: Source): Promise<Found | undefined>
  /**
   * The bytes from `from` up to and without `to`; fewer where the object ends before.
   * @throws SideloadError OBJECT_GONE, VERSION_GONE, ACCESS_DENIED, SIZE_DIFFERS when the object ends before `from`, STORE_FAILED
   */
  read(source: Source, from: number, to: number, signal?: AbortSignal): Promise<Piece>
  /** Writes the results of a slice, which expire after a while, unless there are some: then false. */
  putResults(bucket: string, key: string, body: string): Promise<boolean>
}
