import {join} from 'node:path'
import {SideloadError} from '../errors.ts'
import type {Files} from '../files.ts'
import {generationFolder, mustBeComplete} from '../generations.ts'
import type {Buckets, Settings} from '../settings.ts'
import type {ObjectStore, Source} from '../store.ts'
import type {Sizes} from '../transfer/sizes.ts'
import {encodeCursor, decodeCursor, type Cursor} from './cursor.ts'
import {Deadline} from './deadline.ts'
import {Results, type ResultLine} from './results.ts'

/** What an operation needs of the world. */
export interface Room {
  readonly settings: Settings
  readonly buckets: Buckets
  readonly files: Files
  readonly store: ObjectStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Waits for so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>
  readonly sizes: Sizes
  /** How long the invocation may still go on (ms). */
  readonly remainingMs: () => number
}

/** What every operation on a bundle is asked with. */
export interface SliceRequest {
  readonly generation: number
  readonly opId: string
  /** Names this slice within the operation; a retry has the same. */
  readonly sliceId: string
  readonly manifest: {readonly key: string; readonly versionId?: string}
  /** The cursor of the answer before, '' to begin. */
  readonly cursor: string
  /** Paths from here on; '' from the first. */
  readonly from: string
  /** Paths up to and without this one; '' to the last. */
  readonly to: string
  /** How long the slice may take at most (ms). */
  readonly deadlineMs: number
}

export interface SliceAnswer {
  readonly operation: string
  readonly generation: number
  readonly opId: string
  readonly sliceId: string
  /** `failed` when the range is through and something of this slice failed. */
  readonly state: 'continues' | 'complete' | 'failed'
  readonly counts: Readonly<Record<string, number>>
  /** The first failures; all of them are among the results. */
  readonly failures: readonly ResultLine[]
  /** Absent when nothing is left of the range. */
  readonly cursor?: string
  /** Where the results lie in the records bucket. */
  readonly resultKey: string
}

export interface Slice {
  readonly request: SliceRequest
  readonly room: Room
  /** The generation's folder. */
  readonly tree: string
  readonly manifest: Source
  readonly cursor: Cursor | undefined
  readonly deadline: Deadline
  readonly results: Results
}

/** Kept back of the invocation's time for results and answer (ms). */
const marginMs = 15_000
/** Bytes in which an answer, the first line of the results, fits: the failures it names may have long paths. */
const answerLimit = 524_288

/**
 * Runs one slice of an operation: answers from the records if this slice was finished before, else works until the
 * deadline, writes the results once and answers with counts and the cursor of what is left.
 * @throws SideloadError GENERATION_MISSING, BAD_CURSOR and what the work throws for the slice as a whole
 */
export async function inSlice(
  operation: string,
  counted: readonly string[],
  request: SliceRequest,
  room: Room,
  work: (slice: Slice) => Promise<Cursor | undefined>,
): Promise<SliceAnswer> {
  const {settings, buckets, files, store, now} = room
  const {generation, opId, sliceId, manifest} = request
  const resultKey = `ops/${opId}/result-${sliceId}.ndjson`
  const records: Source = {bucket: buckets.records, key: resultKey}
  const known = await finished(store, records)
  if (known !== undefined) return known

  const tree = join(settings.filesRoot, generationFolder(generation))
  await mustBeComplete(tree, generation, files)
  const results = new Results(counted)
  using deadline = new Deadline(now, Math.min(request.deadlineMs, room.remainingMs() - marginMs))
  const slice = {
    request,
    room,
    tree,
    manifest: {bucket: buckets.assets, ...manifest},
    cursor: decodeCursor(request.cursor),
    deadline,
    results,
  }
  const left = await work(slice)
  const answer: SliceAnswer = {
    operation,
    generation,
    opId,
    sliceId,
    state: left !== undefined ? 'continues' : (results.counts['failed'] ?? 0) > 0 ? 'failed' : 'complete',
    counts: results.counts,
    failures: results.failures,
    ...(left === undefined ? {} : {cursor: encodeCursor(left)}),
    resultKey,
  }
  if (await store.putResults(buckets.records, resultKey, results.text(answer))) return answer
  // Another attempt of this slice was faster. Its answer is as true as ours, and it is the one on record.
  return (await finished(store, records)) ?? answer
}

/** The answer of a slice whose results are written: they begin with it. */
async function finished(store: ObjectStore, source: Source): Promise<SliceAnswer | undefined> {
  try {
    const {bytes} = await store.read(source, 0, answerLimit)
    const text = Buffer.from(bytes)
    const end = text.indexOf(10)
    return JSON.parse(text.toString('utf8', 0, end < 0 ? text.byteLength : end)) as SliceAnswer
  } catch (error) {
    if (error instanceof SideloadError && error.code === 'OBJECT_GONE') return undefined
    throw error
  }
}
