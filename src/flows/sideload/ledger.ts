import {FailedError} from '../../domain/errors.ts'
import type {OpId} from '../../domain/names.ts'
import {
  addCounts,
  type FileResult,
  parseResultKey,
  parseResults,
  resultPrefix,
  type SliceName,
  type SliceResults,
} from '../../domain/sideload.ts'
import {inLanes} from '../assets/lanes.ts'
import type {Objects} from '../ports.ts'

/** Results that are read at once. */
const lanes = 8

/**
 * The results of one slice.
 * @returns undefined while there are none
 * @throws FailedError RESULTS_UNREADABLE
 */
export async function readSlice(objects: Objects, bucket: string, key: string): Promise<SliceResults | undefined> {
  const found = await objects.get(bucket, key)
  if (found === undefined) return undefined
  const results = parseResults(new TextDecoder().decode(found.body))
  if (results !== undefined) return results
  throw new FailedError(`Results unreadable: s3://${bucket}/${key} does not have the expected form.`, {
    code: 'RESULTS_UNREADABLE',
  })
}

/** Keys of the slices that have results, in the order of their work. */
export async function slicesOf(
  objects: Objects,
  bucket: string,
  opId: OpId,
): Promise<readonly {readonly key: string; readonly name: SliceName}[]> {
  const rows = (await objects.list(bucket, resultPrefix(opId))).flatMap(({key}) => {
    const name = parseResultKey(key)
    return name === undefined ? [] : [{key, name}]
  })
  return rows.sort((a, b) => a.name.range - b.name.range || a.name.number - b.name.number)
}

/** What an operation came to so far, as its results tell. */
export interface Outcome {
  readonly counts: Readonly<Record<string, number>>
  readonly files: readonly FileResult[]
}

/** Sums the results of an operation: of each work its last round. */
export async function outcomeOf(objects: Objects, bucket: string, opId: OpId): Promise<Outcome> {
  const slices = await slicesOf(objects, bucket, opId)
  const last = new Map<string, number>()
  for (const {name} of slices) last.set(name.work, Math.max(last.get(name.work) ?? 0, name.round))
  const wanted = slices.filter(({name}) => name.round === last.get(name.work))
  const read = new Map<string, SliceResults>()
  await inLanes(wanted, lanes, async ({key}) => {
    const results = await readSlice(objects, bucket, key)
    if (results !== undefined) read.set(key, results)
  })
  const all = wanted.flatMap(({key}) => read.get(key) ?? [])
  return {
    counts: all.reduce((sum: Readonly<Record<string, number>>, {counts}) => addCounts(sum, counts), {}),
    files: all.flatMap(({files}) => files),
  }
}
