import {PiError} from '../../domain/errors.ts'
import type {JournalEntry} from '../../domain/ledger.ts'
import {isHeld, lockWords} from '../../domain/snapshots/lock.ts'
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
import {beginBackup, filesCopySchema} from './capture-files.ts'
import {vaultedToken} from './capture-vaulted.ts'
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
  readonly of: 'files' | 'database'
  readonly attempt: number
  readonly jobId?: string
  /** What it made; AWS Backup forgets jobs sooner than recovery points. */
  readonly recoveryPointArn?: string
}

/** What came of the removal of children, in words. */
export interface Reaped {
  readonly removed: readonly string[]
  /** Recovery points that a locked vault keeps, and how long. */
  readonly kept: readonly string[]
}

const halves: Readonly<Record<string, BackupTry['of']>> = {
  backup: 'files',
  saved: 'files',
  vault: 'database',
  vaulted: 'database',
}

/** Tries at backups that a journal has begun. */
export function backupTries(entries: readonly JournalEntry[]): readonly BackupTry[] {
  const tries = new Map<string, BackupTry>()
  for (const {step, kind, result} of entries) {
    const [, what = '', number] = /^(backup|saved|vault|vaulted)-(\d+)$/.exec(step) ?? []
    const of = halves[what]
    if (of === undefined) continue
    const attempt = Number(number)
    const key = `${of} ${attempt}`
    const begun = what === 'backup' || what === 'vault'
    const saved = !begun && kind === 'done' ? filesCopySchema.safeParse(result).data : undefined
    tries.set(key, {
      ...{of, attempt, ...tries.get(key)},
      ...(begun && kind === 'done' ? {jobId: String(result)} : {}),
      ...(saved === undefined ? {} : {recoveryPointArn: saved.recoveryPointArn}),
    })
  }
  return [...tries.values()]
}

/**
 * Removes everything that a set has in AWS and that is not its manifest: backup job, recovery points, database
 * snapshots, frozen copies. What is gone already is passed over, and so is what a locked vault keeps.
 */
export async function reapChildren(ports: ReapPorts, id: SnapshotId, reaping: Reaping): Promise<Reaped> {
  const {site, tree} = reaping
  const points = await reapBackups(ports, id, reaping.backups, reaping)
  const removed: string[] = [...points.removed]
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
  return {removed, kept: points.kept}
}

/** Ends backups and removes what came of them. */
export async function reapBackups(
  ports: ReapPorts,
  id: SnapshotId,
  tries: readonly BackupTry[],
  where: Pick<Reaping, 'site' | 'stop'>,
): Promise<Reaped> {
  const arns = new Set<string>()
  for (const one of tries) {
    const arn = await stopBackup(ports, id, one, where)
    if (arn !== undefined) arns.add(arn)
  }
  const [removed, kept]: [string[], string[]] = [[], []]
  for (const arn of arns) {
    const {vault} = where.site
    const lock = (await ports.backups.recoveryPoint(vault, arn))?.lock
    if (isHeld(lock, ports.clock.now())) {
      kept.push(`recovery point ${arn} stays: vault ${vault} keeps it ${lockWords(lock)}`)
      continue
    }
    await ports.backups.deleteRecoveryPoint(vault, arn)
    removed.push(`recovery point ${arn}`)
  }
  return {removed, kept}
}

/**
 * Ends a backup and tells what came of it. A job whose id was never written down is known by its token alone: the call
 * that begins it is the one that finds it.
 */
async function stopBackup(
  ports: ReapPorts,
  id: SnapshotId,
  one: BackupTry,
  {site, stop}: Pick<Reaping, 'site' | 'stop'>,
): Promise<string | undefined> {
  const {backups, clock} = ports
  if (one.recoveryPointArn !== undefined) return one.recoveryPointArn
  const found = one.jobId ?? (await findBackup(ports, id, one, site))
  if (found === undefined) return undefined
  await backups.stopBackup(found)
  for (let pause = 500; ; pause = Math.min(pause * 1.5, 10_000)) {
    const job = await backups.backupJob(found)
    if (job === undefined || !['CREATED', 'PENDING', 'RUNNING', 'ABORTING'].includes(job.state))
      return job?.recoveryPointArn
    await clock.sleep(pause, stop)
  }
}

async function findBackup(
  {backups, databases}: ReapPorts,
  id: SnapshotId,
  {of, attempt}: BackupTry,
  site: Site,
): Promise<string | undefined> {
  const resourceArn = of === 'files' ? site.fileSystemArn : (await databases.instance(site.instance))?.arn
  if (resourceArn === undefined) return undefined
  const token = of === 'files' ? `${id}-${attempt}` : vaultedToken(id, attempt)
  const tags = {'pi:environment': site.environment, 'pi:snapshot': id}
  try {
    return await beginBackup(backups, site, {resourceArn, token, tags})
  } catch (error) {
    // Somebody else's job is running, so ours is not.
    if (error instanceof PiError && error.code === 'AWS_LIMIT_EXCEEDED') return undefined
    throw error
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
