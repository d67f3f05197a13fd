import {type BundleEntry, directoryEntry} from '../../domain/assets/bundle.ts'
import {mergeBundle} from '../../domain/assets/merge.ts'
import {
  assetKey,
  categories,
  type Category,
  categoryOf,
  compareByBytes,
  fileSizeLimit,
  pathRefusal,
} from '../../domain/assets/paths.ts'
import {isUntouched} from '../../domain/assets/stamp.ts'
import {NotFoundError, RefusedError, UsageError} from '../../domain/errors.ts'
import type {Report} from '../events.ts'
import type {AssetFolder, Index, Problem, TreeNode} from './ports.ts'

export interface LookOptions {
  /** The folder's absolute path. */
  readonly folder: string
  /** All when empty. */
  readonly categories: readonly Category[]
  readonly prune: boolean
  /** Read every file, whatever the index says, and ask the bucket which versions stand there. */
  readonly checksum: boolean
  readonly followSymlinks: boolean
}

/** What one look at the folder gave. */
export interface Look {
  /** Categories that the upload is about. */
  readonly categories: readonly Category[]
  /** Folders, and files that the index vouches for: as they will stand in the bundle. */
  readonly settled: readonly BundleEntry[]
  /** Files that must be read. */
  readonly toRead: readonly TreeNode[]
  /** Marks of the settled files. */
  readonly marks: ReadonlyMap<string, string>
}

/** How many refused paths a message names; warnings name all of them. */
const named = 20

/**
 * Walks the folder and decides which files must be read.
 * @param index what this machine remembers, if it belongs to the bundle in the bucket
 * @throws RefusedError UNFIT_ASSETS, ENTRY_CONFLICT; NotFoundError CATEGORY_NOT_FOUND; UsageError EMPTY_FOLDER
 */
export async function look(
  options: LookOptions,
  {assetFolder}: {readonly assetFolder: AssetFolder},
  previous: readonly BundleEntry[],
  index: Index | undefined,
  report: Report,
): Promise<Look> {
  const wanted = options.categories.length === 0 ? categories : options.categories
  const {nodes, problems, leftOut} = await assetFolder.walk(options.folder, options)
  for (const name of leftOut)
    report({
      type: 'warning',
      code: 'NO_ASSET',
      message: `${shown(name)} is no asset and is left out: assets stand in ${categories.join(', ')}.`,
    })
  refuse([...problems, ...nodes.flatMap(refusalOf)], report)
  mustHold(options, nodes)
  const before = new Map(previous.map((entry) => [entry.path, entry]))
  const settled: BundleEntry[] = []
  const toRead: TreeNode[] = []
  const marks = new Map<string, string>()
  for (const node of nodes) {
    const entry = before.get(node.path)
    const mark = index?.marks.get(node.path)
    const vouched =
      !options.checksum &&
      index !== undefined &&
      mark !== undefined &&
      isUntouched(node.stamp, {mark}, index.indexedAtMs)
    if (node.kind === 'directory') settled.push(directoryEntry(node.path, node.mode))
    else if (vouched && entry?.kind === 'file') {
      settled.push(entry)
      marks.set(node.path, node.stamp.mark)
    } else toRead.push(node)
  }
  const {conflicts} = mergeBundle(previous, [...settled, ...toRead.map(placeholder)], {
    categories: wanted,
    prune: options.prune,
  })
  if (conflicts.length > 0) {
    throw new RefusedError(
      `Nothing was uploaded: ${list(conflicts.map(shown))}: a file on one side and a folder on the other, in the folder and in the last bundle.`,
      {
        code: 'ENTRY_CONFLICT',
        suggestions: ['Add --prune to leave out of the bundle what is gone from the folder'],
      },
    )
  }
  return {categories: wanted, settled, toRead: toRead.sort((a, b) => compareByBytes(a.path, b.path)), marks}
}

/** A file that was not read yet, for questions about paths only. */
function placeholder({path, size, mode}: TreeNode): BundleEntry {
  return {path, key: assetKey(path), versionId: '', size, sha256: '', mode, kind: 'file'}
}

function refusalOf({path, size}: TreeNode): readonly Problem[] {
  const reason =
    pathRefusal(path) ??
    (size > fileSizeLimit ? `it has ${size} bytes, of ${fileSizeLimit} that go in one upload` : undefined)
  return reason === undefined ? [] : [{path, reason}]
}

function refuse(problems: readonly Problem[], report: Report): void {
  if (problems.length === 0) return
  const sorted = [...problems].sort((a, b) => compareByBytes(a.path, b.path))
  for (const {path, reason} of sorted)
    report({type: 'warning', code: 'UNFIT_ASSET', message: `${shown(path)}: ${reason}`})
  const what = sorted.length === 1 ? 'one path cannot be stored' : `${sorted.length} paths cannot be stored`
  throw new RefusedError(
    `Nothing was uploaded: ${what}: ${list(sorted.map(({path, reason}) => `${shown(path)} (${reason})`))}`,
    {
      code: 'UNFIT_ASSETS',
      suggestions: ['Rename or remove them, then run the same command again'],
    },
  )
}

function mustHold({folder, categories: chosen}: LookOptions, nodes: readonly TreeNode[]): void {
  const held = new Set(nodes.map(({path}) => categoryOf(path)))
  const missing = chosen.filter((category) => !held.has(category))
  if (missing.length > 0) {
    throw new NotFoundError(`There is no folder ${missing.join(', ')} in ${shown(folder)}.`, {
      code: 'CATEGORY_NOT_FOUND',
    })
  }
  if (nodes.length === 0) {
    throw new UsageError(`There is nothing to upload in ${shown(folder)}: it holds none of ${categories.join(', ')}.`, {
      code: 'EMPTY_FOLDER',
      suggestions: ['Give the folder above them'],
    })
  }
}

function list(texts: readonly string[]): string {
  const rest = texts.length - named
  return rest > 0
    ? `${texts.slice(0, named).join('; ')}; and ${rest} more, each named in a warning above`
    : texts.join('; ')
}

/** A path as messages show it, whatever characters it holds. */
function shown(path: string): string {
  return JSON.stringify(path)
}
