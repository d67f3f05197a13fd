import {join, sep} from 'node:path'
import {SideloadError, systemCode} from '../errors.ts'
import type {Files} from '../files.ts'
import {compareNames, draftPrefix, inside, namesOf} from '../paths.ts'
import type {Settings} from '../settings.ts'

/** An answer may hold 6 MB: this many entries fit even when every path is as long as a path can be. */
export const largestLimit = 1000

export interface ListRequest {
  /** The folder, relative to the root; '' lists everything. */
  readonly path: string
  /** The cursor of the answer before, '' to begin. */
  readonly cursor: string
  /** Entries in one answer, 1 to 1,000. */
  readonly limit: number
  /** Only what the folder itself holds, not what its folders hold. */
  readonly shallow?: boolean
}

export interface ListedEntry {
  /** Relative to the folder that was asked for. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other'
  /** Bytes; 0 of anything but a file. */
  readonly size: number
  /** ISO 8601, UTC. */
  readonly modifiedAt: string
}

export interface Listing {
  readonly path: string
  readonly entries: readonly ListedEntry[]
  /** Absent when nothing is left. */
  readonly cursor?: string
}

/**
 * Lists what a folder holds, at any depth unless it is to be shallow, a bounded number of entries at a time. The order is the same each time, so
 * entries that come or go between two calls never repeat or hide others. Symbolic links are named, never followed;
 * what is being loaded just now is left out.
 * @throws SideloadError BAD_PATH, NOT_FOUND, NOT_A_DIRECTORY
 */
export async function list({filesRoot}: Settings, files: Files, request: ListRequest): Promise<Listing> {
  const {path, cursor, limit, shallow = false} = request
  const start = inside(filesRoot, path)
  await mustBeInside(filesRoot, start, path, files)
  const after = namesOf(cursor)
  const entries: ListedEntry[] = []
  for await (const entry of walk(start, [], after, shallow, files)) {
    const last = entries.at(-1)
    if (entries.length === limit && last !== undefined) return {path, entries, cursor: last.path}
    entries.push(entry)
  }
  return {path, entries}
}

/** Yields what comes after the names `after`, without entering folders that lie wholly before them. */
async function* walk(
  start: string,
  parents: readonly string[],
  after: readonly string[],
  shallow: boolean,
  files: Files,
): AsyncGenerator<ListedEntry> {
  const found = await files.names(join(start, ...parents)).catch(gone([]))
  for (const name of found.sort((a, b) => compareNames([a], [b]))) {
    if (name.startsWith(draftPrefix)) continue
    const names = [...parents, name]
    const onTheWay = after.slice(0, names.length).join('/') === names.join('/')
    if (compareNames(names, after) < 0 && !onTheWay) continue
    const entry = await files.look(join(start, ...names)).catch(gone(undefined))
    if (entry === undefined) continue
    const {kind, size, modifiedAt} = entry
    if (compareNames(names, after) > 0) {
      yield {path: names.join('/'), kind, size: kind === 'file' ? size : 0, modifiedAt: modifiedAt.toISOString()}
    }
    if (kind === 'directory' && !shallow) yield* walk(start, names, after, shallow, files)
  }
}

/** The platform goes on working while we list: what disappears meanwhile is left out. */
function gone<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (systemCode(error) === 'ENOENT') return instead
    throw error
  }
}

async function mustBeInside(root: string, start: string, path: string, files: Files): Promise<void> {
  const entry = await files.look(start).catch((error: unknown) => {
    const code = systemCode(error)
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
    throw new SideloadError('NOT_FOUND', `there is no ${JSON.stringify(path)}`, error)
  })
  if (entry.kind !== 'directory') throw new SideloadError('NOT_A_DIRECTORY', `${JSON.stringify(path)} is no directory`)
  const [realRoot, real] = await Promise.all([files.realPath(root), files.realPath(start)])
  if (real !== realRoot && !real.startsWith(realRoot + sep)) {
    throw new SideloadError(
      'BAD_PATH',
      `path ${JSON.stringify(path)} is refused: a link on it leads out of the file system`,
    )
  }
}
