import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import {nextLook} from '../../domain/looks.ts'
import type {Clock} from '../ports.ts'
import type {Backups} from '../recovery/ports.ts'
import type {Report} from '../events.ts'
import type {Site} from './site.ts'

/** AWS Backup may let a job wait for an hour before it begins; what is not done by then is for an operator (ms). */
const jobLimit = 24 * 3_600_000
const over = ['ABORTED', 'FAILED', 'EXPIRED', 'PARTIAL', 'ABORTING']

export type FilesPorts = {readonly backups: Backups; readonly clock: Clock}

/** A recovery point that is whole. */
export const filesCopySchema = z.object({recoveryPointArn: z.string(), from: z.string(), to: z.string()})
export type FilesCopy = z.infer<typeof filesCopySchema>

/** Waits until no other job saves a resource: AWS Backup takes one at a time and refuses a second. */
export async function untilNotSaved(
  {backups, clock}: FilesPorts,
  resourceArn: string,
  own: string | undefined,
  {stop, report, what = 'file system'}: {readonly stop: AbortSignal; readonly report: Report; readonly what?: string},
): Promise<void> {
  let told = false
  for (let pause = 2000; ; pause = Math.min(pause * 1.5, 60_000)) {
    const other = await backups.runningBackup(resourceArn)
    if (other === undefined || other.id === own) return
    if (!told) {
      told = true
      report({type: 'note', message: `Another backup of the ${what} is running (job ${other.id}). Waiting for it.`})
    }
    await clock.sleep(pause, stop)
  }
}

/** Has AWS Backup save a resource, or finds the job that an earlier run began. Resolves to the job's id. */
export async function beginBackup(
  backups: Backups,
  {vault, backupRoleArn: roleArn}: Site,
  request: {
    readonly resourceArn: string
    readonly token: string
    readonly tags: Readonly<Record<string, string>>
  },
): Promise<string> {
  return backups.startBackup({...request, vault, roleArn})
}

/** Waits for a backup job. Only COMPLETED is whole. @throws FailedError BACKUP_FAILED */
export async function untilSaved(
  {backups, clock}: FilesPorts,
  jobId: string,
  stop: AbortSignal,
  what = 'file system',
): Promise<FilesCopy> {
  const begun = clock.now().getTime()
  for (;;) {
    const job = await backups.backupJob(jobId)
    if (job?.state === 'COMPLETED' && job.recoveryPointArn !== undefined) {
      return {
        recoveryPointArn: job.recoveryPointArn,
        from: job.createdAt,
        to: job.completedAt ?? clock.now().toISOString(),
      }
    }
    if (job === undefined || over.includes(job.state) || clock.now().getTime() - begun > jobLimit) {
      throw new FailedError(
        `Backup job ${jobId} of the ${what} is ${job?.state ?? 'gone'}${job === undefined || job.reason === '' ? '' : `: ${job.reason}`}.`,
        {code: 'BACKUP_FAILED', suggestions: ['What it left goes with: pi-aws snapshot gc']},
      )
    }
    await clock.sleep(nextLook(clock.now().getTime() - begun), stop)
  }
}
