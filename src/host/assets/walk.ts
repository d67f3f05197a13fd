import {type BigIntStats, type Dirent, lstatSync, statSync} from 'node:fs'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {setImmediate as breathe} from 'node:timers/promises'
import {categories, isCategory} from '../../domain/assets/paths.ts'
import type {AssetFolder, Problem, TreeNode, Walked} from '../../flows/assets/ports.ts'
import {modeOf, stampOf, systemReason} from './stamps.ts'

/** Files looked at before timers and signals get their turn: looking without waiting is several times faster. */
const slice = 500

/** U+FFFD in a name is what Node makes of bytes that are no UTF-8, or is really in it. */
const replacement = '\ufffd'

/** A folder on the way down, with what tells a circle of links from a deep tree. */
interface Place {
  readonly path: string
  readonly ancestors: readonly string[]
}

/** Walks a folder; nothing is opened, links are followed only when chosen. */
export const walk: AssetFolder['walk'] = async (folder, {categories: chosen, followSymlinks}) => {
  const walker = new Walker(folder, followSymlinks)
  await walker.start(chosen.length === 0 ? categories : chosen, chosen.length === 0)
  return walker.walked
}

class Walker {
  readonly #folder: string
  readonly #followSymlinks: boolean
  readonly #nodes: TreeNode[] = []
  readonly #problems: Problem[] = []
  readonly #leftOut: string[] = []
  #seen = 0

  constructor(folder: string, followSymlinks: boolean) {
    this.#folder = folder
    this.#followSymlinks = followSymlinks
  }

  get walked(): Walked {
    return {nodes: this.#nodes, problems: this.#problems, leftOut: this.#leftOut}
  }

  /** @param all whether what is no category is told of */
  async start(wanted: readonly string[], all: boolean): Promise<void> {
    const places: Place[] = []
    for (const entry of await this.#namesIn('')) {
      if (isCategory(entry.name)) {
        if (!wanted.includes(entry.name)) continue
        const place = this.#take(entry.name, [])
        if (place === undefined) {
          const last = this.#nodes.at(-1)
          if (last?.path === entry.name) {
            this.#nodes.pop()
            this.#problem(entry.name, 'it is a file, and a category is a folder')
          }
        } else places.push(place)
      } else if (all && entry.isFile()) this.#leftOut.push(entry.name)
      else if (all) this.#problem(entry.name, `it is none of ${categories.join(', ')}`)
    }
    for (let place = places.pop(); place !== undefined; place = places.pop()) {
      for (const entry of await this.#namesIn(place.path)) {
        const below = this.#take(`${place.path}/${entry.name}`, place.ancestors)
        if (below !== undefined) places.push(below)
        if (++this.#seen % slice === 0) await breathe()
      }
    }
  }

  async #namesIn(path: string): Promise<readonly Dirent[]> {
    const full = join(this.#folder, path)
    try {
      const entries = await readdir(full, {withFileTypes: true})
      if (!entries.some(({name}) => name.includes(replacement))) return entries
      return entries
        .filter((entry) => !entry.name.includes(replacement))
        .concat(await this.#suspects(full, path, entries))
    } catch (error) {
      this.#problem(path === '' ? this.#folder : path, `it cannot be read: ${systemReason(error)}`)
      return []
    }
  }

  /** Names with U+FFFD: those whose bytes say so themselves; the others are told of and cannot be stored. */
  async #suspects(full: string, path: string, entries: readonly Dirent[]): Promise<readonly Dirent[]> {
    const honest = new Set<string>()
    for (const bytes of await readdir(full, {encoding: 'buffer'})) {
      const name = bytes.toString('utf8')
      if (!name.includes(replacement)) continue
      if (Buffer.from(name).equals(bytes)) honest.add(name)
      else this.#problem(path === '' ? name : `${path}/${name}`, `its name is no UTF-8: bytes ${bytes.toString('hex')}`)
    }
    return entries.filter(({name}) => honest.has(name))
  }

  /** @returns the place to go on with, for a folder */
  #take(path: string, ancestors: readonly string[]): Place | undefined {
    const stats = this.#stat(path)
    if (stats === undefined) return undefined
    const common = {path, mode: modeOf(stats), stamp: stampOf(stats)}
    if (stats.isFile()) {
      this.#nodes.push({...common, kind: 'file', size: Number(stats.size)})
      return undefined
    }
    if (!stats.isDirectory()) {
      this.#problem(path, `it is ${kindOf(stats)}`)
      return undefined
    }
    const identity = `${stats.dev}:${stats.ino}`
    if (ancestors.includes(identity)) {
      this.#problem(path, 'its links lead in a circle')
      return undefined
    }
    this.#nodes.push({...common, kind: 'directory', size: 0})
    return {path, ancestors: this.#followSymlinks ? [...ancestors, identity] : ancestors}
  }

  #stat(path: string): BigIntStats | undefined {
    const full = join(this.#folder, path)
    try {
      const stats = lstatSync(full, {bigint: true})
      if (!stats.isSymbolicLink()) return stats
      if (this.#followSymlinks) return statSync(full, {bigint: true})
      this.#problem(path, 'it is a symbolic link (--follow-symlinks stores what it points to)')
    } catch (error) {
      this.#problem(path, `it cannot be read: ${systemReason(error)}`)
    }
    return undefined
  }

  #problem(path: string, reason: string): void {
    this.#problems.push({path, reason})
  }
}

function kindOf(stats: BigIntStats): string {
  if (stats.isFIFO()) return 'a FIFO'
  if (stats.isSocket()) return 'a socket'
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device'
  return 'neither a file nor a folder'
}
