import {FailedError, LockedError, PausedError, PendingError, UsageError} from '../../domain/errors.ts'
import {isStillShared} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {SnapshotId, SnapshotRef} from '../../domain/snapshots/id.ts'
import {databaseSnapshotName, manifestKey, planKey} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {Journal} from '../ledger/journal.ts'
import {beginOperation, type Operation} from '../ledger/operation.ts'
import type {Scribe} from '../ledger/once.ts'
import {openOperations} from '../ledger/read.ts'
import {requireReady} from '../preflight/gate.ts'
import type {Run} from '../run.ts'
import {together} from '../together.ts'
import {copyChecks} from './copy-checks.ts'
import {copyDatabase, copyFiles, type Copying, copyObjects} from './copy-halves.ts'
import {type BothPorts, type Side, sideOf} from './copy-side.ts'
import {type HandOver, handOverOf, takeBack} from './hand-over.ts'
import {commitManifest} from './make-set.ts'
import type {SnapshotPorts} from './options.ts'
import {findSet, readManifest} from './sets.ts'

export type {BothPorts} from './copy-side.ts'

export interface SnapshotCopyOptions {
  /** Where the set is. */
  readonly environment: EnvironmentName
  readonly account: string | undefined
  readonly ref: SnapshotRef
  readonly target: {readonly environment: EnvironmentName; readonly account: string | undefined}
  /** Go on with this operation of the target. */
  readonly resume?: OpId
}

export interface SnapshotCopyResult {
  /** Where the copy is. */
  readonly environment: string
  readonly region: string
  readonly account: string
  readonly id: string
  readonly state: 'COMMITTED'
  readonly from: {readonly environment: string; readonly region: string; readonly account: string}
  /** False where the copy was there already. */
  readonly copied: boolean
  /** The operation that copied; '' where there was nothing to copy. */
  readonly opId: string
}

/**
 * Copies a set into the records and the vault of another environment, of this region and account or of others, under that
 * environment's own key. It keeps its id; what is there of an earlier try is adopted. The set itself stays as it is, and
 * what was given to another account meanwhile is taken back.
 * @throws UsageError SAME_ENVIRONMENT; RefusedError PREFLIGHT_REFUSED, NO_FOUNDATION, WRONG_ACCOUNT, OPERATION_UNFINISHED;
 * FailedError COPY_FAILED, SNAPSHOT_FAILED, KEY_NOT_LENT, OBJECT_MISSING; as `findSet`
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
  const [source, target] = await Promise.all([
    sideOf(ports.source, options.environment, options.account),
    sideOf(ports.target, options.target.environment, options.target.account),
  ])
  const {manifest} = await findSet(ports.source.objects, source.recordsBucket, options.ref)
  const result: Omit<SnapshotCopyResult, 'copied' | 'opId'> = {
    environment: target.environment,
    region: target.caller.region,
    account: target.caller.account,
    id: manifest.id,
    state: 'COMMITTED',
    from: {environment: source.environment, region: source.caller.region, account: source.caller.account},
  }
  const copying: Copying = {source, target, manifest, given: handOverOf(manifest, source, target)}
  const id = manifest.id as SnapshotId
  const isThere = (await ports.target.objects.head(target.recordsBucket, manifestKey(id))) !== undefined
  const open = await openCopies(ports.target, target)
  if (isThere) {
    await requireCopyOf(ports.target, target, manifest)
    // A copy that died behind its manifest left a lock and an open operation: another one ends them.
    if (open.length === 0) return {...result, copied: false, opId: ''}
  } else requireReady(await copyChecks(ports, source, target, manifest), false, run.report)
  // One that still has something of the other account is gone on with: nobody else knows what to take back.
  const owing = open.find(({head, entries}) => head.options['snapshot'] === id && isStillShared(entries))?.opId
  const resume = options.resume ?? owing
  const operation = await beginOperation(
    ports.target,
    {
      kind: 'copy',
      environment: target.environment,
      caller: target.caller,
      bucket: target.recordsBucket,
      options: {
        ...{snapshot: id, from: source.environment},
        ...(copying.given === undefined ? {} : {given: copying.given}),
      },
      ...(resume === undefined ? {} : {resume}),
    },
    run,
  )
  const scribe = {operation, clock: ports.target.clock, run}
  try {
    if (!isThere) await copy(ports, scribe, copying)
    if (copying.given !== undefined && isStillShared(operation.journal.entries))
      await takeBack(ports.source, scribe, copying.given)
    const done = {...result, copied: !isThere, opId: operation.opId}
    await operation.commit(done)
    return done
  } catch (error) {
    if (copying.given !== undefined) await takeBackAfter(error, ports.source, scribe, copying.given)
    throw await operation.end(error)
  }
}

async function openCopies(ports: SnapshotPorts, {recordsBucket}: Side): Promise<readonly Journal[]> {
  const open = (await openOperations(ports, recordsBucket)).filter(({kind}) => kind === 'copy')
  return Promise.all(open.map(({opId}) => Journal.read(ports, recordsBucket, opId as OpId)))
}

/** A failure takes back what was given. A pause does not: the copy of the database goes on meanwhile, and needs it. */
async function takeBackAfter(error: unknown, source: SnapshotPorts, scribe: Scribe, given: HandOver): Promise<void> {
  const {operation, run} = scribe
  if (error instanceof LockedError || !isStillShared(operation.journal.entries)) return
  if (error instanceof PausedError || error instanceof PendingError || run.pause.aborted) {
    tell(run, operation, given)
    return
  }
  try {
    await takeBack(source, scribe, given)
  } catch {
    tell(run, operation, given)
  }
}

function tell({report}: Run, {opId, environment}: Operation, {snapshot, account}: HandOver): void {
  const message = `Database snapshot ${snapshot} and its key stay shared with account ${account} until operation ${opId} has gone on: pi-aws ops resume ${opId} --environment ${environment}, or ops abort.`
  report({type: 'warning', code: 'STILL_SHARED', message})
}

/** @throws FailedError MANIFEST_EXISTS where another set has that id */
async function requireCopyOf({objects}: SnapshotPorts, {recordsBucket}: Side, {id, hash}: Manifest): Promise<void> {
  const found = await readManifest(objects, recordsBucket, id as SnapshotId)
  if (found.copiedFrom?.hash === hash) return
  throw new FailedError(`Another set lies there under the id ${id}.`, {code: 'MANIFEST_EXISTS'})
}

/** Both halves and the objects side by side, then the manifest, which is the copy. */
async function copy(ports: BothPorts, scribe: Scribe, copying: Copying): Promise<void> {
  const {target, manifest} = copying
  const id = manifest.id as SnapshotId
  const name = databaseSnapshotName(target.environment, id, 1)
  const plan = {schemaVersion: 1, id, opId: scribe.operation.opId, environment: target.environment, database: name}
  const bytes = new TextEncoder().encode(`${JSON.stringify({...plan, vault: target.vault})}\n`)
  await ports.target.objects.putIfAbsent(target.recordsBucket, planKey(id), bytes)
  const [database, recoveryPointArn] = await together(
    copyDatabase(ports, scribe, copying, name),
    copyFiles(ports, scribe, copying),
    copyObjects(ports, scribe, copying),
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
