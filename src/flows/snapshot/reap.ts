import {PiError} from '../../domain/errors.ts'
import type {SnapshotId} from '../../domain/snapshots/id.ts'
import {
  frozenPath,
  idOfDatabaseSnapshot,
  manifestKey,
  planKey,
  prefixes,
  tombstoneKey,
} from '../../domain/snapshots/keys.ts'
import type {Objects, Ports} from '../ports.ts'
import {beginFilesCopy} from './capture-files.ts'
import type {Site} from './site.ts'
import type {TreeFunction} from './tree.ts'

export type ReapPorts = Pick<Ports, 'objects' | 'databases' | 'backups' | 'clock'>

/** How long RDS may take to end a snapshot that cannot be deleted before (ms). */
const busyLimit = 4 * 3_600_000

/** What a set left in AWS, and what of it must be waited for. */
export interface Reaping {
  readonly site: Site
  readonly tree: TreeFunction
  readonly stop: AbortSignal
  readonly backups: readonly BackupTry[]
}

/** A try at a backup, with the id of its job where the journal has it. */
export interface BackupTry {
  readonly attempt: number
  readonly jobId?: string
  /** What it made; AWS Backup forgets jobs sooner than recovery points. */
  readonly recoveryPointArn?: string
}

/**
 * Removes everything that a set has in AWS and that is not its manifest: backup job, recovery points, database
 * snapshots, frozen copies. What is gone already is passed over.
 * @returns what was removed, in words
 */
export async function reapChildren(ports: ReapPorts, id: SnapshotId, reaping: Reaping): Promise<readonly string[]> {
  const {site, tree} = reaping
  const removed: string[] = []
  for (const job of reaping.backups) {
    const arn = await stopBackup(ports, id, job, reaping)
    if (arn === undefined) continue
    await ports.backups.deleteRecoveryPoint(site.vault, arn)
    removed.push(`recovery point ${arn}`)
  }
  for (const name of await ports.databases.snapshotsOf(site.environment)) {
    if (idOfDatabaseSnapshot(site.environment, name) !== id) continue
    await deleteDatabaseSnapshot(ports, name, reaping.stop)
    removed.push(`database snapshot ${name}`)
  }
  const {frozen} = await tree.roots()
  for (const {name} of frozen) {
    if (!name.startsWith(id)) continue
    await tree.discard(frozenPath(name))
    removed.push(`frozen copy ${name}`)
  }
  await tree.unseal(site.landscape.generations.files, id)
  return removed
}

/**
 * Ends a backup and tells what came of it. A job whose id was never written down is known by its token alone: the call
 * that begins it is the one that finds it.
 */
async function stopBackup(
  {backups, clock}: ReapPorts,
  id: SnapshotId,
  {attempt, jobId, recoveryPointArn}: BackupTry,
  {site, stop}: Reaping,
): Promise<string | undefined> {
  if (recoveryPointArn !== undefined) return recoveryPointArn
  const tags = {'pi:environment': site.environment, 'pi:snapshot': id}
  const found =
    jobId ??
    (await beginFilesCopy(backups, site, `${id}-${attempt}`, tags).catch((error: unknown) => {
      // Somebody else's job is running, so ours is not.
      if (error instanceof PiError && error.code === 'AWS_LIMIT_EXCEEDED') return undefined
      throw error
    }))
  if (found === undefined) return undefined
  await backups.stopBackup(found)
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 10_000)) {
    const job = await backups.backupJob(found)
    if (job === undefined || !['CREATED', 'PENDING', 'RUNNING', 'ABORTING'].includes(job.state))
      return job?.recoveryPointArn
    await clock.sleep(pause, stop)
  }
}

/** RDS deletes no snapshot that is being made. */
export async function deleteDatabaseSnapshot(
  {databases, clock}: Pick<ReapPorts, 'databases' | 'clock'>,
  name: string,
  stop: AbortSignal,
): Promise<void> {
  const begun = clock.now().getTime()
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 20_000)) {
    try {
      await databases.deleteSnapshot(name)
      return
    } catch (error) {
      const busy = error instanceof PiError && error.code === 'SNAPSHOT_BUSY'
      if (!busy || clock.now().getTime() - begun > busyLimit) throw error
    }
    await clock.sleep(pause, stop)
  }
}

/** Removes one record; one that is gone already is fine. */
export async function removeKey(objects: Objects, bucket: string, key: string): Promise<void> {
  const found = await objects.head(bucket, key)
  if (found !== undefined) await objects.deleteIfMatch(bucket, key, found.etag)
}

/**
 * Removes the records of a set: its manifest first, since without it there is no set, and the plan, which says whose
 * children are whose, last but for the tombstone.
 */
export async function removeRecords(objects: Objects, bucket: string, id: SnapshotId): Promise<void> {
  await removeKey(objects, bucket, manifestKey(id))
  for (const prefix of [prefixes.catalogue, prefixes.proofs]) {
    for (const {key} of await objects.list(bucket, `${prefix}${id}.`)) await removeKey(objects, bucket, key)
  }
  await removeKey(objects, bucket, planKey(id))
  await removeKey(objects, bucket, tombstoneKey(id))
}
