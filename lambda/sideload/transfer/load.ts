import {hash as hashOf} from 'node:crypto'
import {basename, dirname, join} from 'node:path'
import {SideloadError, systemCode, type ErrorCode} from '../errors.ts'
import {ensureOwnFolder, ifMissing, type Entry, type Files, type OpenFile} from '../files.ts'
import {giveAway} from '../ownership.ts'
import {draftPrefix} from '../paths.ts'
import type {Settings} from '../settings.ts'
import type {Deadline} from '../slice/deadline.ts'
import {Budget} from '../slice/pool.ts'
import type {FileRecord} from '../state/record.ts'
import type {State} from '../state/state.ts'
import type {ObjectStore, Source} from '../store.ts'
import {Checkpoints, hasherAt, savedOf, tokenOf, type Begun, type Checkpoint} from './checkpoint.ts'
import {type Folders, modeOf} from './folders.ts'
import {fetchPart, partsOf} from './parts.ts'
import type {Sizes} from './sizes.ts'

/** Bytes of bodies in memory at a time, of all files together. */
const memoryBytes = 40 * 1_048_576
/** Parts after which a large file's progress is saved, in case the invocation dies. */
const checkpointParts = 16

/** A file that is to be loaded. */
export interface Wanted {
  readonly names: readonly string[]
  readonly source: Source
  readonly size: number
  /** What it must hash to; undefined of an object that nobody has hashed. */
  readonly sha256: string | undefined
  readonly mode: number
  /** The file that stands there and is none of ours; it is kept under another name. */
  readonly foreign: Entry | undefined
  /** What else is to be remembered of it. */
  readonly memo: Pick<FileRecord, 'versionId' | 'storedAt' | 'sequencer'>
}

export type Loaded = {readonly replaced?: string} | 'unfinished' | 'declined'

/**
 * Decides, when all else is done, whether a file gets its name; `use` gives it, and remembers it in that state.
 * @returns whether it was used
 */
export type Guard = (use: (memory: State) => Promise<void>) => Promise<boolean>

export interface LoaderOptions {
  readonly files: Files
  readonly store: ObjectStore
  readonly settings: Settings
  readonly tree: string
  readonly state: State
  readonly folders: Folders
  readonly deadline: Deadline
  readonly now: () => number
  readonly sizes: Sizes
}

/** Failures after which a large file is taken up again where it was left. */
const mayGoOn: readonly ErrorCode[] = ['INTERRUPTED', 'STORE_FAILED']

/** The body of an empty file, which nobody needs to ask for. */
const nothing = {bytes: new Uint8Array(), release: () => undefined}

function mustBe({sha256: wanted}: Wanted, sha256: string): void {
  if (wanted === undefined || sha256 === wanted) return
  throw new SideloadError('CHECKSUM_WRONG', `the object hashes to ${sha256} and the manifest says ${wanted}`)
}

function largeToken({names, source, size, sha256}: Wanted): string {
  return tokenOf(names.join('/'), source.versionId ?? source.etag ?? '', size, sha256 ?? '')
}

function largeDraft(tree: string, names: readonly string[], token: string): string {
  return join(tree, ...names.slice(0, -1), `${draftPrefix}large-${token}`)
}

