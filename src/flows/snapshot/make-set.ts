import * as z from 'zod'
import {FailedError, PendingError} from '../../domain/errors.ts'
import {catalogueKey} from '../../domain/snapshots/catalogue.ts'
import {type SnapshotId, snapshotIdOf} from '../../domain/snapshots/id.ts'
import {databaseSnapshotName, frozenPath, manifestKey, planKey} from '../../domain/snapshots/keys.ts'
import {
  type Consistency,
  type Manifest,
  type ManifestBody,
  manifestVersion,
  openManifest,
  sealManifest,
} from '../../domain/snapshots/manifest.ts'
import {skewOf} from '../../domain/snapshots/skew.ts'
import {stackOf} from '../landscape.ts'
import {once, type Scribe} from '../ledger/once.ts'
import {assetsCopySchema, copyAssets} from './capture-assets.ts'
import {copyConfiguration, imagesSchema, runningImages} from './capture-configuration.ts'
import {untilUsable} from './capture-database.ts'
import {type FilesCopy, filesCopySchema, untilSaved} from './capture-files.ts'
import {type Captured, SetCapture} from './capture-set.ts'
import {together} from '../together.ts'
import type {SnapshotPorts} from './options.ts'
import {backupTries, deleteDatabaseSnapshot, reapBackups} from './reap.ts'
import type {Site} from './site.ts'
import {TreeFunction} from './tree.ts'

const planSchema = z.object({createdAt: z.string()})
const stacksSchema = z.object({
  stacks: z.array(
    z.object({
      part: z.string(),
      name: z.string(),
      id: z.string(),
      version: z.string(),
      template: z.string(),
      parameters: z.record(z.string(), z.string()),
    }),
  ),
  secrets: z.array(z.object({name: z.string(), arn: z.string(), versionId: z.string()})),
  environmentFiles: z.array(z.object({key: z.string(), content: z.string()})).optional(),
})
const usableSchema = z.object({
  arn: z.string(),
  keyArn: z.string(),
  allocatedStorage: z.number(),
  engineVersion: z.string(),
  masterUsername: z.string(),
  resourceId: z.string(),
  port: z.number(),
  instanceArn: z.string().default(''),
})

export interface SetRequest {
  readonly consistency: Consistency
  readonly note: string
  readonly tags: readonly string[]
  readonly maxQuiesceMs: number
  /** Whether the database half lies in the backup vault too. */
  readonly vaulted: boolean
  /** False ends with PendingError once AWS Backup is all that is at work; true without it. */
  readonly wait?: boolean
}

/**
 * Makes one set under an operation that holds the lock: both halves, then what needs nobody to be down, then the
 * manifest, which is the set. Every step is journaled, and a step that was done is not done again.
 */
export async function makeSet(
  ports: SnapshotPorts,
  scribe: Scribe,
  site: Site,
  request: SetRequest,
): Promise<Manifest> {
  const id = snapshotIdOf(scribe.operation.opId)
  const {createdAt} = await once(scribe, {step: 'set', title: `Snapshot ${id}`}, planSchema, () =>
    writePlan(ports, scribe, site, id),
  )
  const tree = new TreeFunction(ports, site.functionName, {
    stop: scribe.operation.stop,
    between: () => scribe.operation.checkpoint(),
  })
  await tree.wake()
  const images = await once(scribe, {step: 'images', title: 'Images in use'}, imagesSchema, async () => [
    ...(await runningImages(ports.containers, site.cluster)),
  ])
  const capture = new SetCapture(ports, scribe, site, {id, ...request})
  const captured = await capture.captured()
  const [files, assets, configuration, point] = await together(
    saveFiles(ports, scribe, capture, captured, request.wait ?? true),
    once(scribe, {step: 'assets', title: 'Assets: copied by content'}, assetsCopySchema, () =>
      copyAssets(ports.objects, site),
    ),
    once(scribe, {step: 'configuration', title: 'Configuration'}, stacksSchema, async () => {
      const copy = await copyConfiguration(ports, site)
      const {stacks, secrets, environmentFiles} = copy
      return {stacks, secrets, ...(environmentFiles === undefined ? {} : {environmentFiles})}
    }),
    request.vaulted ? saveDatabase(ports, scribe, capture, captured) : Promise.resolve(undefined),
  )
  const database = await verifyDatabase(ports, scribe, site, captured)
  await verifyPoint(ports, site, files, site.fileSystemArn, 'files')
  if (point !== undefined) await verifyPoint(ports, site, point, database.instanceArn, 'database')
  await tidy(ports, tree, scribe, site, captured, id)
  const body: ManifestBody = {
    schemaVersion: manifestVersion,
    id,
    opId: scribe.operation.opId,
    environment: site.environment,
    account: site.caller.account,
    region: site.caller.region,
    partition: site.caller.partition,
    cliVersion: scribe.operation.journal.head.cliVersion,
    createdAt,
    note: request.note,
    tags: [...request.tags],
    consistency: captured.consistency,
    weakened: captured.weakened,
    skewMs: Math.round(skewOf(captured.database.at, files, captured.consistency === 'strict')),
    downMs: Math.round(capture.downMs),
    foundationId: stackOf(site.landscape, 'foundation')?.id ?? '',
    keyArn: site.keyArn,
    database: {
      generation: site.landscape.generations.database,
      instance: site.instance,
      resourceId: database.resourceId,
      snapshotIdentifier: captured.database.identifier,
      snapshotArn: database.arn,
      ...(point === undefined ? {} : {vault: site.vault}),
      at: captured.database.at,
      allocatedStorage: database.allocatedStorage,
      engineVersion: database.engineVersion,
      parameterGroupFamily: site.database.parameters['ParameterGroupFamily'] ?? familyOf(database.engineVersion),
      masterUsername: database.masterUsername,
      port: database.port,
      keyArn: database.keyArn,
      ...(captured.counts === undefined ? {} : {counts: captured.counts}),
    },
    files: {
      generation: site.landscape.generations.files,
      fileSystemId: site.fileSystemId,
      vault: site.vault,
      recoveryPointArn: files.recoveryPointArn,
      path: captured.path,
      from: files.from,
      to: files.to,
      ...captured.tree,
    },
    ...(assets === 'none' ? {} : {assets}),
    configuration: {...configuration, images: [...images]},
  }
  return commitManifest(ports, scribe, site, body)
}

