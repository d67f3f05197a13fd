import {join} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import {lookFor} from '../files.ts'
import {checkManifest, openManifest, type Manifest, type ManifestLine} from '../manifest.ts'
import {assetNames, categories, comparePaths} from '../paths.ts'
import type {Cursor} from '../slice/cursor.ts'
import {failureOf} from '../slice/entries.ts'
import {inSlice, type Room, type Slice, type SliceAnswer, type SliceRequest} from '../slice/slice.ts'
import type {TurnedRecord} from '../state/record.ts'
import {State} from '../state/state.ts'
import {Folders} from '../transfer/folders.ts'
import {hashFile} from '../transfer/hash-file.ts'
import {idOf, rememberedHash} from './sideload.ts'

export interface PruneRequest extends SliceRequest {
  /** Says what would be removed and removes nothing. */
  readonly dryRun: boolean
}

/** First the files, in order; then the folders that have become empty, the deepest first. */
const filesPass = 0
const foldersPass = 1

/**
 * Removes what earlier manifests put into the generation and this one does not name. What the records do not hold is
 * never removed, nor is a file that was changed since it was loaded, nor a folder with anything in it: they are `kept`.
 * @throws SideloadError MANIFEST_BROKEN for one that is empty or not whole: then nothing is removed
 */
export async function prune(request: PruneRequest, room: Room): Promise<SliceAnswer> {
  return inSlice('prune', ['removed', 'kept'], request, room, async (slice) => {
    const {files, settings, now} = room
    const {tree, deadline, cursor} = slice
    const manifest = await openManifest(room.store, slice.manifest, cursor?.etag)
    if (manifest.count === 0)
      throw new SideloadError('MANIFEST_BROKEN', 'the manifest is empty: it would remove everything')
    if (cursor === undefined) await checkManifest(manifest)
    await using state = await State.open({files, tree, sliceId: idOf(request), expires: deadline.endsAt, now})
    const folders = new Folders(files, settings, tree, state)
    const pruning = new Pruning(slice, state, folders, request.dryRun)
    const left = await pruning.run(manifest)
    await folders.settle()
    await state.finish()
    return left
  })
}

class Pruning {
  readonly #slice: Slice
  readonly #state: State
  readonly #folders: Folders
  readonly #dryRun: boolean

  constructor(slice: Slice, state: State, folders: Folders, dryRun: boolean) {
    this.#slice = slice
    this.#state = state
    this.#folders = folders
    this.#dryRun = dryRun
  }

  async run(manifest: Manifest): Promise<Cursor | undefined> {
    const {cursor} = this.#slice
    const here = {etag: manifest.etag, offset: manifest.end, unfinished: []}
    if (cursor?.pass !== foldersPass) {
      const left = await this.#files(manifest)
      if (left !== undefined) return {...here, ...left, pass: filesPass}
    }
    const path = await this.#emptyFolders(manifest, cursor?.pass === foldersPass ? cursor.path : undefined)
    return path === undefined ? undefined : {...here, pass: foldersPass, path}
  }

  /** @returns the last path that was settled, and how far the next one was hashed */
  async #files(manifest: Manifest): Promise<Pick<Cursor, 'path' | 'unfinished'> | undefined> {
    const {cursor, deadline, results} = this.#slice
    let path = cursor?.path
    let mark = cursor?.unfinished[0]?.mark
    for await (const record of this.#unnamed(manifest, path)) {
      if (record.kind === 'file') {
        const left = await this.#file(record, mark)
        const before = path === undefined ? {} : {path}
        if (left !== undefined) return {...before, unfinished: [{offset: 0, mark: left}]}
        mark = undefined
      }
      path = record.path
      if (deadline.passed || results.full) return {path, unfinished: []}
    }
    return undefined
  }

  /** Our own records in the range, behind a path, that the manifest does not name, or names as something of another kind. */
  async *#unnamed(manifest: Manifest, after: string | undefined): AsyncGenerator<TurnedRecord> {
    const {from, to} = this.#slice.request
    const start = after ?? from
    const lines = manifest.entries(await manifest.seek(start))
    let line: ManifestLine | undefined = (await lines.next()).value
    for await (const record of this.#state.records(start)) {
      if (record.path === after) continue
      if (to !== '' && comparePaths(record.path, to) >= 0) return
      while (line !== undefined && comparePaths(line.entry.path, record.path) < 0) line = (await lines.next()).value
      const isNamed = line?.entry.path === record.path && line.entry.kind === record.kind
      if (record.own && record.gone !== true && !isNamed) yield record
    }
  }

  /** @returns a mark when hashing must go on in the next slice */
  async #file(record: TurnedRecord, mark: string | undefined): Promise<string | undefined> {
    const {results, room, tree, deadline} = this.#slice
    const {path, size, sha256} = record
    try {
      const names = assetNames(path, 'file')
      const place = join(tree, ...names)
      const isReached = await this.#folders.stands(names.slice(0, -1))
      const found = isReached ? await lookFor(place, room.files) : undefined
      if (found === undefined) {
        if (!this.#dryRun) await this.#forget(record)
        return undefined
      }
      let known = rememberedHash(found, record)
      if (known === undefined && found.kind === 'file' && found.size === size) {
        const hashed = await hashFile(room, place, deadline, mark)
        if (hashed !== undefined && 'mark' in hashed) return hashed.mark
        known = hashed?.sha256
      }
      if (found.kind !== 'file' || known !== sha256) {
        results.add({path, result: 'kept', reason: 'it was changed since it was loaded'})
        return undefined
      }
      if (!this.#dryRun) {
        await room.files.removeFile(place)
        this.#folders.changed(place)
        await this.#forget(record)
      }
      results.add({path, result: 'removed', bytes: size})
    } catch (error) {
      results.add({path, result: 'failed', ...failureOf(error)})
    }
    return undefined
  }

  /** @returns the folder that was settled last, when time is up */
  async #emptyFolders(manifest: Manifest, below: string | undefined): Promise<string | undefined> {
    if (this.#dryRun) return undefined
    const {deadline, results} = this.#slice
    const made: TurnedRecord[] = []
    for await (const record of this.#unnamed(manifest, undefined)) {
      const isNext = below === undefined || comparePaths(record.path, below) < 0
      if (record.kind === 'directory' && isNext && !categories.includes(record.path)) made.push(record)
    }
    for (const record of made.reverse()) {
      await this.#folder(record)
      if (deadline.passed || results.full) return record.path
    }
    return undefined
  }

  async #folder(record: TurnedRecord): Promise<void> {
    const {results, room, tree} = this.#slice
    const {path} = record
    try {
      const names = assetNames(path, 'directory')
      const place = join(tree, ...names)
      const found = (await this.#folders.stands(names.slice(0, -1))) ? await lookFor(place, room.files) : undefined
      if (found?.kind === 'directory') {
        await room.files.removeDirectory(place)
        this.#folders.changed(place)
        results.add({path, result: 'removed'})
      }
      await this.#forget(record)
    } catch (error) {
      const code = systemCode(error)
      // Something lives in it: an asset of the manifest, or a file of the platform's users.
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return
      results.add({path, result: 'failed', ...failureOf(error)})
    }
  }

  async #forget({turn: _turn, ...record}: TurnedRecord): Promise<void> {
    await this.#state.record({...record, gone: true})
  }
}
