import {join} from 'node:path'
import {lookFor} from '../files.ts'
import type {ManifestEntry} from '../manifest.ts'
import {assetNames} from '../paths.ts'
import {eachEntry, type Step} from '../slice/entries.ts'
import {inSlice, type Room, type Slice, type SliceAnswer, type SliceRequest} from '../slice/slice.ts'
import type {TurnedRecord} from '../state/record.ts'
import {State} from '../state/state.ts'
import {hashedAtOnce, hashFile} from '../transfer/hash-file.ts'
import {inTheWay, idOf, rememberedHash} from './sideload.ts'

export interface VerifyRequest extends SliceRequest {
  /** Reads every file, also those that nobody has touched since they were loaded. */
  readonly thorough: boolean
}

/**
 * Says of every entry of a manifest whether the generation has it: `same`, `changed` or `missing`; what cannot be told
 * is `failed`. Changes nothing. The bodies in the bucket are not read.
 */
export async function verify(request: VerifyRequest, room: Room): Promise<SliceAnswer> {
  return inSlice('verify', ['same', 'changed', 'missing'], request, room, async (slice) => {
    const {files, now} = room
    const {tree, deadline} = slice
    await using state = await State.open({files, tree, sliceId: idOf(request), expires: deadline.endsAt, now})
    const links = new Map<string, Promise<boolean>>()
    return await eachEntry(slice, state, hashedAtOnce, async (entry, record, mark) =>
      check(slice, entry, request.thorough ? undefined : record, mark, links),
    )
  })
}

async function check(
  {results, tree, deadline, room}: Slice,
  entry: ManifestEntry,
  record: TurnedRecord | undefined,
  mark: string | undefined,
  links: Map<string, Promise<boolean>>,
): Promise<Step> {
  const {path, kind, size, sha256} = entry
  const {files} = room
  const names = assetNames(path, kind)
  const place = join(tree, ...names)
  const isReached = await reached(names.slice(0, -1), tree, room, links)
  const found = isReached ? await lookFor(place, files) : undefined
  if (found === undefined) {
    results.add({path, result: 'missing'})
    return 'through'
  }
  if (kind === 'directory') {
    results.add({path, result: found.kind === 'directory' ? 'same' : 'changed'})
    return 'through'
  }
  if (found.kind !== 'file') throw inTheWay(path, found)
  if (found.size !== size) {
    results.add({path, result: 'changed', reason: `${found.size} bytes instead of ${size}`})
    return 'through'
  }
  const remembered = rememberedHash(found, record)
  const hashed = remembered === undefined ? await hashFile(room, place, deadline, mark) : {sha256: remembered}
  if (hashed !== undefined && 'mark' in hashed) return hashed
  results.count('bytes', remembered === undefined ? size : 0)
  if (hashed === undefined) results.add({path, result: 'missing'})
  else if (hashed.sha256 === sha256) results.add({path, result: 'same'})
  else results.add({path, result: 'changed', reason: `it hashes to ${hashed.sha256}`})
  return 'through'
}

/** Whether folders, and no links, lead to a place. */
async function reached(
  names: readonly string[],
  tree: string,
  room: Room,
  seen: Map<string, Promise<boolean>>,
): Promise<boolean> {
  if (names.length === 0) return true
  const path = names.join('/')
  if (seen.size > 20_000) seen.clear()
  const known = seen.get(path)
  if (known !== undefined) return known
  const answer = (async () => {
    if (!(await reached(names.slice(0, -1), tree, room, seen))) return false
    return (await lookFor(join(tree, ...names), room.files))?.kind === 'directory'
  })()
  seen.set(path, answer)
  return answer
}
