import {type BundleEntry, sortEntries} from './bundle.ts'
import {categoryOf, foldersAbove} from './paths.ts'

/** What an upload makes of the bundle that was there before. */
export interface Merged {
  /** Ascending by the bytes of their paths. */
  readonly entries: readonly BundleEntry[]
  /** Entries that are left out because their files are gone from the folder. */
  readonly removed: readonly BundleEntry[]
  /** Paths that are a file on one side and a folder on the other, and cannot both be kept. */
  readonly conflicts: readonly string[]
}

/**
 * Lays what the folder holds over the bundle before. What the folder does not hold (any more) stays, unless `prune` is
 * set; what is outside the chosen categories always stays.
 */
export function mergeBundle(
  previous: readonly BundleEntry[],
  found: readonly BundleEntry[],
  {categories, prune}: {readonly categories: readonly string[]; readonly prune: boolean},
): Merged {
  const byPath = new Map(found.map((entry) => [entry.path, entry]))
  const removed: BundleEntry[] = []
  const stays: BundleEntry[] = []
  for (const entry of previous) {
    if (byPath.has(entry.path)) continue
    if (prune && categories.includes(categoryOf(entry.path))) removed.push(entry)
    else stays.push(entry)
  }
  for (const entry of stays) byPath.set(entry.path, entry)
  const conflicts = new Set<string>()
  // A folder that became a file, with something still below it, or a file that became a folder's parent.
  for (const path of byPath.keys()) {
    for (const above of foldersAbove(path)) if (byPath.get(above)?.kind === 'file') conflicts.add(above)
  }
  return {entries: sortEntries(byPath.values()), removed, conflicts: [...conflicts].sort()}
}
