import * as z from 'zod'
import {FailedError} from '../../domain/errors.ts'
import {isStillShared} from '../../domain/ledger.ts'
import {objectKey, prefixes} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {inLanes} from '../assets/lanes.ts'
import {once, resultOf, type Scribe} from '../ledger/once.ts'
import {namedObjects} from './capture-assets.ts'
import {untilUsable} from './capture-database.ts'
import {type BothPorts, type Side, vaultArnOf} from './copy-side.ts'
import {copyShared, handOver, type HandOver, takeBack} from './hand-over.ts'
import type {SnapshotPorts} from './options.ts'

/** AWS Backup copies large file systems for hours; what is not done by then is for an operator (ms). */
const copyLimit = 24 * 3_600_000
const over = ['ABORTED', 'FAILED', 'PARTIAL', 'EXPIRED']
/** Copies of objects under way at once: inside S3, and through this machine, which holds a part of each. */
const lanes = {inside: 32, through: 6}

const copiedSchema = z.object({arn: z.string(), keyArn: z.string()})

/** What is copied, and between whom. */
export interface Copying {
  readonly source: Side
  readonly target: Side
  readonly manifest: Manifest
  /** Undefined inside one account. */
  readonly given: HandOver | undefined
}

/** The database half under the other key; it is lent to another account for as long as that takes. */
export async function copyDatabase(
  ports: BothPorts,
  scribe: Scribe,
  {target, manifest, given}: Copying,
  name: string,
): Promise<z.infer<typeof copiedSchema>> {
  const step = {step: 'copy-database', title: 'Database: snapshot under the other key', part: 'database'} as const
  const {operation} = scribe
  const isCopied = resultOf(operation, step.step, copiedSchema) !== undefined
  const arn =
    given === undefined || isCopied
      ? manifest.database.snapshotArn
      : await handOver(ports, scribe, given, {manifest, target})
  const tags = {'pi:environment': target.environment, 'pi:snapshot': manifest.id}
  const copied = await once(scribe, step, copiedSchema, async () => {
    const {databases} = ports.target
    await copyShared(ports.target, scribe, given, () =>
      databases.copySnapshot(arn, name, {keyArn: target.keyArn, tags}),
    )
    const made = await untilUsable(ports.target, name, operation.stop)
    return {arn: made.arn, keyArn: made.keyArn}
  })
  if (given !== undefined && isStillShared(operation.journal.entries)) await takeBack(ports.source, scribe, given)
  return copied
}

/**
 * A copy job is begun and asked for in region and account of its source, and so is the job of an earlier try.
 * @throws FailedError COPY_FAILED
 */
export async function copyFiles(
  ports: BothPorts,
  scribe: Scribe,
  {source, target, manifest: {id, files}, given}: Copying,
): Promise<string> {
  const {backups, clock} = ports.source
  const request = {
    recoveryPointArn: files.recoveryPointArn,
    vault: files.vault,
    targetVaultArn: vaultArnOf(target),
    roleArn: source.backupRoleArn,
  }
  const {operation} = scribe
  const step = {step: 'copy-files', title: 'Files: recovery point into the other vault', part: 'files'} as const
  return once(scribe, step, z.string(), async () => {
    const place = given === undefined ? target.environment : `${target.environment}-${given.account}`
    let jobId = ''
    // The job of an earlier try is this one; one that failed is begun anew.
    for (const token of [`${id}-${place}`, operation.opId, operation.token(step.step)]) {
      jobId = await backups.startCopy({...request, token})
      const job = await backups.copyJob(jobId)
      if (job !== undefined && !over.includes(job.state)) break
    }
    const begun = clock.now().getTime()
    for (let pause = 2000; ; pause = Math.min(pause * 1.5, 30_000)) {
      const job = await backups.copyJob(jobId)
      if (job?.state === 'COMPLETED' && job.recoveryPointArn !== undefined) {
        await requirePoint(ports.target, target, job.recoveryPointArn)
        return job.recoveryPointArn
      }
      if (job === undefined || over.includes(job.state) || clock.now().getTime() - begun > copyLimit) {
        const reason = job === undefined || job.reason === '' ? '' : `: ${job.reason}`
        throw new FailedError(`Copy job ${jobId} of the files is ${job?.state ?? 'gone'}${reason}.`, {
          code: 'COPY_FAILED',
          suggestions: [`What it left goes with: pi-aws snapshot gc ${target.environment}`],
        })
      }
      await clock.sleep(pause, operation.stop)
    }
  })
}

/** What the other side says of what a job made there. @throws FailedError COPY_FAILED */
async function requirePoint({backups}: SnapshotPorts, {environment, vault}: Side, arn: string): Promise<void> {
  const status = (await backups.recoveryPoint(vault, arn))?.status
  if (status === 'COMPLETED') return
  throw new FailedError(`Recovery point ${arn} is ${status ?? 'not'} in vault ${vault} of ${environment}.`, {
    code: 'COPY_FAILED',
    suggestions: [`What it left goes with: pi-aws snapshot gc ${environment}`],
  })
}

/** Contents lie under their hashes on both sides: what is there already is not copied. @throws FailedError OBJECT_MISSING */
export async function copyObjects(
  ports: BothPorts,
  scribe: Scribe,
  {source, target, manifest, given}: Copying,
): Promise<void> {
  const step = {step: 'copy-objects', title: 'Assets and templates: copied by content'}
  await once(scribe, step, z.object({copied: z.number()}), async () => {
    const named = await namedObjects(ports.source.objects, source.recordsBucket, manifest)
    const listed = async (objects: SnapshotPorts['objects'], bucket: string): Promise<ReadonlyMap<string, number>> =>
      new Map((await objects.list(bucket, prefixes.objects)).map(({key, size}) => [key, size]))
    const [here, there] = [
      await listed(ports.source.objects, source.recordsBucket),
      await listed(ports.target.objects, target.recordsBucket),
    ]
    const wanted = [...named.keys()].filter((hash) => there.get(objectKey(hash)) === undefined)
    await inLanes(wanted, given === undefined ? lanes.inside : lanes.through, async (hash) => {
      const size = here.get(objectKey(hash))
      const known = named.get(hash)
      if (size === undefined || (known !== undefined && known !== size))
        throw new FailedError(`Object ${hash} of the set is gone or cut short.`, {code: 'OBJECT_MISSING'})
      const to = {bucket: target.recordsBucket, key: objectKey(hash), sha256: hash}
      if (given === undefined) {
        await ports.target.objects.copy({bucket: source.recordsBucket, key: objectKey(hash), size}, to)
        return
      }
      // Neither side's credentials reach into the other's bucket: it is read by one and written by the other.
      const content = await ports.source.objects.open(source.recordsBucket, objectKey(hash))
      if (content === undefined) throw new FailedError(`Object ${hash} of the set is gone.`, {code: 'OBJECT_MISSING'})
      await ports.target.objects.receive({...to, size}, content)
    })
    return {copied: wanted.length}
  })
}