/** Loads objects into files. Nothing unfinished ever stands under a final name. */
export class Loader {
  readonly #options: LoaderOptions
  readonly #checkpoints: Checkpoints
  readonly #memory = new Budget(memoryBytes)
  /** One large file at a time: its parts are fetched side by side. */
  readonly #large = new Budget(1)
  #fresh: Entry | undefined
  #begun: Promise<readonly Begun[]> | undefined

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#checkpoints = new Checkpoints(options.files, options.tree)
  }

  /**
   * @param guard does the last step, in which the file gets its name, or throws the work away
   * @throws SideloadError OBJECT_GONE, VERSION_GONE, ACCESS_DENIED, SIZE_DIFFERS, CHECKSUM_WRONG, DISK_FULL, INTERRUPTED, ...
   */
  async load(wanted: Wanted, guard?: Guard): Promise<Loaded> {
    const {folders, sizes} = this.#options
    await folders.ensure(wanted.names.slice(0, -1))
    await this.#sweep(wanted.names.join('/'), wanted.size > sizes.part ? largeToken(wanted) : '')
    if (wanted.size <= sizes.part) return this.#loadSmall(wanted, guard)
    const done = await this.#large.takeUnless(() => this.#options.deadline.passed, 1)
    return done === undefined ? 'unfinished' : this.#loadLarge(wanted, guard).finally(done)
  }

  /** The whole of it is checked before anything is written: a file that is wrong is never begun. */
  async #loadSmall(wanted: Wanted, guard: Guard | undefined): Promise<Loaded> {
    const {files, store, folders, deadline} = this.#options
    const {names, source, size} = wanted
    const {bytes, release} =
      size === 0 ? nothing : await fetchPart(store, source, [0, size, size], this.#memory, deadline.signal)
    let draft = ''
    try {
      const sha256 = hashOf('sha256', bytes)
      mustBe(wanted, sha256)
      draft = await folders.draft(names.slice(0, -1))
      await using file = await files.create(draft, modeOf(wanted.mode, 'file'), 'durable')
      await this.#own(file)
      // What is written is on the disk with all that went before it; where nothing is, the rest must get there by itself.
      if (size > 0) await file.write(bytes, 0)
      else await file.sync()
      release()
      return await this.#publish(wanted, file, draft, sha256, guard)
    } catch (error) {
      await this.#discard(draft)
      throw await this.#explained(error, size)
    } finally {
      release()
    }
  }

  async #loadLarge(wanted: Wanted, guard: Guard | undefined): Promise<Loaded> {
    const {files, tree, deadline, sizes} = this.#options
    const {names, source, size} = wanted
    const token = largeToken(wanted)
    // The same bytes go to the same places of this file whoever writes it, so two who meet here do no harm.
    const draft = largeDraft(tree, names, token)
    let written = 0
    try {
      const known = await this.#checkpoints.read(token)
      // Told before it is there, so that it is found should nobody finish it.
      if (known === undefined) await this.#checkpoints.save(token, names.join('/'), {offset: 0})
      await using file = await files.openToChange(draft)
      const {size: there} = await file.look()
      const begun: Checkpoint = known !== undefined && known.offset <= there ? known : {offset: 0}
      written = begun.offset
      const hasher = await hasherAt(file, size, begun, sizes)
      const save = async (): Promise<void> => {
        await file.sync()
        await this.#checkpoints.save(token, names.join('/'), {offset: written, ...savedOf(hasher)})
      }
      let saved = written
      const {store} = this.#options
      const range = {start: written, size, part: sizes.part}
      for await (const part of partsOf(store, source, range, this.#memory, deadline.signal)) {
        try {
          hasher.update(part.bytes)
          await file.write(part.bytes, written)
        } finally {
          part.release()
        }
        written += part.bytes.byteLength
        const stop = written < size && deadline.passed
        if (stop || (written < size && written - saved >= checkpointParts * sizes.part)) {
          await save()
          saved = written
        }
        if (stop) return 'unfinished'
      }
      const sha256 = hasher.digest()
      mustBe(wanted, sha256)
      await this.#own(file)
      await file.sync()
      const loaded = await this.#publish(wanted, file, draft, sha256, guard)
      await this.#checkpoints.remove(token)
      return loaded
    } catch (error) {
      if (error instanceof SideloadError && mayGoOn.includes(error.code)) throw error
      await this.#discard(draft)
      await this.#checkpoints.remove(token).catch(() => undefined)
      throw await this.#explained(error, size - written)
    }
  }

  /** Removes what was begun of other contents of this path, and of any path that nobody has gone on with for a day. */
  async #sweep(path: string, token: string): Promise<void> {
    const {tree, now} = this.#options
    this.#begun ??= this.#checkpoints.begun(now())
    for (const begun of await this.#begun) {
      const isOver = begun.path === path ? begun.token !== token : begun.stale
      if (!isOver) continue
      await this.#discard(largeDraft(tree, begun.path.split('/'), begun.token))
      await this.#checkpoints.remove(begun.token)
    }
  }

  /** Every file that we make belongs to the same user at first: the one that the file system takes us for. */
  async #own(file: OpenFile): Promise<void> {
    const {files, settings} = this.#options
    this.#fresh ??= await file.look()
    await giveAway(this.#fresh, settings, files, (uid, gid) => file.setOwner(uid, gid))
  }

  /** Gives a file its name. Its contents, and whose it is, are on the disk. */
  async #publish(
    wanted: Wanted,
    file: OpenFile,
    draft: string,
    sha256: string,
    guard: Guard | undefined,
  ): Promise<Loaded> {
    const {modifiedNs, mode} = file.lookAtOnce()
    if (mode !== modeOf(wanted.mode, 'file')) {
      await file.setMode(modeOf(wanted.mode, 'file'))
      await file.sync()
    }
    let replaced: string | undefined
    const use = async (memory: State): Promise<void> => {
      replaced = await this.#name(wanted, draft, memory, {modifiedNs: String(modifiedNs), sha256})
    }
    if (guard === undefined) await use(this.#options.state)
    else if (!(await guard(use))) {
      await this.#discard(draft)
      return 'declined'
    }
    return replaced === undefined ? {} : {replaced}
  }

  /** The step that is seen from outside: the record, then the name. @returns where a foreign file is kept */
  async #name(
    {names, size, foreign, memo}: Wanted,
    draft: string,
    memory: State,
    seen: Pick<FileRecord, 'modifiedNs' | 'sha256'>,
  ): Promise<string | undefined> {
    const {files, tree, folders} = this.#options
    const place = join(tree, ...names)
    const replaced = foreign === undefined ? undefined : await this.#keep(place, names, foreign)
    await memory.record({path: names.join('/'), kind: 'file', size, ...seen, own: true, ...memo})
    await files.rename(draft, place)
    folders.changed(place)
    return replaced
  }

  /** Gives a file that is not ours a second name below `.pi/replaced`, before ours takes its place. */
  async #keep(place: string, names: readonly string[], foreign: Entry): Promise<string> {
    const {files, tree} = this.#options
    const kept = ['.pi', 'replaced', String(foreign.modifiedNs), ...names]
    for (let depth = 2; depth < kept.length; depth++) await ensureOwnFolder(join(tree, ...kept.slice(0, depth)), files)
    const second = join(tree, ...kept)
    await files.link(place, second).catch((error: unknown) => {
      // Kept by an attempt that broke off.
      if (systemCode(error) !== 'EEXIST') throw error
    })
    await files.settle(dirname(second))
    return kept.join('/')
  }

  async #discard(draft: string): Promise<void> {
    if (!basename(draft).startsWith(draftPrefix)) return
    // What cannot be removed now is swept by a later invocation; the first error is the one to tell.
    await this.#options.files
      .removeFile(draft)
      .catch(ifMissing(undefined))
      .catch(() => undefined)
  }

  async #explained(error: unknown, needed: number): Promise<unknown> {
    const code = systemCode(error)
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
    const free = await this.#options.files.freeBytes(this.#options.tree).catch(() => undefined)
    const said = free === undefined ? '' : `, ${free} bytes are free`
    return new SideloadError('DISK_FULL', `the file system is full: ${needed} bytes are needed${said}`, error)
  }
}
