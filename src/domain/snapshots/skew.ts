/** When something was captured; ISO 8601 UTC. */
export interface Captured {
  readonly from: string
  readonly to: string
}

/**
 * How far database and files of a set may be apart (ms): the longest time between the one moment of the database and
 * any moment at which files were still being read. With the writers at zero all of it agrees, whenever it was read.
 */
export function skewOf(databaseAt: string, files: Captured, quiesced: boolean): number {
  if (quiesced) return 0
  const at = Date.parse(databaseAt)
  return Math.max(Math.abs(Date.parse(files.from) - at), Math.abs(Date.parse(files.to) - at))
}
