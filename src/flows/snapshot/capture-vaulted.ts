import {FailedError} from '../../domain/errors.ts'
import type {Databases, DatabaseSnapshot} from '../ports.ts'
import type {BackupJob, Backups} from '../recovery/ports.ts'
import type {Report} from '../events.ts'
import {type DatabaseCopy, type DatabasePorts, untilReady} from './capture-database.ts'
import {beginBackup, untilNotSaved} from './capture-files.ts'
import type {Site} from './site.ts'

export type VaultedPorts = DatabasePorts & {readonly backups: Backups}

/** States of a job that still may save. */
const open = ['CREATED', 'PENDING', 'RUNNING']
/** A job waits for an hour at most and then saves for some hours; what is not done by then is for an operator (ms). */
const momentLimit = 8 * 3_600_000

/** The token of a try: the same one is the same job. */
export function vaultedToken(id: string, attempt: number): string {
  return `${id}-database-${attempt}`
}

/** Has AWS Backup save the database, or finds the job that an earlier run began. Resolves to the job's id. */
export async function beginVaultedCopy(
  ports: VaultedPorts,
  site: Site,
  request: {
    readonly token: string
    readonly tags: Readonly<Record<string, string>>
    readonly stop: AbortSignal
    readonly report: Report
  },
): Promise<string> {
  const {token, tags, stop, report} = request
  await untilFree(ports, site, {stop, report})
  const {arn: resourceArn} = await untilReady(ports, site.instance, stop)
  return beginBackup(ports.backups, site, {resourceArn, token, tags})
}

/** Waits until no other job saves the database. An instance that is gone is met where it is needed. */
export async function untilFree(
  ports: VaultedPorts,
  site: Site,
  {stop, report}: {readonly stop: AbortSignal; readonly report: Report},
): Promise<void> {
  const found = await ports.databases.instance(site.instance)
  if (found !== undefined) await untilNotSaved(ports, found.arn, undefined, {stop, report, what: 'database'})
}

/**
 * Waits until the moment is known that a job saves the database as of: what is written from then on is not in it.
 * @throws FailedError BACKUP_FAILED
 */
export async function untilMoment(
  {backups, databases, clock}: VaultedPorts,
  jobId: string,
  stop: AbortSignal,
): Promise<DatabaseCopy> {
  const begun = clock.now().getTime()
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 15_000)) {
    const job = await backups.backupJob(jobId)
    const snapshot = await snapshotOf(databases, job)
    if (snapshot !== undefined && hasMoment(snapshot)) {
      const at = snapshot.databaseTime ?? snapshot.createdAt ?? clock.now().toISOString()
      return {identifier: snapshot.identifier, at}
    }
    // A job may be over before RDS tells the moment of what it made.
    const comes =
      job !== undefined && (open.includes(job.state) || (job.state === 'COMPLETED' && snapshot !== undefined))
    if (!comes || clock.now().getTime() - begun > momentLimit) {
      const reason = job === undefined || job.reason === '' ? '' : `: ${job.reason}`
      throw new FailedError(`Backup job ${jobId} of the database is ${job?.state ?? 'gone'}${reason}.`, {
        code: 'BACKUP_FAILED',
        suggestions: ['What it left goes with: pi-aws snapshot gc'],
      })
    }
    await clock.sleep(pause, stop)
  }
}

/** Whether a job has still to begin: it will save the database as it is then. */
export async function isYetToSave({backups, databases}: VaultedPorts, jobId: string): Promise<boolean> {
  const job = await backups.backupJob(jobId)
  if (job === undefined || !open.includes(job.state)) return false
  const snapshot = await snapshotOf(databases, job)
  return snapshot === undefined || !hasMoment(snapshot)
}

function hasMoment({status, databaseTime}: DatabaseSnapshot): boolean {
  return status === 'available' || databaseTime !== undefined
}

/** What AWS Backup makes of a database is a snapshot of RDS, named in the ARN of the recovery point. */
async function snapshotOf(databases: Databases, job: BackupJob | undefined): Promise<DatabaseSnapshot | undefined> {
  const name = job?.recoveryPointArn?.split(':').slice(6).join(':')
  return name === undefined ? undefined : databases.snapshot(name)
}
