import {dirname, join} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import {lookFor, type Entry, type Files} from '../files.ts'
import {giveAway} from '../ownership.ts'
import type {Settings} from '../settings.ts'
import type {State} from '../state/state.ts'

/** Mode of folders that no manifest speaks of: the one of the categories. */
const folderMode = 0o775
/** Folders that are remembered as looked at; then they are looked at again. */
const memory = 20_000

/** What a manifest's mode becomes: nobody else writes, nothing runs as its owner, and the platform can use it. */
export function modeOf(mode: number, kind: 'file' | 'directory'): number {
  return (mode & 0o775) | (kind === 'file' ? 0o600 : 0o700)
}

/** Looks at and makes the folders of a generation, and remembers which ones must get to the disk. */
export class Folders {
  readonly #files: Files
  readonly #settings: Settings
  readonly #tree: string
  readonly #state: State
  readonly #standing = new Map<string, Promise<boolean>>()
  readonly #making = new Map<string, Promise<void>>()
  readonly #unsettled = new Set<string>()
  #drafts = 0

  constructor(files: Files, settings: Settings, tree: string, state: State) {
    this.#files = files
    this.#settings = settings
    this.#tree = tree
    this.#state = state
  }

  /**
   * Whether a folder stands, and no link is on the way to it.
   * @throws SideloadError NOT_A_DIRECTORY
   */
  async stands(names: readonly string[]): Promise<boolean> {
    if (names.length === 0) return true
    const path = names.join('/')
    if (this.#standing.size > memory) this.#standing.clear()
    let answer = this.#standing.get(path)
    if (answer === undefined) {
      answer = this.#look(names)
      this.#standing.set(path, answer)
    }
    const stands = await answer
    if (!stands) this.#standing.delete(path)
    return stands
  }

  /**
   * Makes a folder and those above it, each under another name first, so that one that stands under its own is finished.
   * @returns whether it was missing
   */
  async ensure(names: readonly string[], mode = folderMode): Promise<boolean> {
    if (await this.stands(names)) return false
    const path = names.join('/')
    const making = this.#making.get(path)
    if (making !== undefined) {
      await making
      return false
    }
    const made = this.ensure(names.slice(0, -1)).then(async () => this.#make(names, mode))
    this.#making.set(path, made)
    try {
      await made
      this.#standing.set(path, Promise.resolve(true))
      return true
    } finally {
      this.#making.delete(path)
    }
  }

  /** A name for something unfinished in this folder, which the state knows of before it is used. */
  async draft(names: readonly string[]): Promise<string> {
    const folder = names.join('/')
    await this.#state.note(folder)
    return join(this.#tree, folder, `${this.#state.drafts}-${this.#drafts++}`)
  }

  /** Remembers that the names in the folder of `place` have changed. */
  changed(place: string): void {
    this.#unsettled.add(dirname(place))
  }

  /** Waits until all changed names are on the disk. */
  async settle(): Promise<void> {
    const folders = [...this.#unsettled]
    this.#unsettled.clear()
    for (let at = 0; at < folders.length; at += 16) {
      await Promise.all(folders.slice(at, at + 16).map(async (folder) => this.#settle(folder)))
    }
  }

  async #settle(folder: string): Promise<void> {
    await this.#files.settle(folder).catch((error: unknown) => {
      // Removed since, and what was in it with it.
      if (systemCode(error) !== 'ENOENT') throw error
    })
  }

  async #look(names: readonly string[]): Promise<boolean> {
    if (!(await this.stands(names.slice(0, -1)))) return false
    const found = await lookFor(join(this.#tree, ...names), this.#files)
    if (found !== undefined && found.kind !== 'directory') throw noFolder(names)
    return found !== undefined
  }

  async #make(names: readonly string[], mode: number): Promise<void> {
    const draft = await this.draft(names.slice(0, -1))
    const place = join(this.#tree, ...names)
    await this.#files.makeDirectory(draft)
    const fresh: Entry = await this.#files.look(draft)
    await giveAway(fresh, this.#settings, this.#files, (uid, gid) => this.#files.setOwner(draft, uid, gid))
    await this.#files.setMode(draft, mode)
    const modifiedNs = String(fresh.modifiedNs)
    await this.#state.record({path: names.join('/'), kind: 'directory', size: 0, modifiedNs, sha256: '', own: true})
    await this.#files.rename(draft, place).catch(async (error: unknown) => {
      // Somebody else was faster: theirs stays.
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
      await this.#files.removeDirectory(draft)
    })
    this.changed(place)
  }
}

function noFolder(names: readonly string[]): SideloadError {
  return new SideloadError(
    'NOT_A_DIRECTORY',
    `${JSON.stringify(names.join('/'))} is no folder, so nothing goes below it`,
  )
}
