import type {JournalEntry} from '../../domain/ledger.ts'
import type {OpId} from '../../domain/names.ts'
import type {SnapshotId} from '../../domain/snapshots/id.ts'
import {readManifest} from '../snapshot/sets.ts'
import type {Site} from '../snapshot/site.ts'
import {beginFilesRestore} from './bring-files.ts'
import type {RestorePorts} from './options.ts'

/** An operation that had AWS Backup bring files back, as its journal tells it. */
export interface RestoreBegun {
  readonly entries: readonly JournalEntry[]
  readonly opId: OpId
  readonly snapshot: string
  readonly stop: AbortSignal
}

/** A restore of AWS Backup cannot be stopped: what it brings has to be waited for. */
export async function untilNoRestoreRuns(
  {backups, clock, objects}: Pick<RestorePorts, 'backups' | 'clock' | 'objects'>,
  site: Site,
  {entries, opId, snapshot, stop}: RestoreBegun,
): Promise<void> {
  const begun = entries.findLast(({step, kind}) => step === 'stage-files' && kind === 'done')?.result
  // A job whose id was never written down is found by its token.
  const jobId =
    typeof begun === 'string'
      ? begun
      : await beginFilesRestore(
          {backups},
          site,
          await readManifest(objects, site.recordsBucket, snapshot as SnapshotId),
          opId,
        )
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 30_000)) {
    const job = await backups.restoreJob(jobId)
    if (job === undefined || !['PENDING', 'RUNNING'].includes(job.state)) return
    await clock.sleep(pause, stop)
  }
}
