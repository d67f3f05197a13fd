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

function refused(path: string, why: string): SideloadError {
  const shown = path.length > 80 ? `${path.slice(0, 80)}...` : path
  return new SideloadError('BAD_PATH', `path ${JSON.stringify(shown)} is refused: ${why}`)
}
