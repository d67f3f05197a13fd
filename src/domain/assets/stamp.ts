/** What the file system says of a file without reading it. */
export interface FileStamp {
  /** Size, mtime and ctime in nanoseconds, device and inode as one text: equal for a file that nobody touched. */
  readonly mark: string
  /** When it was touched last, by mtime or ctime; milliseconds since 1970. */
  readonly touchedMs: number
}

/** File systems keep times coarsely: a file touched so shortly (ms) before the index was made may have changed after it. */
const coarseMs = 2000

/** Whether a file is as it was when the index was made, so that it need not be read. */
export function isUntouched(
  stamp: FileStamp,
  indexed: {readonly mark: string} | undefined,
  indexedAtMs: number,
): boolean {
  return indexed?.mark === stamp.mark && stamp.touchedMs < indexedAtMs - coarseMs
}
