/** Why an operation was refused or failed. Callers compare these codes; they are never renamed. */
export type ErrorCode =
  /** The event is no object, or a field is missing or malformed. */
  | 'BAD_REQUEST'
  | 'UNKNOWN_OPERATION'
  /** An event that this version recognises and does not handle. */
  | 'NOT_SUPPORTED_YET'
  /** An environment variable of the function is missing or malformed. */
  | 'MISCONFIGURED'
  /** A path is absolute, leaves the root, or cannot exist on the file system. */
  | 'BAD_PATH'
  /** A file that holds a private key: it may be listed and never read. */
  | 'KEYS_REFUSED'
  | 'NOT_FOUND'
  /** Something that is no directory stands where one is wanted. */
  | 'NOT_A_DIRECTORY'
  /** A generation was complete once and a directory of it is gone. */
  | 'GENERATION_DAMAGED'
  /** The file system does not let us give directories to the data's user. */
  | 'OWNERSHIP_REFUSED'
  /** The file system refuses to be written. */
  | 'NOT_WRITABLE'
  /** A path whose first name is none of the folders that assets may go to. */
  | 'CATEGORY_REFUSED'
  /** The bundle manifest is not what it should be: order, lines, count. */
  | 'MANIFEST_BROKEN'
  /** The bundle manifest was replaced between two slices. */
  | 'MANIFEST_CHANGED'
  /** A cursor that this function did not give out, or gave out for another manifest. */
  | 'BAD_CURSOR'
  /** The generation was never prepared. */
  | 'GENERATION_MISSING'
  | 'GENERATION_EXISTS'
  /** The platform runs on it. */
  | 'GENERATION_ACTIVE'
  /** Nobody said which generation events are loaded into. */
  | 'GENERATION_UNKNOWN'
  /** Another call holds what this one needs; it may be tried again. */
  | 'BUSY'
  /** The time ran out in the middle; what is done is kept and the next call goes on. */
  | 'INTERRUPTED'
  | 'OBJECT_GONE'
  /** The version that the manifest pins is gone from the bucket, whatever else stands under its key. */
  | 'VERSION_GONE'
  | 'ACCESS_DENIED'
  /** The bucket failed in a way we did not foresee. */
  | 'STORE_FAILED'
  | 'CHECKSUM_WRONG'
  | 'SIZE_DIFFERS'
  | 'DISK_FULL'
  /** Something that is no plain file stands where one is wanted. */
  | 'NOT_A_FILE'
  /** The file system failed in a way we did not foresee; the message holds its own words. */
  | 'FILES_FAILED'

/** Every failure that the function foresees. */
export class SideloadError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'SideloadError'
    this.code = code
  }
}

/** The code of a failed system call (ENOENT, EPERM ...), or '' of anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** What a failed call to the file system is called. */
export function codeOf(error: unknown): ErrorCode {
  const code = systemCode(error)
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'FILES_FAILED'
}

/** What a caller gets to read of any error: ours as they are, all others as DISK_FULL or FILES_FAILED. */
export function asSideloadError(error: unknown): SideloadError {
  if (error instanceof SideloadError) return error
  return new SideloadError(codeOf(error), error instanceof Error ? error.message : String(error), error)
}
