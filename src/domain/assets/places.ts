import {categoryOf, compareByBytes, isCategory} from './paths.ts'

/** The three places in which assets lie. */
export type PlaceName = 'folder' | 'bucket' | 'efs'

/** A file or folder as a place tells of it. */
export interface PlacedEntry {
  /** Begins with the category. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'other'
  /** Bytes; 0 of anything but a file. */
  readonly size: number
  /** Hex; undefined where the place does not know it. */
  readonly sha256?: string
  /** Its content is known to be another one than the bundle's, or nobody could say that it is the same. */
  readonly unlikeBundle?: true
}

/** Places that were looked at. */
export type Places = Readonly<Partial<Record<PlaceName, readonly PlacedEntry[]>>>

/** A path that is not the same in all places that were looked at, and is in more than one of them. */
export interface ChangedPath {
  readonly path: string
  /** kind, size or content differ between places; missing: some place has none. */
  readonly reason: 'kind' | 'size' | 'content' | 'missing'
  /** Where it is. */
  readonly in: readonly PlaceName[]
}

export interface PlacesDiff {
  /** Files and folders that are the same in all places that were looked at. */
  readonly same: number
  readonly onlyFolder: readonly string[]
  readonly onlyBucket: readonly string[]
  readonly onlyEfs: readonly string[]
  readonly changed: readonly ChangedPath[]
}

type Row = Partial<Record<PlaceName, PlacedEntry>>

/** Every path of every place, ascending by its bytes. */
export function sideBySide(places: Places): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  for (const [name, entries] of Object.entries(places) as [PlaceName, readonly PlacedEntry[]][]) {
    for (const entry of entries) {
      const row = rows.get(entry.path) ?? {}
      row[name] = entry
      rows.set(entry.path, row)
    }
  }
  return new Map([...rows].sort(([a], [b]) => compareByBytes(a, b)))
}

/** Why entries of one path are not the same, or undefined. A hash that a place does not know differs from none. */
function difference(entries: readonly PlacedEntry[]): 'kind' | 'size' | 'content' | undefined {
  const [first, ...others] = entries
  if (first === undefined) return undefined
  if (others.some(({kind}) => kind !== first.kind)) return 'kind'
  if (others.some(({size}) => size !== first.size)) return 'size'
  if (entries.length > 1 && entries.some(({unlikeBundle}) => unlikeBundle === true)) return 'content'
  return new Set(entries.flatMap(({sha256}) => sha256 ?? [])).size > 1 ? 'content' : undefined
}

/** What differs between the places. The categories themselves, which every generation has, are left out. */
export function diffPlaces(places: Places): PlacesDiff {
  const names = Object.keys(places) as PlaceName[]
  const only: Record<PlaceName, string[]> = {folder: [], bucket: [], efs: []}
  const changed: ChangedPath[] = []
  let same = 0
  for (const [path, row] of sideBySide(places)) {
    if (isCategory(path)) continue
    const where = names.filter((name) => row[name] !== undefined)
    const reason = difference(where.flatMap((name) => row[name] ?? []))
    const [single] = where
    if (where.length === 1 && names.length > 1 && single !== undefined) only[single].push(path)
    else if (reason !== undefined) changed.push({path, reason, in: where})
    else if (where.length < names.length) changed.push({path, reason: 'missing', in: where})
    else same += 1
  }
  return {same, onlyFolder: only.folder, onlyBucket: only.bucket, onlyEfs: only.efs, changed}
}

/** Files and bytes of each category. */
export function countByCategory(
  entries: readonly PlacedEntry[],
): ReadonlyMap<string, {readonly files: number; readonly bytes: number}> {
  const counts = new Map<string, {files: number; bytes: number}>()
  for (const {path, kind, size} of entries) {
    if (kind !== 'file') continue
    const count = counts.get(categoryOf(path)) ?? {files: 0, bytes: 0}
    counts.set(categoryOf(path), {files: count.files + 1, bytes: count.bytes + size})
  }
  return counts
}

export function differs({onlyFolder, onlyBucket, onlyEfs, changed}: PlacesDiff): boolean {
  return [onlyFolder, onlyBucket, onlyEfs, changed].some((list) => list.length > 0)
}
