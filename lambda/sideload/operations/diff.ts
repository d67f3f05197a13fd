import {join} from 'node:path'
import {ifMissing} from '../files.ts'
import {openManifest, type ManifestEntry} from '../manifest.ts'
import {assetNames, categories, comparePaths, draftPrefix} from '../paths.ts'
import type {Cursor} from '../slice/cursor.ts'
import {failureOf} from '../slice/entries.ts'
import {inSlice, type Room, type Slice, type SliceAnswer, type SliceRequest} from '../slice/slice.ts'
import type {Lookups} from '../state/runs.ts'
import {State} from '../state/state.ts'
import {hashFile} from '../transfer/hash-file.ts'
import {walk, type Walked} from '../tree/walk.ts'
import {idOf, rememberedHash} from './sideload.ts'

/** Paths between two looks at the clock. */
const pathsPerLook = 64

/**
 * Puts a manifest and the generation side by side: `same`, `changed`, `missing` (only the manifest has it) and `extra`
 * (only the generation has it: what the platform or its users wrote). Only what differs is among the results. Changes
 * nothing; reads the contents of those files only that were touched since they were loaded.
 */
export async function diff(request: SliceRequest, room: Room): Promise<SliceAnswer> {
  return inSlice('diff', ['same', 'changed', 'missing', 'extra'], request, room, async (slice) => {
    const {files, now} = room
    const {tree, deadline} = slice
    await using state = await State.open({files, tree, sliceId: idOf(request), expires: deadline.endsAt, now})
    return await sideBySide(slice, state)
  })
}

async function sideBySide(slice: Slice, state: State): Promise<Cursor | undefined> {
  const {room, tree, cursor, deadline, results} = slice
  const {from, to} = slice.request
  const manifest = await openManifest(room.store, slice.manifest, cursor?.etag)
  const lines = manifest.entries(cursor?.offset ?? (from === '' ? manifest.first : await manifest.seek(from)))
  const found = walk(room.files, tree, {after: cursor?.path ?? '', from, enter: isAsset})
  const lookups = state.lookups(cursor?.path ?? from)
  const isIn = (path: string): boolean => to === '' || comparePaths(path, to) < 0

  let mark = cursor?.unfinished[0]?.mark
  let before = cursor?.path
  let [line, there] = [await next(lines), await nextAsset(found)]
  for (let count = 1; ; count++) {
    const entry = line !== undefined && isIn(line.entry.path) ? line.entry : undefined
    const place = there !== undefined && isIn(there.path) ? there : undefined
    if (entry === undefined && place === undefined) return undefined
    const order = entry === undefined ? 1 : place === undefined ? -1 : comparePaths(entry.path, place.path)
    const pair = {entry: order <= 0 ? entry : undefined, place: order >= 0 ? place : undefined}
    const left = await settle(slice, lookups, pair, mark)
    if (left === undefined) {
      before = pair.entry?.path ?? pair.place?.path ?? ''
      if (order <= 0) line = await next(lines)
      if (order >= 0) there = await nextAsset(found)
    }
    mark = undefined
    const timeIsUp = count % pathsPerLook === 0 && deadline.passed
    if (left === undefined && !timeIsUp && !results.full) continue
    const offset = line?.offset ?? manifest.end
    const unfinished = left === undefined ? [] : [{offset, mark: left}]
    return {etag: manifest.etag, offset, unfinished, ...(before === undefined ? {} : {path: before})}
  }
}

interface Pair {
  readonly entry: ManifestEntry | undefined
  readonly place: Walked | undefined
}

/** @returns a mark when hashing must go on in the next slice */
async function settle(
  slice: Slice,
  lookups: Lookups,
  pair: Pair,
  mark: string | undefined,
): Promise<string | undefined> {
  const {results} = slice
  const path = pair.entry?.path ?? pair.place?.path ?? ''
  try {
    const result = await resultOf(slice, lookups, pair, mark)
    if (typeof result === 'object') return result.mark
    if (result === 'same') results.count('same')
    else if (result !== 'implied') results.add({path, result})
  } catch (error) {
    results.add({path, result: 'failed', ...failureOf(error)})
  }
  return undefined
}

type Result = 'same' | 'changed' | 'missing' | 'extra' | 'implied' | {readonly mark: string}

async function resultOf(
  {tree, room, deadline}: Slice,
  lookups: Lookups,
  {entry, place}: Pair,
  mark: string | undefined,
): Promise<Result> {
  if (entry === undefined) return place !== undefined && (await isImplied(place, tree, room)) ? 'implied' : 'extra'
  assetNames(entry.path, entry.kind)
  if (place === undefined) return 'missing'
  const {path, kind, size, sha256} = entry
  if (place.entry.kind !== kind) return 'changed'
  if (kind === 'directory') return 'same'
  if (place.entry.size !== size) return 'changed'
  const remembered = rememberedHash(place.entry, await lookups.find(path))
  if (remembered !== undefined) return remembered === sha256 ? 'same' : 'changed'
  const hashed = await hashFile(room, join(tree, path), deadline, mark)
  if (hashed === undefined) return 'missing'
  if ('mark' in hashed) return hashed
  return hashed.sha256 === sha256 ? 'same' : 'changed'
}

/** A folder with something in it speaks through that; a category is always there. */
async function isImplied({path, entry}: Walked, tree: string, room: Room): Promise<boolean> {
  if (entry.kind !== 'directory') return false
  return categories.includes(path) || (await room.files.names(join(tree, path)).catch(ifMissing([]))).length > 0
}

/** The next thing on the file system that may be an asset: in a category, and finished. */
async function nextAsset(found: AsyncGenerator<Walked, undefined>): Promise<Walked | undefined> {
  for (;;) {
    const walked = await next(found)
    if (walked === undefined) return undefined
    const isDraft = walked.path.slice(walked.path.lastIndexOf('/') + 1).startsWith(draftPrefix)
    if (isAsset(walked.path) && !isDraft) return walked
  }
}

function isAsset(path: string): boolean {
  return categories.includes(path.split('/')[0] ?? '')
}

async function next<T>(generator: AsyncGenerator<T, undefined>): Promise<T | undefined> {
  return (await generator.next()).value
}
