import {isSnapshotId, type SnapshotId} from './id.ts'

/**
 * Where sets lie in the records bucket. A set exists when its manifest exists, and only then. Each sort of record has a
 * prefix of its own, so that ten thousand sets are listed in ten pages and nothing is read.
 */
export const prefixes = {
  manifests: 'snapshots/manifests/',
  /** What lists show of a set, in the name of an empty object. */
  catalogue: 'snapshots/catalogue/',
  /** Which children a set is going to have, written before the first of them. */
  plans: 'snapshots/plans/',
  /** Restores on trial, in names too. */
  proofs: 'snapshots/proofs/',
  /** Restores on trial that have something in AWS. */
  trials: 'snapshots/trials/',
  /** Sets that are being deleted. */
  tombstones: 'snapshots/tombstones/',
  /** Contents under their hashes: assets, templates, lists of assets. */
  objects: 'objects/',
} as const

export function manifestKey(id: SnapshotId): string {
  return `${prefixes.manifests}${id}.json`
}

export function planKey(id: SnapshotId): string {
  return `${prefixes.plans}${id}.json`
}

export function tombstoneKey(id: SnapshotId): string {
  return `${prefixes.tombstones}${id}.json`
}

export function objectKey(sha256: string): string {
  return `${prefixes.objects}${sha256}`
}

/** The id in the key of a manifest, a plan or a tombstone; undefined for any other key. */
export function idOfKey(key: string): SnapshotId | undefined {
  const name =
    key
      .split('/')
      .at(-1)
      ?.replace(/\.json$/, '') ?? ''
  return isSnapshotId(name) ? name : undefined
}

/** The name of a set's database snapshot: at most 63 characters, no double dashes, as RDS wants it. */
export function databaseSnapshotName(environment: string, id: SnapshotId, attempt: number): string {
  return `pi-${environment}-${id}${attempt === 1 ? '' : `-${attempt}`}`
}

/** The set that a database snapshot belongs to, by its name. */
export function idOfDatabaseSnapshot(environment: string, name: string): SnapshotId | undefined {
  const prefix = `pi-${environment}-`
  const id = name.startsWith(prefix) ? name.slice(prefix.length, prefix.length + 23) : ''
  return isSnapshotId(id) ? id : undefined
}

/** Where the function keeps a frozen copy of a generation, below the root of the file system. */
export function frozenPath(name: string): string {
  return `gen/.frozen/${name}`
}
