import {NotFoundError, UsageError} from '../errors.ts'
import type {OpId} from '../names.ts'

declare const brand: unique symbol
/** The id of a set: `<yyyymmddthhmmssz>-<6 hex>` of the operation that made it; fits into the names of AWS. */
export type SnapshotId = string & {readonly [brand]: 'SnapshotId'}

const idPattern = /^\d{8}t\d{6}z-[0-9a-f]{6}$/
const prefixPattern = /^[0-9a-z-]{1,23}$/

/** What a person says to name a set. */
export type SnapshotRef = {readonly kind: 'latest'} | {readonly kind: 'prefix'; readonly text: string}

/** The set that an operation makes: the same operation always makes the same one. */
export function snapshotIdOf(opId: OpId): SnapshotId {
  const [stamp = '', ...rest] = opId.toLowerCase().split('-')
  return `${stamp}-${rest.at(-1) ?? ''}` as SnapshotId
}

/** True for the full id of a set. */
export function isSnapshotId(text: string): text is SnapshotId {
  return idPattern.test(text)
}

/**
 * `latest`, a full id, or the beginning of one; of the six digits at its end too.
 * @throws UsageError INVALID_SNAPSHOT_ID
 */
export function parseSnapshotRef(text: string): SnapshotRef {
  if (text === 'latest') return {kind: 'latest'}
  const lower = text.toLowerCase()
  if (prefixPattern.test(lower)) return {kind: 'prefix', text: lower}
  throw new UsageError(`Invalid snapshot id: "${text.slice(0, 40)}" is none of ours.`, {
    code: 'INVALID_SNAPSHOT_ID',
    suggestions: ['latest, an id as snapshot list shows it, or the beginning of one'],
  })
}

/** A set as far as naming it goes. */
export interface NamedSet {
  readonly id: SnapshotId
  /** ISO 8601 UTC, by S3's clock. */
  readonly createdAt: string
  readonly tags: readonly string[]
}

/** On sets that a restore took of what it was about to leave. */
export const safetyTag = 'safety'

/** Most candidates that an error names. */
const candidatesShown = 5

function listed(sets: readonly NamedSet[]): readonly string[] {
  return sets.slice(0, candidatesShown).map(({id, createdAt}) => `${id} of ${createdAt}`)
}

/** Newest first; equal times by id, so that the order is the same everywhere. */
export function newestFirst<S extends NamedSet>(sets: readonly S[]): readonly S[] {
  return [...sets].sort((a, b) =>
    a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1,
  )
}

/**
 * What `latest` means: no safety snapshot while there is another one. Who undid a restore and tries again must not get what
 * they wanted to be rid of.
 * @param sorted newest first
 */
export function latestOf<S extends NamedSet>(sorted: readonly S[]): S | undefined {
  return sorted.find(({tags}) => !tags.includes(safetyTag)) ?? sorted[0]
}

/**
 * The one set that a person means.
 * @throws NotFoundError SNAPSHOT_NOT_FOUND, UsageError SNAPSHOT_AMBIGUOUS; both with candidates
 */
export function resolveSnapshot<S extends NamedSet>(ref: SnapshotRef, sets: readonly S[]): S {
  const sorted = newestFirst(sets)
  if (ref.kind === 'latest') {
    const latest = latestOf(sorted)
    if (latest !== undefined) return latest
    throw new NotFoundError('Snapshot not found: there is none yet.', {
      code: 'SNAPSHOT_NOT_FOUND',
      suggestions: ['pi-aws snapshot create'],
    })
  }
  const exact = sorted.find(({id}) => id === ref.text)
  if (exact !== undefined) return exact
  const found = sorted.filter(({id}) => id.startsWith(ref.text) || id.slice(-6).startsWith(ref.text))
  const [only, second] = found
  if (only === undefined) {
    throw new NotFoundError(`Snapshot ${ref.text} not found: no whole set has an id that begins so.`, {
      code: 'SNAPSHOT_NOT_FOUND',
      suggestions: ['pi-aws snapshot list', ...listed(sorted)],
    })
  }
  if (second === undefined) return only
  throw new UsageError(`Snapshot ${ref.text} is ambiguous: ${found.length} sets have an id that begins so.`, {
    code: 'SNAPSHOT_AMBIGUOUS',
    suggestions: listed(found),
  })
}
