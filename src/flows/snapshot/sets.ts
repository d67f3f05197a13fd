import type {EnvironmentName} from '../../domain/names.ts'
import {type Catalogue, readCatalogue, type SetSummary, summarised} from '../../domain/snapshots/catalogue.ts'
import {newestFirst, resolveSnapshot, type SnapshotId, type SnapshotRef} from '../../domain/snapshots/id.ts'
import {manifestKey, prefixes} from '../../domain/snapshots/keys.ts'
import {type Manifest, openManifest} from '../../domain/snapshots/manifest.ts'
import {NotFoundError, PiError} from '../../domain/errors.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Objects, Ports} from '../ports.ts'

/**
 * Sets of an environment, read off names alone; only a set without its entry in the catalogue has to be opened.
 * @param unfinished whether sets that were begun and never became whole are looked for too
 */
export async function readSets(objects: Objects, bucket: string, unfinished = false): Promise<Catalogue> {
  const below = async (prefix: string): Promise<readonly string[]> => {
    const keys: string[] = []
    await objects.listEach(bucket, prefix, ({key}) => keys.push(key))
    return keys
  }
  const [manifests, catalogue, proofs, tombstones, plans] = await Promise.all([
    below(prefixes.manifests),
    below(prefixes.catalogue),
    below(prefixes.proofs),
    below(prefixes.tombstones),
    unfinished ? below(prefixes.plans) : [],
  ])
  const read = readCatalogue({manifests, catalogue, proofs, tombstones, plans})
  if (read.unlisted.length === 0) return read
  const opened = await Promise.all(read.unlisted.map(async (id) => summaryOf(objects, bucket, id)))
  return {...read, sets: newestFirst([...read.sets, ...opened.flatMap((set) => set ?? [])])}
}

/** A damaged manifest is no set: `snapshot verify` says what is wrong with it. */
async function summaryOf(objects: Objects, bucket: string, id: SnapshotId): Promise<SetSummary | undefined> {
  try {
    return {id, ...summarised(await readManifest(objects, bucket, id))}
  } catch (error) {
    if (isDamage(error) || (error instanceof PiError && error.code === 'MANIFEST_NEWER')) return undefined
    throw error
  }
}

/** Whether an error says that a set cannot be read for what it is, and not that S3 could not be asked. */
export function isDamage(error: unknown): boolean {
  return error instanceof PiError && /^(MANIFEST_DAMAGED|OBJECT_MISSING|OBJECT_DAMAGED)$/.test(error.code)
}

/** A manifest; undefined where it is damaged. @throws as `readManifest` otherwise */
export async function readSoundManifest(
  objects: Objects,
  bucket: string,
  id: SnapshotId,
): Promise<Manifest | undefined> {
  try {
    return await readManifest(objects, bucket, id)
  } catch (error) {
    if (isDamage(error)) return undefined
    throw error
  }
}

/** @throws NotFoundError SNAPSHOT_NOT_FOUND; FailedError MANIFEST_DAMAGED; RefusedError MANIFEST_NEWER */
export async function readManifest(objects: Objects, bucket: string, id: SnapshotId): Promise<Manifest> {
  const found = await objects.get(bucket, manifestKey(id))
  if (found === undefined) {
    throw new NotFoundError(`Snapshot ${id} not found: it has no manifest.`, {
      code: 'SNAPSHOT_NOT_FOUND',
      suggestions: ['pi-aws snapshot list --incomplete'],
    })
  }
  return openManifest(id, found.body)
}

/**
 * The set that a person names, opened.
 * @param vaulted whether the latest is the latest of those whose halves both lie in the vault
 * @throws as `resolveSnapshot` and `readManifest`; NotFoundError SNAPSHOT_NOT_FOUND where none is vaulted
 */
export async function findSet(
  objects: Objects,
  bucket: string,
  ref: SnapshotRef,
  vaulted = false,
): Promise<{readonly summary: SetSummary; readonly manifest: Manifest}> {
  const {sets} = await readSets(objects, bucket)
  const eligible = vaulted && ref.kind === 'latest' ? sets.filter((set) => set.vaulted === true) : sets
  if (eligible.length === 0 && sets.length > 0) {
    throw new NotFoundError('Snapshot not found: none has both halves in the backup vault.', {
      code: 'SNAPSHOT_NOT_FOUND',
      suggestions: ['pi-aws snapshot list', 'pi-aws snapshot create --vaulted'],
    })
  }
  const summary = resolveSnapshot(ref, eligible)
  return {summary, manifest: await readManifest(objects, bucket, summary.id)}
}

export interface SnapshotListResult {
  readonly environment: string
  readonly snapshots: readonly {
    readonly id: string
    readonly createdAt: string
    readonly consistency: 'strict' | 'live'
    readonly skewMs: number
    readonly bytes: number
    /** When it was last restored on trial; null where it never was. */
    readonly proven: string | null
    /** Whether both halves lie in the backup vault. */
    readonly vaulted: boolean
    readonly note: string
    readonly tags: readonly string[]
  }[]
  /** Sets without a manifest, and sets that are half deleted; asked for by `--incomplete`. */
  readonly incomplete: readonly {readonly id: string; readonly state: string}[]
}

/** All whole sets, newest first. Those that are not whole are apart, and only on request. */
export async function listSnapshots(
  options: {readonly environment: EnvironmentName; readonly incomplete: boolean},
  ports: Pick<Ports, 'stacks' | 'objects'>,
): Promise<SnapshotListResult> {
  const bucket = recordsBucketOf(await readLandscape(ports, options.environment))
  const {sets, incomplete} = await readSets(ports.objects, bucket, options.incomplete)
  return {
    environment: options.environment,
    snapshots: sets.map(({id, createdAt, consistency, skewMs, bytes, note, tags, proof, vaulted = false}) => ({
      id,
      createdAt,
      consistency,
      skewMs,
      bytes,
      proven: proof?.at ?? null,
      vaulted,
      note,
      tags,
    })),
    incomplete: options.incomplete ? incomplete : [],
  }
}

export interface SnapshotShowResult {
  readonly environment: string
  readonly proven: string | null
  /** ms that its last restore on trial took. */
  readonly restoreMs: number | null
  readonly manifest: Manifest
}

/** One set with its whole manifest. */
export async function showSnapshot(
  options: {readonly environment: EnvironmentName; readonly ref: SnapshotRef},
  ports: Pick<Ports, 'stacks' | 'objects'>,
): Promise<SnapshotShowResult> {
  const bucket = recordsBucketOf(await readLandscape(ports, options.environment))
  const {summary, manifest} = await findSet(ports.objects, bucket, options.ref)
  const {proof} = summary
  return {environment: options.environment, proven: proof?.at ?? null, restoreMs: proof?.restoreMs ?? null, manifest}
}
