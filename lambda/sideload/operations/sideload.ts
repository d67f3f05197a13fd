import {join} from 'node:path'
import {SideloadError} from '../errors.ts'
import {lookFor, type Entry} from '../files.ts'
import type {ManifestEntry} from '../manifest.ts'
import {assetNames} from '../paths.ts'
import {eachEntry, type Step} from '../slice/entries.ts'
import {Budget} from '../slice/pool.ts'
import {inSlice, type Room, type Slice, type SliceAnswer, type SliceRequest} from '../slice/slice.ts'
import type {TurnedRecord} from '../state/record.ts'
import {State} from '../state/state.ts'
import {Folders, modeOf} from '../transfer/folders.ts'
import {hashedAtOnce, hashFile} from '../transfer/hash-file.ts'
import {Loader} from '../transfer/load.ts'

/** Entries at a time. Their records go to the disk together, so that more of them make fewer writes. */
const loadedAtOnce = 96

/**
 * Brings a generation to what a bundle manifest says: loads what is missing or different, leaves what is there, removes
 * nothing. A file that stood in the way of another content and is none of ours is kept below `.pi/replaced`.
 */
export async function sideload(request: SliceRequest, room: Room): Promise<SliceAnswer> {
  return inSlice('sideload', ['copied', 'skipped', 'removed'], request, room, async (slice) => {
    const {files, settings, now, store} = room
    const {tree, deadline} = slice
    await using state = await State.open({files, tree, sliceId: idOf(request), expires: deadline.endsAt, now})
    const folders = new Folders(files, settings, tree, state)
    const loader = new Loader({files, store, settings, tree, state, folders, deadline, now, sizes: room.sizes})
    const hashing = new Budget(hashedAtOnce)
    const left = await eachEntry(slice, state, loadedAtOnce, async (entry, record, mark) =>
      entry.kind === 'directory'
        ? settleFolder(slice, folders, entry, record)
        : settleFile(slice, {state, folders, loader, hashing}, entry, record, mark),
    )
    await folders.settle()
    await state.finish()
    return left
  })
}

/** Names a slice among those of all operations. */
export function idOf({opId, sliceId}: Pick<SliceRequest, 'opId' | 'sliceId'>): string {
  return `${opId}-${sliceId}`
}

async function settleFolder(
  {results, room, tree}: Slice,
  folders: Folders,
  {path, mode}: ManifestEntry,
  record: TurnedRecord | undefined,
): Promise<Step> {
  const names = assetNames(path, 'directory')
  const wanted = modeOf(mode, 'directory')
  const made = await folders.ensure(names, wanted)
  // One that another slice made on the way to a file did not know its mode.
  if (!made && record?.own === true) {
    const place = join(tree, ...names)
    if ((await room.files.look(place)).mode !== wanted) await room.files.setMode(place, wanted)
  }
  results.add({path, result: made ? 'copied' : 'skipped'})
  return 'through'
}

interface Means {
  readonly state: State
  readonly folders: Folders
  readonly loader: Loader
  readonly hashing: Budget
}

async function settleFile(
  {results, tree, deadline, room, manifest}: Slice,
  {state, folders, loader, hashing}: Means,
  entry: ManifestEntry,
  record: TurnedRecord | undefined,
  mark: string | undefined,
): Promise<Step> {
  const {path, key, versionId, size, sha256, mode} = entry
  const {files} = room
  const names = assetNames(path, 'file')
  const place = join(tree, ...names)
  const found = (await folders.stands(names.slice(0, -1))) ? await lookFor(place, files) : undefined
  if (found !== undefined && found.kind !== 'file') throw inTheWay(path, found)

  let known = found === undefined ? undefined : rememberedHash(found, record)
  if (found !== undefined && known === undefined && (found.size === size || record?.size === found.size)) {
    const done = await hashing.takeUnless(() => deadline.passed, 1)
    if (done === undefined) return mark === undefined ? {} : {mark}
    const hashed = await hashFile(room, place, deadline, mark).finally(done)
    if (hashed !== undefined && 'mark' in hashed) return hashed
    known = hashed?.sha256
  }
  const ours = record?.own === true && known === record.sha256
  if (found?.size === size && known === sha256) {
    const remembered = rememberedHash(found, record) !== undefined
    const modifiedNs = String(found.modifiedNs)
    if (!remembered) await state.record({path, kind: 'file', size, modifiedNs, sha256, own: ours, versionId})
    if (ours && found.mode !== modeOf(mode, 'file')) await files.setMode(place, modeOf(mode, 'file'))
    results.add({path, result: 'skipped'})
    return 'through'
  }
  const source = {bucket: manifest.bucket, key, ...(versionId === '' ? {} : {versionId})}
  const foreign = ours ? undefined : found
  const memo = versionId === '' ? {} : {versionId}
  const loaded = await loader.load({names, source, size, sha256, mode, foreign, memo})
  if (loaded === 'unfinished') return {}
  results.add({path, result: 'copied', bytes: size, ...(typeof loaded === 'object' ? loaded : {})})
  return 'through'
}

/** The hash of a file that nobody has touched since it was recorded. */
export function rememberedHash(found: Entry, record: TurnedRecord | undefined): string | undefined {
  const untouched = record?.size === found.size && record.modifiedNs === String(found.modifiedNs)
  return untouched && record.sha256 !== '' ? record.sha256 : undefined
}

export function inTheWay(path: string, found: Entry): SideloadError {
  const what = found.kind === 'directory' ? 'a folder' : 'a link or a device'
  return new SideloadError('NOT_A_FILE', `${what} stands where the file ${JSON.stringify(path)} belongs`)
}
