import * as z from 'zod'
import {type Check, fail, ok} from '../../domain/checks.ts'
import {FailedError, UsageError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {SnapshotId, SnapshotRef} from '../../domain/snapshots/id.ts'
import {databaseSnapshotName, manifestKey, objectKey, planKey, prefixes} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {requireAccount, requireOneAccount} from '../account.ts'
import {inLanes} from '../assets/lanes.ts'
import {mergedOutputs, neededOutput, readLandscape, recordsBucketOf, stackOf} from '../landscape.ts'
import {beginOperation} from '../ledger/operation.ts'
import {once, type Scribe} from '../ledger/once.ts'
import {openOperations} from '../ledger/read.ts'
import type {CallerIdentity} from '../ports.ts'
import {requireReady} from '../preflight/gate.ts'
import {asked} from '../recovery/asked.ts'
import type {Run} from '../run.ts'
import {together} from '../together.ts'
import {namedObjects} from './capture-assets.ts'
import {untilUsable} from './capture-database.ts'
import {commitManifest} from './make-set.ts'
import type {SnapshotPorts} from './options.ts'
import {findSet, readManifest} from './sets.ts'

/** AWS Backup copies large file systems for hours; what is not done by then is for an operator (ms). */
const copyLimit = 24 * 3_600_000
const over = ['ABORTED', 'FAILED', 'PARTIAL', 'EXPIRED']
/** Copies of objects under way at once. */
const lanes = 32

/** Ports of two environments, which may be of two regions. */
export interface BothPorts {
  readonly source: SnapshotPorts
  readonly target: SnapshotPorts
}

export interface SnapshotCopyOptions {
  /** Where the set is. */
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly ref: SnapshotRef
  readonly target: {readonly environment: EnvironmentName; readonly account: string | undefined}
}

export interface SnapshotCopyResult {
  /** Where the copy is. */
  readonly environment: string
  readonly region: string
  readonly id: string
  readonly state: 'COMMITTED'
  readonly from: {readonly environment: string; readonly region: string}
  /** False where the copy was there already. */
  readonly copied: boolean
  /** The operation that copied; '' where there was nothing to copy. */
  readonly opId: string
}

/** One side of a copy: what of its foundation a copy needs. */
interface Side {
  readonly environment: EnvironmentName
  readonly caller: CallerIdentity
  readonly recordsBucket: string
  readonly vault: string
  readonly keyArn: string
  readonly backupRoleArn: string
  readonly foundationId: string
}

/**
 * Copies a set into the records and the vault of another environment, in this region or another one, under that
 * environment's own key. It keeps its id; what is there of an earlier try is adopted. The set itself stays as it is.
 * @throws UsageError SAME_ENVIRONMENT; RefusedError OTHER_ACCOUNT, PREFLIGHT_REFUSED, NO_FOUNDATION, WRONG_ACCOUNT; FailedError
 * COPY_FAILED, SNAPSHOT_FAILED, OBJECT_MISSING; as `findSet`
 */
export async function copySnapshot(
  options: SnapshotCopyOptions,
  ports: BothPorts,
  run: Run,
): Promise<SnapshotCopyResult> {
  if (options.environment === options.target.environment) {
    throw new UsageError(`Snapshots of ${options.environment} are in ${options.environment} already.`, {
      code: 'SAME_ENVIRONMENT',
      suggestions: ['Name another environment of pi-aws.yaml'],
    })
  }
  requireOneAccount(options, options.target)
  const [source, target] = await Promise.all([
    sideOf(ports.source, options.environment, options.account),
    sideOf(ports.target, options.target.environment, options.target.account),
  ])
  const {manifest} = await findSet(ports.source.objects, source.recordsBucket, options.ref)
  const result: Omit<SnapshotCopyResult, 'copied' | 'opId'> = {
    environment: target.environment,
    region: target.caller.region,
    id: manifest.id,
    state: 'COMMITTED',
    from: {environment: source.environment, region: source.caller.region},
  }
  const id = manifest.id as SnapshotId
  const isThere = (await ports.target.objects.head(target.recordsBucket, manifestKey(id))) !== undefined
  if (isThere) {
    await requireCopyOf(ports.target, target, manifest)
    const open = await openOperations(ports.target, target.recordsBucket)
    // A copy that died behind its manifest left a lock and an open operation: another one ends them.
    if (!open.some(({kind}) => kind === 'copy')) return {...result, copied: false, opId: ''}
  } else requireReady(await copyChecks(ports, source, target, manifest), false, run.report)
  const operation = await beginOperation(
    ports.target,
    {
      kind: 'copy',
      environment: target.environment,
      caller: target.caller,
      bucket: target.recordsBucket,
      options: {snapshot: id, from: source.environment},
    },
    run,
  )
  try {
    if (!isThere) await copy(ports, {operation, clock: ports.target.clock, run}, source, target, manifest)
    const done = {...result, copied: !isThere, opId: operation.opId}
    await operation.commit(done)
    return done
  } catch (error) {
    throw await operation.end(error)
  }
}

async function sideOf(ports: SnapshotPorts, environment: EnvironmentName, account: string | undefined): Promise<Side> {
  const [landscape, caller] = await Promise.all([readLandscape(ports, environment), ports.identity.caller()])
  requireAccount(caller, environment, account)
  const recordsBucket = recordsBucketOf(landscape)
  const outputs = mergedOutputs(landscape)
  return {
    ...{environment, caller, recordsBucket},
    vault: neededOutput(outputs, 'BackupVaultName'),
    keyArn: neededOutput(outputs, 'KeyArn'),
    backupRoleArn: neededOutput(outputs, 'BackupRoleArn'),
    foundationId: stackOf(landscape, 'foundation')?.id ?? '',
  }
}

/** @throws FailedError MANIFEST_EXISTS where another set has that id */
async function requireCopyOf({objects}: SnapshotPorts, {recordsBucket}: Side, {id, hash}: Manifest): Promise<void> {
  const found = await readManifest(objects, recordsBucket, id as SnapshotId)
  if (found.copiedFrom?.hash === hash) return
  throw new FailedError(`Another set lies there under the id ${id}.`, {code: 'MANIFEST_EXISTS'})
}

/** Everything that can be known before anything is copied. */
function copyChecks(
  {source: from, target: to}: BothPorts,
  source: Side,
  target: Side,
  {database, files, keyArn}: Manifest,
): Promise<readonly Check[]> {
  const key = (side: string, ports: SnapshotPorts, arn: string): Promise<Check> =>
    asked(`key of ${side}`, async () => {
      const state = await ports.keys.state(arn)
      return state === 'Enabled' ? ok('enabled') : fail(`the key is ${state ?? 'gone'}: nothing can be copied with it`)
    })
  return Promise.all([
    asked('accounts', () =>
      source.caller.account === target.caller.account
        ? ok(source.caller.account)
        : fail(
            `${source.environment} is of account ${source.caller.account}, ${target.environment} of ${target.caller.account}: sets are copied inside one account`,
          ),
    ),
    asked('database snapshot', async () => {
      const found = await from.databases.snapshot(database.snapshotIdentifier)
      return found?.status === 'available'
        ? ok(found.identifier)
        : fail(`${database.snapshotIdentifier} is ${found?.status ?? 'gone'}`)
    }),
    asked('recovery point', async () => {
      const point = await from.backups.recoveryPoint(files.vault, files.recoveryPointArn)
      return point?.status === 'COMPLETED'
        ? ok(point.arn)
        : fail(`${files.recoveryPointArn} is ${point?.status ?? 'gone'}`)
    }),
    key('the set', from, keyArn),
    key(target.environment, to, target.keyArn),
    asked('vault of the set', async () => {
      const trouble = await from.backups.vaultTrouble(files.vault, {besides: ['backup:CopyFromBackupVault']})
      return trouble === undefined ? ok(files.vault) : fail(trouble)
    }),
    asked(`vault of ${target.environment}`, async () => {
      const trouble = await to.backups.vaultTrouble(target.vault, {
        besides: ['backup:CopyIntoBackupVault'],
        saves: true,
      })
      return trouble === undefined ? ok(target.vault) : fail(trouble)
    }),
    asked('snapshots', async () => {
      const {used, max} = (await to.databases.quotas()).snapshots
      return used < max
        ? ok(`${used} of ${max} manual database snapshots`)
        : fail(`the account has all of its ${max} manual database snapshots there`, 'Ask for more in Service Quotas')
    }),
  ])
}

/** Both halves and the objects side by side, then the manifest, which is the copy. */
async function copy(ports: BothPorts, scribe: Scribe, source: Side, target: Side, manifest: Manifest): Promise<void> {
  const id = manifest.id as SnapshotId
  const name = databaseSnapshotName(target.environment, id, 1)
  const plan = {schemaVersion: 1, id, opId: scribe.operation.opId, environment: target.environment, database: name}
  const bytes = new TextEncoder().encode(`${JSON.stringify({...plan, vault: target.vault})}\n`)
  await ports.target.objects.putIfAbsent(target.recordsBucket, planKey(id), bytes)
  const [database, recoveryPointArn] = await together(
    copyDatabase(ports.target, scribe, target, {arn: manifest.database.snapshotArn, name, id}),
    copyFiles(ports.source, scribe, source, target, manifest),
    copyObjects(ports, scribe, source, target, manifest),
  )
  const {hash, ...body} = manifest
  const {account, region, partition} = target.caller
  // RDS copies it out of the vault, under the other key: the copy is a manual snapshot.
  const {vault: _, ...half} = body.database
  await commitManifest(ports.target, scribe, target, {
    ...body,
    ...{environment: target.environment, account, region, partition},
    ...{foundationId: target.foundationId, keyArn: target.keyArn},
    copiedFrom: {
      ...{environment: manifest.environment, account: manifest.account, region: manifest.region, hash},
      copiedAt: scribe.operation.journal.head.startedAt,
    },
    database: {...half, snapshotIdentifier: name, snapshotArn: database.arn, keyArn: database.keyArn},
    files: {...body.files, vault: target.vault, recoveryPointArn},
  })
}

async function copyDatabase(
  ports: SnapshotPorts,
  scribe: Scribe,
  {environment, keyArn}: Side,
  {arn, name, id}: {readonly arn: string; readonly name: string; readonly id: string},
): Promise<{arn: string; keyArn: string}> {
  const step = {step: 'copy-database', title: 'Database: snapshot under the other key', part: 'database'} as const
  return once(scribe, step, z.object({arn: z.string(), keyArn: z.string()}), async () => {
    await ports.databases.copySnapshot(arn, name, {keyArn, tags: {'pi:environment': environment, 'pi:snapshot': id}})
    const made = await untilUsable(ports, name, scribe.operation.stop)
    return {arn: made.arn, keyArn: made.keyArn}
  })
}

/** A copy job is begun and asked for in the region of its source. @throws FailedError COPY_FAILED */
async function copyFiles(
  {backups, clock}: SnapshotPorts,
  scribe: Scribe,
  source: Side,
  target: Side,
  {id, files}: Manifest,
): Promise<string> {
  const {region, account, partition} = target.caller
  const request = {
    recoveryPointArn: files.recoveryPointArn,
    vault: files.vault,
    targetVaultArn: `arn:${partition}:backup:${region}:${account}:backup-vault:${target.vault}`,
    roleArn: source.backupRoleArn,
  }
  const {operation} = scribe
  const step = {step: 'copy-files', title: 'Files: recovery point into the other vault', part: 'files'} as const
  return once(scribe, step, z.string(), async () => {
    // An earlier try's job is this one; one that failed is begun anew.
    let jobId = await backups.startCopy({...request, token: `${id}-${target.environment}`})
    const first = await backups.copyJob(jobId)
    if (first === undefined || over.includes(first.state))
      jobId = await backups.startCopy({...request, token: operation.opId})
    const begun = clock.now().getTime()
    for (let pause = 2000; ; pause = Math.min(pause * 1.5, 30_000)) {
      const job = await backups.copyJob(jobId)
      if (job?.state === 'COMPLETED' && job.recoveryPointArn !== undefined) return job.recoveryPointArn
      if (job === undefined || over.includes(job.state) || clock.now().getTime() - begun > copyLimit) {
        const reason = job === undefined || job.reason === '' ? '' : `: ${job.reason}`
        throw new FailedError(`Copy job ${jobId} of the files is ${job?.state ?? 'gone'}${reason}.`, {
          code: 'COPY_FAILED',
          suggestions: [`pi-aws snapshot gc ${target.environment} removes what it left`],
        })
      }
      await clock.sleep(pause, operation.stop)
    }
  })
}

/** Contents lie under their hashes on both sides: what is there already is not copied. @throws FailedError OBJECT_MISSING */
async function copyObjects(
  ports: BothPorts,
  scribe: Scribe,
  source: Side,
  target: Side,
  manifest: Manifest,
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
    await inLanes(wanted, lanes, async (hash) => {
      const size = here.get(objectKey(hash))
      const known = named.get(hash)
      if (size === undefined || (known !== undefined && known !== size))
        throw new FailedError(`Object ${hash} of the set is gone or cut short.`, {code: 'OBJECT_MISSING'})
      await ports.target.objects.copy(
        {bucket: source.recordsBucket, key: objectKey(hash), size},
        {bucket: target.recordsBucket, key: objectKey(hash), sha256: hash},
      )
    })
    return {copied: wanted.length}
  })
}
