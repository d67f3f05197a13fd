import {join} from 'node:path'
import {ifMissing, lookFor, type Entry, type Files} from '../files.ts'
import {comparePaths} from '../paths.ts'

export interface Walked {
  /** Relative to where the walk began. */
  readonly path: string
  readonly entry: Entry
}

export interface WalkOptions {
  /** Only what comes behind this path. */
  readonly after?: string
  /** Only what does not come before this path. */
  readonly from?: string
  /** Tells which folders to look into. */
  readonly enter?: (path: string) => boolean
}

/**
 * Everything below a folder in the order of manifests, by the bytes of whole paths: `a`, `a b`, `a/x`. Links are named
 * and not followed; what disappears meanwhile is left out.
 */
export async function* walk(
  files: Files,
  root: string,
  options: WalkOptions = {},
  parent = '',
): AsyncGenerator<Walked, undefined> {
  const {after = '', from = '', enter = () => true} = options
  const isWanted = (path: string): boolean => comparePaths(path, after) > 0 && comparePaths(path, from) >= 0
  const holdsWanted = (prefix: string): boolean =>
    [after, from].every((bound) => comparePaths(prefix, bound) > 0 || bound.startsWith(prefix))

  const names = await files.names(join(root, parent)).catch(ifMissing([]))
  // A folder's contents come where its name with a slash behind it would: other names may lie between.
  const turns = names.flatMap((name) => [name, `${name}/`]).sort(comparePaths)
  const kinds = new Map<string, Entry['kind'] | undefined>()
  for (const turn of turns) {
    const path = `${parent}${turn}`
    if (turn.endsWith('/')) {
      const folder = path.slice(0, -1)
      if (!holdsWanted(path) || !enter(folder)) continue
      const kind = kinds.has(turn) ? kinds.get(turn) : (await lookFor(join(root, folder), files))?.kind
      kinds.delete(turn)
      if (kind === 'directory') yield* walk(files, root, options, path)
      continue
    }
    if (!isWanted(path)) continue
    const entry = await lookFor(join(root, path), files)
    kinds.set(`${turn}/`, entry?.kind)
    if (entry !== undefined) yield {path, entry}
  }
  return undefined
}
