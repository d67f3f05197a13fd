import {comparePaths} from '../paths.ts'

/** What is remembered of a path that was loaded, or found to be as a manifest wants it. */
export interface FileRecord {
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** Bytes. */
  readonly size: number
  /** Decimal; nanoseconds since 1970. Together with the size it says whether the file was touched since. */
  readonly modifiedNs: string
  /** 64 hex digits; '' of a directory. */
  readonly sha256: string
  /** Whether we put it there. What we merely found is never removed. */
  readonly own: boolean
  readonly versionId?: string
  /** When the object was stored: milliseconds since 1970. */
  readonly storedAt?: number
  /** Orders the events of one key: hex digits, compared as text. */
  readonly sequencer?: string
  /** It was removed by us. */
  readonly gone?: true
}

/** A record and how late it was written: of two with one path the later one counts. */
export interface TurnedRecord extends FileRecord {
  readonly turn: number
}

export function compareRecords(a: TurnedRecord, b: TurnedRecord): number {
  return comparePaths(a.path, b.path)
}

export function later(a: TurnedRecord, b: TurnedRecord): TurnedRecord {
  if (a.turn !== b.turn) return a.turn > b.turn ? a : b
  return BigInt(a.modifiedNs) > BigInt(b.modifiedNs) ? a : b
}

/** Sorted by path, one for each. */
export function distinct(records: Iterable<TurnedRecord>): TurnedRecord[] {
  const latest = new Map<string, TurnedRecord>()
  for (const record of records) {
    const known = latest.get(record.path)
    // Lines of one log are in order: the one behind counts where nothing else decides.
    latest.set(record.path, known !== undefined && later(known, record) === known ? known : record)
  }
  return [...latest.values()].sort(compareRecords)
}

/** Undefined of a line that is no record, such as the torn last one of a log. */
export function parseRecord(text: string): TurnedRecord | undefined {
  const value = parseLine(text)
  return value !== undefined && typeof value['path'] === 'string' && typeof value['turn'] === 'number'
    ? (value as unknown as TurnedRecord)
    : undefined
}

export function parseLine(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