/** `10.11.8` belongs to `mariadb10.11`. */
function familyOf(engineVersion: string): string {
  return `mariadb${engineVersion.split('.').slice(0, 2).join('.')}`
}

/** Names every child before there is one, so that whoever finds one knows whose it is. @returns S3's time of it */
async function writePlan(
  {objects}: SnapshotPorts,
  {operation}: Scribe,
  site: Site,
  id: SnapshotId,
): Promise<{createdAt: string}> {
  const plan = {
    schemaVersion: 1,
    id,
    opId: operation.opId,
    environment: site.environment,
    database: databaseSnapshotName(site.environment, id, 1),
    frozen: frozenPath(id),
    vault: site.vault,
    fileSystemArn: site.fileSystemArn,
  }
  await objects.putIfAbsent(site.recordsBucket, planKey(id), new TextEncoder().encode(`${JSON.stringify(plan)}\n`))
  const found = await objects.head(site.recordsBucket, planKey(id))
  if (found === undefined) throw new FailedError(`The plan of snapshot ${id} is gone.`, {code: 'LEDGER_UNREADABLE'})
  return {createdAt: found.lastModified.toISOString()}
}

async function saveFiles(
  ports: SnapshotPorts,
  scribe: Scribe,
  capture: SetCapture,
  {attempt}: Captured,
  wait: boolean,
): Promise<FilesCopy> {
  const jobId = await capture.beginBackup(attempt)
  if (!wait) {
    throw new PendingError(`AWS Backup saves the files without us (job ${jobId}); the services run.`, {
      code: 'NOT_WAITED',
      suggestions: [
        `pi-aws ops wait ${scribe.operation.environment}`,
        'Until then there is no set: its manifest is written last',
      ],
    })
  }
  return once(scribe, {step: `saved-${attempt}`, title: 'Files: saved by AWS Backup'}, filesCopySchema, () =>
    untilSaved(ports, jobId, scribe.operation.stop),
  )
}

/** A database may take longer to be saved than its moment is away. */
async function saveDatabase(
  ports: SnapshotPorts,
  scribe: Scribe,
  capture: SetCapture,
  {attempt}: Captured,
): Promise<FilesCopy> {
  const step = {step: `vaulted-${attempt}`, title: 'Database: saved by AWS Backup'}
  return once(scribe, step, filesCopySchema, () =>
    untilSaved(ports, capture.vaultedJobOf(attempt) ?? '', scribe.operation.stop, 'database'),
  )
}

