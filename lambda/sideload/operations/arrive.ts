import {randomUUID} from 'node:crypto'
import {join} from 'node:path'
import {SideloadError} from '../errors.ts'
import type {Arrival} from '../events.ts'
import {lookFor} from '../files.ts'
import {activeGeneration, generationFolder, mustBeComplete} from '../generations.ts'
import {holding} from '../lock.ts'
import {assetNames} from '../paths.ts'
import {Deadline} from '../slice/deadline.ts'
import type {Room} from '../slice/slice.ts'
import type {FileRecord, TurnedRecord} from '../state/record.ts'
import {State} from '../state/state.ts'
import type {Found} from '../store.ts'
import {Folders} from '../transfer/folders.ts'
import {hashFile} from '../transfer/hash-file.ts'
import {Loader, type Wanted} from '../transfer/load.ts'
import {inTheWay, rememberedHash} from './sideload.ts'

export interface Arrived {
  readonly key: string
  /** `older`: a later version is there already. `gone`: deleted since. `ignored`: no asset, such as a manifest. */
  readonly result: 'copied' | 'skipped' | 'older' | 'gone' | 'ignored'
  readonly generation?: number
}

/** Where the assets lie in their bucket, under their paths, and what lies beside them. */
const assetsPrefix = 'assets/'
const manifestsPrefix = 'bundles/'
/** Mode of a file whose manifest nobody knows. */
const arrivedMode = 0o664
const marginMs = 15_000

/**
 * Loads one object that arrived, with the means of `sideload`. Events may come twice and in any order: an older version
 * never takes the place of a newer one.
 * @throws SideloadError so that the event ends in the dead-letter queue
 */
export async function arrive(arrival: Arrival, room: Room): Promise<Arrived> {
  const {bucket, key} = arrival
  const {buckets, settings, files, store, now} = room
  if (bucket !== buckets.assets) throw new SideloadError('BAD_REQUEST', `the event is of the bucket ${bucket}`)
  if (key.startsWith(manifestsPrefix)) return {key, result: 'ignored'}
  if (!key.startsWith(assetsPrefix)) {
    throw new SideloadError('CATEGORY_REFUSED', `the key ${JSON.stringify(key)} is refused: assets lie below assets/`)
  }
  const path = key.slice(assetsPrefix.length)
  const isFolder = path.endsWith('/')
  const names = assetNames(isFolder ? path.slice(0, -1) : path, isFolder ? 'directory' : 'file')
  const generation = await activeGeneration(settings.filesRoot, files)
  if (generation === undefined) {
    throw new SideloadError('GENERATION_UNKNOWN', 'there are several generations: activate the one that events go to')
  }
  const tree = join(settings.filesRoot, generationFolder(generation))
  await mustBeComplete(tree, generation, files)
  const found = await store.head(arrival)
  if (found === undefined) return {key, result: 'gone', generation}
  using deadline = new Deadline(now, room.remainingMs() - marginMs)
  await using state = await State.open({files, tree, sliceId: sliceName(), expires: deadline.endsAt, now})
  const folders = new Folders(files, settings, tree, state)
  const loader = new Loader({files, store, settings, tree, state, folders, deadline, now, sizes: room.sizes})
  const load = new Arriving({arrival, found, names, tree, room, folders, loader, deadline})
  const result = isFolder ? await load.folder() : await load.file(state)
  await folders.settle()
  await state.finish()
  return {key, result, generation}
}

function sliceName(): string {
  return `event-${randomUUID()}`
}

interface ArrivingOptions {
  readonly arrival: Arrival
  readonly found: Found
  readonly names: readonly string[]
  readonly tree: string
  readonly room: Room
  readonly folders: Folders
  readonly loader: Loader
  readonly deadline: Deadline
}

class Arriving {
  readonly #options: ArrivingOptions

  constructor(options: ArrivingOptions) {
    this.#options = options
  }

