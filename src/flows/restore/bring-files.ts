import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import {nextLook} from '../../domain/looks.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {neededOutput} from '../landscape.ts'
import {once, type Scribe} from '../ledger/once.ts'
import type {Site} from '../snapshot/site.ts'
import type {TreeFunction} from '../snapshot/tree.ts'
import type {RestorePorts} from './options.ts'

/** AWS Backup restores large file systems for hours; what is not done by then is for an operator (ms). */
const restoreLimit = 24 * 3_600_000
const over = ['ABORTED', 'FAILED']

const examinedSchema = z.object({from: z.string(), files: z.number(), changed: z.number()})

/**
 * Has AWS Backup bring the tree of a set back beside the living ones, compares it with the manifest, and makes the next
 * generation of it. The mark that makes it one is written last.
 * @throws FailedError RESTORE_FAILED, CHECK_FAILED
 */
export async function bringFiles(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  tree: TreeFunction,
  {manifest, generation}: {readonly manifest: Manifest; readonly generation: number},
): Promise<void> {
  const checked = await bringTree(ports, scribe, site, tree, manifest)
  await once(
    scribe,
    {step: 'promote', title: `Files: generation ${generation}`, part: 'files'},
    z.object({generation: z.number()}),
    async () => {
      await tree.promote(checked.from, generation, manifest.id)
      return {generation}
    },
  )
}

/**
 * Has AWS Backup bring the tree of a set back into a folder of its own, and compares it with the manifest.
 * @throws FailedError RESTORE_FAILED, CHECK_FAILED
 */
export async function bringTree(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  tree: TreeFunction,
  manifest: Manifest,
): Promise<z.infer<typeof examinedSchema>> {
  const jobId = await once(
    scribe,
    {step: 'stage-files', title: 'Files: restore begun', part: 'files'},
    z.string(),
    () => beginFilesRestore(ports, site, manifest, scribe.operation.opId),
  )
  await once(
    scribe,
    {step: 'restored-files', title: 'Files: restored by AWS Backup', part: 'files'},
    z.object({}),
    async () => {
      await untilRestored(ports, jobId, scribe.operation.stop)
      return {}
    },
  )
  return once(
    scribe,
    {step: 'check-files', title: 'Files: compared with the manifest', part: 'files'},
    examinedSchema,
    () => compare(scribe, tree, manifest),
    ({files}) => `${files} files`,
  )
}

/** Has AWS Backup begin, or finds the job that this token has begun already. Resolves to its id. */
export function beginFilesRestore(
  {backups}: Pick<RestorePorts, 'backups'>,
  site: Site,
  {files}: Manifest,
  token: string,
): Promise<string> {
  return backups.startRestore({
    recoveryPointArn: files.recoveryPointArn,
    roleArn: neededOutput(site.outputs, 'RestoreRoleArn'),
    token,
    metadata: {
      'file-system-id': site.fileSystemId,
      newFileSystem: 'false',
      Encrypted: 'true',
      ItemsToRestore: JSON.stringify([`/${files.path}`]),
    },
  })
}

async function untilRestored({backups, clock}: RestorePorts, jobId: string, stop: AbortSignal): Promise<void> {
  const begun = clock.now().getTime()
  for (;;) {
    const job = await backups.restoreJob(jobId)
    if (job?.state === 'COMPLETED') return
    if (job === undefined || over.includes(job.state) || clock.now().getTime() - begun > restoreLimit) {
      throw new FailedError(
        `Restore job ${jobId} of the files is ${job?.state ?? 'gone'}${job === undefined || job.reason === '' ? '' : `: ${job.reason}`}. The live data are untouched.`,
        {code: 'RESTORE_FAILED'},
      )
    }
    await clock.sleep(nextLook(clock.now().getTime() - begun), stop)
  }
}

/** @throws FailedError CHECK_FAILED */
async function compare({run}: Scribe, tree: TreeFunction, manifest: Manifest): Promise<z.infer<typeof examinedSchema>> {
  const {restored} = await tree.roots()
  // The path ends as it was saved; several of them are tries that were broken off, and the last one is whole.
  const found = restored.filter(
    ({path, canaries}) => path.endsWith(`/${manifest.files.path}`) && canaries.includes(manifest.id),
  )
  const from = found
    .map(({path}) => path)
    .toSorted()
    .at(-1)
  if (from === undefined) {
    throw new FailedError(
      `The files of snapshot ${manifest.id} did not come back: no restored tree holds its canary. The live data are untouched.`,
      {code: 'CHECK_FAILED', suggestions: ['Look for aws-backup-failed-restore_* at the root of the file system']},
    )
  }
  const {tree: is, changed, missing, extra, differences} = await tree.examine(from, manifest.id)
  const differs = changed + missing + extra
  if (differs > 0 || is.treeHash !== manifest.files.treeHash) {
    const named = differences.slice(0, 3).join(', ')
    const text = `${changed} files are changed, ${missing} missing, ${extra} added (${named})`
    if (manifest.consistency === 'strict') {
      throw new FailedError(`The restored files are not what the set says: ${text}. The live data are untouched.`, {
        code: 'CHECK_FAILED',
      })
    }
    // Nobody had stopped writing while they were saved: that is what live means.
    run.report({type: 'warning', code: 'FILES_MOVED_ON', message: `While the set was saved, ${text}.`})
  }
  return {from, files: is.files, changed: differs}
}
