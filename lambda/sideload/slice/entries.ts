import {codeOf, SideloadError, systemCode} from '../errors.ts'
import {openManifest, type Manifest, type ManifestEntry, type ManifestLine} from '../manifest.ts'
import {comparePaths} from '../paths.ts'
import type {TurnedRecord} from '../state/record.ts'
import type {Lookups} from '../state/runs.ts'
import type {State} from '../state/state.ts'
import type {Cursor, Unfinished} from './cursor.ts'
import {Pool} from './pool.ts'
import type {Slice} from './slice.ts'

/** How an entry was left: through, or to be taken up again where its mark says. */
export type Step = 'through' | {readonly mark?: string}

export type Handler = (
  entry: ManifestEntry,
  record: TurnedRecord | undefined,
  mark: string | undefined,
) => Promise<Step>

/** Entries left in the middle after which none is begun: the cursor names each, and those that are under way may join them. */
const unfinishedLimit = 64

/**
 * Hands each entry of the slice's range to `handle`, in the order of the manifest, until the deadline. At least one is
 * handled in each slice. What is wrong with one entry becomes its result; anything else ends the slice.
 * @param sideBySide entries at a time: waiting for the network and the disk is most of the work
 * @returns undefined when the range is through
 */
export async function eachEntry(
  slice: Slice,
  state: State,
  sideBySide: number,
  handle: Handler,
): Promise<Cursor | undefined> {
  const manifest = await openManifest(slice.room.store, slice.manifest, slice.cursor?.etag)
  const walk = new Walk(slice, state, sideBySide, handle)
  for (const left of slice.cursor?.unfinished ?? []) {
    if (walk.mayBegin) await walk.begin(await manifest.at(left.offset), left.mark)
    else walk.unfinished.push(left)
  }
  const next = await goOn(manifest, slice, walk)
  await walk.pool.idle()
  const unfinished = walk.unfinished.sort((a, b) => a.offset - b.offset)
  if (next === undefined && unfinished.length === 0) return undefined
  return {etag: manifest.etag, offset: next ?? manifest.end, unfinished}
}

/** @returns where the next slice goes on, undefined when the range has ended */
async function goOn(manifest: Manifest, {cursor, request}: Slice, walk: Walk): Promise<number | undefined> {
  const {from, to} = request
  let next = cursor?.offset ?? (from === '' ? manifest.first : await manifest.seek(from))
  for await (const line of manifest.entries(next)) {
    if (to !== '' && comparePaths(line.entry.path, to) >= 0) return undefined
    if (!walk.mayBegin) return next
    await walk.begin(line, undefined)
    next = line.end
  }
  return undefined
}

class Walk {
  readonly pool: Pool
  readonly unfinished: Unfinished[] = []
  readonly #slice: Slice
  readonly #state: State
  readonly #handle: Handler
  #lookups: Lookups | undefined
  #begun = false

  constructor(slice: Slice, state: State, sideBySide: number, handle: Handler) {
    this.pool = new Pool(sideBySide)
    this.#slice = slice
    this.#state = state
    this.#handle = handle
  }

  get mayBegin(): boolean {
    if (!this.#begun) return true
    const {deadline, results} = this.#slice
    return !deadline.passed && !results.full && this.unfinished.length < unfinishedLimit
  }

  async begin({offset, entry}: ManifestLine, mark: string | undefined): Promise<void> {
    this.#begun = true
    this.#lookups ??= this.#state.lookups(entry.path)
    const record = await this.#lookups.find(entry.path)
    const task = async (): Promise<void> => {
      const step = await this.#attempt(entry, record, mark)
      if (step !== 'through') this.unfinished.push({offset, ...step})
    }
    // A folder stands, with its own mode, before anything below it is begun.
    if (entry.kind === 'directory') await task()
    else await this.pool.run(task)
  }

  async #attempt(entry: ManifestEntry, record: TurnedRecord | undefined, mark: string | undefined): Promise<Step> {
    try {
      return await this.#handle(entry, record, mark)
    } catch (error) {
      if (error instanceof SideloadError && error.code === 'INTERRUPTED') return {}
      this.#slice.results.add({path: entry.path, result: 'failed', ...failureOf(error)})
      return 'through'
    }
  }
}

/** @throws whatever is no failure of one file: then the slice ends */
export function failureOf(error: unknown): Pick<SideloadError, 'code'> & {readonly reason: string} {
  if (error instanceof SideloadError) return {code: error.code, reason: error.message}
  const code = systemCode(error)
  if (code === '' || !(error instanceof Error)) throw error
  return {code: codeOf(error), reason: error.message}
}
