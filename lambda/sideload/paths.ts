import {join} from 'node:path'
import {SideloadError} from './errors.ts'

/** Limits of EFS: bytes in a name, bytes in a path (EFS user guide, quotas for file systems). */
const nameLimit = 255
const pathLimit = 4096

/**
 * Splits a relative path into its names and refuses whatever could lead out of the root or could not exist: absolute
 * paths, `.` and `..`, empty names, NUL, lone surrogates, names over 255 and paths over 4,096 bytes. '' is the root.
 * @throws SideloadError BAD_PATH
 */
export function namesOf(path: string): string[] {
  if (path === '') return []
  if (path.startsWith('/')) throw refused(path, 'it is absolute')
  if (path.includes('\0')) throw refused(path, 'it holds a NUL character')
  if (!path.isWellFormed()) throw refused(path, 'it is no valid Unicode')
  if (Buffer.byteLength(path) > pathLimit) throw refused(path, `it is longer than ${pathLimit} bytes`)
  const names = path.split('/')
  for (const name of names) {
    if (name === '') throw refused(path, 'a name in it is empty')
    if (name === '.' || name === '..') throw refused(path, `"${name}" is not allowed in it`)
    if (Buffer.byteLength(name) > nameLimit) throw refused(path, `a name in it is longer than ${nameLimit} bytes`)
  }
  return names
}

/**
 * The place of a relative path below `root`.
 * @throws SideloadError BAD_PATH
 */
export function inside(root: string, path: string): string {
  return join(root, ...namesOf(path))
}

/** Compares two lists of names: depth first, each folder by code units, a folder before what it holds. */
export function compareNames(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left = '', right = ''] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return a.length - b.length
}

/** The folders of a generation that assets are loaded into. Never `keys` and `files`: those are the platform's own. */
export const categories: readonly string[] = ['themes', 'images', 'svg', 'excel-data', 'custom_jdbc', 'locale']

/** EFS takes 1,000 levels (EFS user guide, quotas for file systems); `gen`, the number and a draft want theirs. */
const depthLimit = 990

/** Begins the name of whatever is not finished yet. No asset may be called so, since such names are swept away. */
export const draftPrefix = '.pi-part-'

/**
 * Splits the path of an asset, which begins with its category, and refuses whatever `namesOf` refuses, other folders
 * and names that we keep for ourselves.
 * @param wanted 'file' needs something below the category; a 'directory' may be the category itself
 * @throws SideloadError BAD_PATH, CATEGORY_REFUSED
 */
export function assetNames(path: string, wanted: 'file' | 'directory'): string[] {
  const names = namesOf(path)
  const [category = ''] = names
  if (!categories.includes(category)) {
    throw new SideloadError(
      'CATEGORY_REFUSED',
      `path ${shownShort(path)} is refused: assets go to ${categories.join(', ')} and nowhere else`,
    )
  }
  if (wanted === 'file' && names.length < 2) throw refused(path, 'it is a folder of the platform')
  if (names.length > depthLimit) throw refused(path, `it is deeper than ${depthLimit} levels`)
  if (names.some((name) => name.startsWith(draftPrefix))) throw refused(path, `names with ${draftPrefix} are reserved`)
  return names
}

/**
 * Compares two texts by the bytes of their UTF-8: the order of bundle manifests. Code units would put what lies beyond
 * U+FFFF before U+E000.
 */
export function comparePaths(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let index = 0; index < shorter; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (left !== right) return byteRank(left) - byteRank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for what comes after all other code units. */
function byteRank(unit: number): number {
  if (unit < 0xd8_00) return unit
  return unit < 0xe0_00 ? unit + 0x20_00 : unit - 0x8_00
}

function refused(path: string, why: string): SideloadError {
  return new SideloadError('BAD_PATH', `path ${shownShort(path)} is refused: ${why}`)
}

function shownShort(path: string): string {
  return JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}...` : path)
}