/** What RDS says of its copy once it is usable, beside what it says of the instance. @throws FailedError SNAPSHOT_DIFFERS */
async function verifyDatabase(
  ports: SnapshotPorts,
  scribe: Scribe,
  site: Site,
  {database: {identifier}}: Captured,
): Promise<z.infer<typeof usableSchema>> {
  return once(scribe, {step: 'verified', title: 'Database: snapshot usable'}, usableSchema, async () => {
    const snapshot = await untilUsable(ports, identifier, scribe.operation.stop)
    const instance = await ports.databases.instance(site.instance)
    const wrong = [
      ...(instance === undefined ? ['its instance is gone'] : []),
      ...(snapshot.instance === site.instance ? [] : [`it is of instance ${snapshot.instance}`]),
      ...(instance !== undefined && snapshot.keyArn !== instance.keyArn
        ? ['it is encrypted otherwise than its instance']
        : []),
    ]
    if (instance === undefined || wrong.length > 0) {
      throw new FailedError(`Database snapshot ${identifier} is not what was asked for: ${wrong.join('; ')}.`, {
        code: 'SNAPSHOT_DIFFERS',
      })
    }
    const {arn, keyArn, allocatedStorage, engineVersion, masterUsername} = snapshot
    const {resourceId, port, arn: instanceArn} = instance
    return {arn, keyArn, allocatedStorage, engineVersion, masterUsername, resourceId, port, instanceArn}
  })
}

/** @throws FailedError BACKUP_FAILED */
async function verifyPoint(
  {backups}: SnapshotPorts,
  site: Site,
  {recoveryPointArn}: FilesCopy,
  resourceArn: string,
  half: string,
): Promise<void> {
  const point = await backups.recoveryPoint(site.vault, recoveryPointArn)
  if (point?.status === 'COMPLETED' && point.resourceArn === resourceArn) return
  throw new FailedError(`Recovery point ${recoveryPointArn} of the ${half} is ${point?.status ?? 'gone'}.`, {
    code: 'BACKUP_FAILED',
  })
}

/** What was needed only until AWS Backup had the files, and what earlier tries at the database left. */
async function tidy(
  ports: SnapshotPorts,
  tree: TreeFunction,
  scribe: Scribe,
  site: Site,
  {attempt}: Captured,
  id: SnapshotId,
): Promise<void> {
  await once(scribe, {step: 'tidy', title: 'Files: frozen copy removed'}, z.object({removed: z.number()}), async () => {
    for (let one = 1; one <= attempt; one++) await tree.discard(frozenPath(one === 1 ? id : `${id}-${one}`))
    await tree.unseal(site.landscape.generations.files, id)
    for (let one = 1; one < attempt; one++) {
      const name = databaseSnapshotName(site.environment, id, one)
      await deleteDatabaseSnapshot(ports, name, scribe.operation.stop)
    }
    await dropEarlierBackups(ports, scribe, site, attempt, id)
    return {removed: attempt}
  })
}

/** Backups of the database that earlier tries had begun; what a locked vault keeps of them goes with the set. */
async function dropEarlierBackups(
  ports: SnapshotPorts,
  {operation, run}: Scribe,
  site: Site,
  attempt: number,
  id: SnapshotId,
): Promise<void> {
  const tries = backupTries(operation.journal.entries).filter(({of}) => of === 'database')
  const own = tries.find((one) => one.attempt === attempt)?.jobId
  const earlier = tries.filter((one) => one.attempt < attempt && (one.jobId === undefined || one.jobId !== own))
  const {kept} = await reapBackups(ports, id, earlier, {site, stop: operation.stop})
  for (const one of kept)
    run.report({type: 'warning', code: 'VAULT_LOCKED', message: `Of an earlier try at this set, ${one}.`})
}

/** The catalogue's entry, which says nothing by itself, and then the manifest, last and only where there is none. */
export async function commitManifest(
  {objects}: Pick<SnapshotPorts, 'objects'>,
  scribe: Scribe,
  {recordsBucket}: Pick<Site, 'recordsBucket'>,
  body: ManifestBody,
): Promise<Manifest> {
  const id = body.id as SnapshotId
  const {manifest, bytes} = sealManifest(body)
  await once(scribe, {step: 'manifest', title: 'Manifest'}, z.object({hash: z.string()}), async () => {
    await objects.putIfAbsent(recordsBucket, catalogueKey(body), new Uint8Array())
    const written = await objects.putIfAbsent(recordsBucket, manifestKey(id), bytes)
    if (written.written) return {hash: manifest.hash}
    // A lost answer may have been a written manifest: then it is ours to the letter.
    const found = await objects.get(recordsBucket, manifestKey(id))
    const hash = found === undefined ? '' : openManifest(id, found.body).hash
    if (hash === manifest.hash) return {hash}
    throw new FailedError(`Snapshot ${id} has another manifest already.`, {code: 'MANIFEST_EXISTS'})
  })
  return manifest
}