  async folder(): Promise<'copied' | 'skipped'> {
    return (await this.#options.folders.ensure(this.#options.names)) ? 'copied' : 'skipped'
  }

  async file(state: State): Promise<'copied' | 'skipped' | 'older'> {
    const {arrival, found, names, tree, room, folders, loader, deadline} = this.#options
    const {files} = room
    const path = names.join('/')
    const record = await state.lookups(path).find(path)
    if (await this.#isOlder(record)) return 'older'
    const place = join(tree, ...names)
    const there = (await folders.stands(names.slice(0, -1))) ? await lookFor(place, files) : undefined
    if (there !== undefined && there.kind !== 'file') throw inTheWay(path, there)
    let known = there === undefined ? undefined : rememberedHash(there, record)
    if (there !== undefined && known === undefined && there.size === (record?.size ?? found.size)) {
      const hashed = await hashFile(room, place, deadline)
      known = hashed !== undefined && 'sha256' in hashed ? hashed.sha256 : undefined
    }
    const ours = record?.own === true && known === record.sha256
    const versionId = found.versionId ?? arrival.versionId
    const memo = this.#memo(versionId)
    if (there !== undefined && known !== undefined && there.size === found.size && known === this.#wantedHash(record)) {
      const modifiedNs = String(there.modifiedNs)
      const seen = {path, kind: 'file', size: there.size, modifiedNs, sha256: known, own: ours, ...memo} as const
      const isNews = record?.versionId !== versionId || record?.modifiedNs !== modifiedNs
      if (isNews) await this.#inTurn(async (memory) => memory.record(seen))
      return 'skipped'
    }
    const {bucket, key} = arrival
    const wanted: Wanted = {
      names,
      source: {bucket, key, ...(versionId === undefined ? {etag: found.etag} : {versionId})},
      size: found.size,
      sha256: found.sha256,
      mode: arrivedMode,
      foreign: ours ? undefined : there,
      memo,
    }
    const loaded = await loader.load(wanted, async (use) => this.#inTurn(use))
    if (loaded === 'unfinished') throw new SideloadError('INTERRUPTED', `${key} needs another invocation`)
    return loaded === 'declined' ? 'older' : 'copied'
  }

  /**
   * Another event may be at the same path: who is the newer one is decided at the last moment, one after the other.
   * @returns whether it was used
   */
  async #inTurn(use: (memory: State) => Promise<void>): Promise<boolean> {
    const {names, tree, room, deadline} = this.#options
    const {files, now} = room
    const path = names.join('/')
    return holding(files, tree, path, room, async () => {
      // Opened now, so that what it remembers counts as later than what others remembered before.
      await using memory = await State.open({files, tree, sliceId: sliceName(), expires: deadline.endsAt, now})
      if (await this.#isOlder(await memory.lookups(path).find(path))) return false
      await use(memory)
      await memory.finish()
      return true
    })
  }

  /** The hash that the object has: by its checksum, or since this very version was loaded before. */
  #wantedHash(record: TurnedRecord | undefined): string | undefined {
    const {found} = this.#options
    if (found.sha256 !== undefined) return found.sha256
    return found.versionId !== undefined && record?.versionId === found.versionId ? record.sha256 : undefined
  }

  #memo(versionId: string | undefined): Pick<FileRecord, 'versionId' | 'storedAt' | 'sequencer'> {
    const {arrival, found} = this.#options
    return {
      storedAt: found.modifiedAt,
      ...(versionId === undefined ? {} : {versionId}),
      ...(arrival.sequencer === undefined ? {} : {sequencer: arrival.sequencer}),
    }
  }

  /** Whether what is recorded of the path was stored after what arrived. */
  async #isOlder(record: TurnedRecord | undefined): Promise<boolean> {
    const {arrival, found, room} = this.#options
    if (record === undefined || record.versionId === found.versionId) return false
    if (record.sequencer !== undefined && arrival.sequencer !== undefined) {
      return compareSequencers(arrival.sequencer, record.sequencer) < 0
    }
    const source = {bucket: arrival.bucket, key: arrival.key}
    const storedAt = record.storedAt ?? (await this.#storedAt(record.versionId))
    if (storedAt === undefined) return false
    if (storedAt !== found.modifiedAt) return storedAt > found.modifiedAt
    // Stored within one second: the bucket knows which of the two came last.
    const latest = await room.store.head(source)
    return latest !== undefined && latest.versionId === record.versionId
  }

  async #storedAt(versionId: string | undefined): Promise<number | undefined> {
    if (versionId === undefined) return undefined
    const {arrival, room} = this.#options
    return (await room.store.head({bucket: arrival.bucket, key: arrival.key, versionId}))?.modifiedAt
  }
}

/** Sequencers are hex digits of different lengths; the shorter one is filled up on the right (S3 user guide). */
export function compareSequencers(a: string, b: string): number {
  const length = Math.max(a.length, b.length)
  const [left, right] = [a.padEnd(length, '0').toUpperCase(), b.padEnd(length, '0').toUpperCase()]
  return left === right ? 0 : left < right ? -1 : 1
}
