import type {Files, OpenFile} from '../files.ts'
import {linesFrom, seekLine, type Bytes} from '../ndjson.ts'
import {comparePaths} from '../paths.ts'
import {compareRecords, later, parseRecord, type TurnedRecord} from './record.ts'

/** Where sorted records come from: a run on the disk, or the ones that a log holds. */
export interface RecordSource extends AsyncDisposable {
  /** From the first record whose path is not before this one. */
  from(path: string): AsyncGenerator<TurnedRecord, undefined>
}

export async function openRun(files: Files, path: string): Promise<RecordSource> {
  const file = await files.openToRead(path)
  const {size} = await file.look()
  const bytes: Bytes = {size, read: async (from, to) => readFully(file, from, to)}
  return {
    from: (target) => recordsOf(bytes, target),
    [Symbol.asyncDispose]: async () => file[Symbol.asyncDispose](),
  }
}

/** @param records sorted */
export function heldRecords(records: readonly TurnedRecord[]): RecordSource {
  return {
    async *from(target) {
      for (const record of records) if (comparePaths(record.path, target) >= 0) yield record
      return undefined
    },
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  }
}

/** All records of several sources in the order of their paths, of each path the latest one. */
export async function* merged(
  sources: readonly RecordSource[],
  target: string,
): AsyncGenerator<TurnedRecord, undefined> {
  const heads: {record: TurnedRecord; readonly rest: AsyncGenerator<TurnedRecord, undefined>}[] = []
  for (const source of sources) {
    const rest = source.from(target)
    const record = (await rest.next()).value
    if (record !== undefined) heads.push({record, rest})
  }
  for (;;) {
    const best = first(heads)
    if (best === undefined) return undefined
    for (let index = heads.length - 1; index >= 0; index--) {
      const head = heads[index]
      if (head?.record.path !== best.path) continue
      const record = (await head.rest.next()).value
      if (record === undefined) heads.splice(index, 1)
      else head.record = record
    }
    yield best
  }
}

/** The record of the least path; of two with the same path the later one. */
function first(heads: readonly {readonly record: TurnedRecord}[]): TurnedRecord | undefined {
  let best = heads[0]?.record
  for (const {record} of heads) {
    if (best === undefined) return undefined
    const order = compareRecords(record, best)
    if (order < 0) best = record
    else if (order === 0) best = later(record, best)
  }
  return best
}

/** Answers questions for paths that come in ascending order, holding one record at a time. */
export class Lookups {
  readonly #records: AsyncGenerator<TurnedRecord, undefined>
  #head: TurnedRecord | undefined
  #begun = false

  constructor(records: AsyncGenerator<TurnedRecord, undefined>) {
    this.#records = records
  }

  /** What is remembered of a path. @param path not before the one asked for last */
  async find(path: string): Promise<TurnedRecord | undefined> {
    if (!this.#begun) await this.#advance()
    this.#begun = true
    while (this.#head !== undefined && comparePaths(this.#head.path, path) < 0) await this.#advance()
    return this.#head?.path === path && this.#head.gone !== true ? this.#head : undefined
  }

  async #advance(): Promise<void> {
    this.#head = (await this.#records.next()).value
  }
}

async function* recordsOf(bytes: Bytes, target: string): AsyncGenerator<TurnedRecord, undefined> {
  const isBefore = (text: string): boolean => comparePaths(parseRecord(text)?.path ?? '', target) < 0
  const start = target === '' ? 0 : await seekLine(bytes, 0, isBefore)
  for await (const line of linesFrom(bytes, start)) {
    const record = parseRecord(line.text)
    if (record !== undefined) yield record
  }
  return undefined
}

async function readFully(file: OpenFile, from: number, to: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(to - from)
  let filled = 0
  while (filled < bytes.byteLength) {
    const count = await file.read(bytes.subarray(filled), from + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}
