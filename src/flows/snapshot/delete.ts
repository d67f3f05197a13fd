import {PiError, RefusedError} from '../../domain/errors.ts'
import type {SetSummary} from '../../domain/snapshots/catalogue.ts'
import {latestOf, resolveSnapshot, type SnapshotId, type SnapshotRef} from '../../domain/snapshots/id.ts'
import {tombstoneKey} from '../../domain/snapshots/keys.ts'
import {isHeld, lockWords, longestLock, type VaultLock} from '../../domain/snapshots/lock.ts'
import {type Manifest, vaultedPoints} from '../../domain/snapshots/manifest.ts'
import {requireName} from '../confirm.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import type {Scribe} from '../ledger/once.ts'
import type {OpId} from '../../domain/names.ts'
import type {Ask} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import type {Backups} from '../recovery/ports.ts'
import {treeOf} from './abort.ts'
import type {SnapshotPorts} from './options.ts'
import {backupTries, type BackupTry, reapChildren, removeRecords} from './reap.ts'
import {readManifest, readSets, readSoundManifest} from './sets.ts'
import type {Site} from './site.ts'
import {type TidyOptions, underLock} from './tidy-operation.ts'

export interface SnapshotDeleteOptions extends TidyOptions {
  readonly ref: SnapshotRef
  /** The environment's name, by `--confirm`. */
  readonly confirm: string | undefined
  /** `--yes` on the embedded AWS: no name is asked. */
  readonly confirmed: boolean
  /** Also the newest set. */
  readonly last: boolean
}

export interface SnapshotDeleteResult {
  readonly environment: string
  readonly id: string
  readonly opId: string
  readonly removed: readonly string[]
}

/**
 * Deletes one set: first it is marked, so that nobody takes half of it for a set, then what it has in AWS goes, then its
 * manifest. One with a damaged manifest goes too.
 * @throws RefusedError LAST_GOOD_SET, VAULT_LOCKED; as `resolveSnapshot` and `requireName`
 */
export async function deleteSnapshot(
  options: SnapshotDeleteOptions,
  ports: SnapshotPorts & {readonly ask: Ask},
  run: Run,
): Promise<SnapshotDeleteResult> {
  const {environment, ref} = options
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const summary = await notTheLast(options, ref, ports.objects, bucket)
  const manifest = await readSoundManifest(ports.objects, bucket, summary.id)
  if (manifest !== undefined) await requireUnlocked(ports, manifest)
  if (!options.confirmed) {
    await requireName(ports.ask, environment, options.confirm, {
      flag: '--confirm',
      question: `This deletes snapshot ${summary.id} of ${summary.createdAt}. It cannot be taken back.`,
    })
    // Somebody else may have deleted the others meanwhile.
    await notTheLast(options, {kind: 'prefix', text: summary.id}, ports.objects, bucket)
  }
  return underLock(options, {delete: summary.id}, ports, run, async (scribe, site) => ({
    environment,
    id: summary.id,
    removed: await removeSet(ports, scribe, site, summary.id),
  }))
}

/** The set that is meant. @throws RefusedError LAST_GOOD_SET; as `resolveSnapshot` */
async function notTheLast(
  {environment, last}: SnapshotDeleteOptions,
  ref: SnapshotRef,
  objects: SnapshotPorts['objects'],
  bucket: string,
): Promise<SetSummary> {
  const {sets} = await readSets(objects, bucket)
  const summary = resolveSnapshot(ref, sets)
  if (last || ![sets[0]?.id, latestOf(sets)?.id].includes(summary.id)) return summary
  throw new RefusedError(`Snapshot ${summary.id} is the last good set of ${environment}. Nothing was changed.`, {
    code: 'LAST_GOOD_SET',
    suggestions: [`pi-aws snapshot create ${environment}`, 'Or say that it is meant: --last'],
  })
}

/** @throws RefusedError VAULT_LOCKED with the time until which nothing can be done */
async function requireUnlocked(ports: SnapshotPorts, manifest: Manifest): Promise<void> {
  const lock = await lockOfSet(ports.backups, manifest)
  if (!isHeld(lock, ports.clock.now())) return
  const what = manifest.database.vault === undefined ? 'its files' : 'its database and files'
  throw new RefusedError(
    `Snapshot ${manifest.id} is locked: the vault keeps ${what} ${lockWords(lock)}. Nothing was changed.`,
    {code: 'VAULT_LOCKED'},
  )
}

/** What keeps the vault from letting a set go. */
export async function lockOfSet(backups: Backups, manifest: Manifest): Promise<VaultLock | undefined> {
  const points = await Promise.all(vaultedPoints(manifest).map(({vault, arn}) => backups.recoveryPoint(vault, arn)))
  return longestLock(points.flatMap((point) => point?.lock ?? []))
}

/** Removes a set, or goes on with the removal of one. The steps may be repeated as often as it takes. */
export async function removeSet(
  ports: SnapshotPorts,
  scribe: Scribe,
  site: Site,
  id: SnapshotId,
): Promise<readonly string[]> {
  const {clock, run, operation} = scribe
  const step = {step: `remove-${id}`, title: `Remove snapshot ${id}`}
  return reported({clock, report: run.report}, step, async () => {
    const value = await operation.record(step.step, async () => {
      const tombstone = new TextEncoder().encode(`${JSON.stringify({schemaVersion: 1, id, opId: operation.opId})}\n`)
      await ports.objects.putIfAbsent(site.recordsBucket, tombstoneKey(id), tombstone)
      const tree = treeOf(ports, scribe, site)
      await tree.wake()
      const backups = [...backupTries(await entriesOf(ports, site, id)), ...(await namedPoints(ports, site, id))]
      const {removed, kept} = await reapChildren(ports, id, {site, tree, stop: operation.stop, backups})
      // What the vault keeps must be found again once it does not.
      if (kept.length === 0) await removeRecords(ports.objects, site.recordsBucket, id)
      return [...removed, ...kept]
    })
    return {value, outcome: 'done', detail: `${value.length} things`}
  })
}

/** What a set has in the vault; of a copy only its manifest tells. One that is damaged tells nothing. */
async function namedPoints(
  {objects}: SnapshotPorts,
  {recordsBucket, vault: own}: Site,
  id: SnapshotId,
): Promise<readonly BackupTry[]> {
  try {
    const points = vaultedPoints(await readManifest(objects, recordsBucket, id))
    const here = points.filter(({vault}) => vault === own)
    return here.map(({arn: recoveryPointArn}) => ({of: 'files', attempt: 0, recoveryPointArn}))
  } catch (error) {
    if (error instanceof PiError && /^(SNAPSHOT_NOT_FOUND|MANIFEST_)/.test(error.code)) return []
    throw error
  }
}

/** The journal of the operation that made a set; a restore makes one too. */
async function entriesOf(ports: SnapshotPorts, site: Site, id: SnapshotId): Promise<Journal['entries']> {
  const objects = await ports.objects.list(site.recordsBucket, `ops/${id.slice(0, 16).toUpperCase()}`)
  const opId = objects.map(({key}) => key.split('/')[1] ?? '').find((candidate) => candidate.endsWith(id.slice(-7)))
  return opId === undefined ? [] : (await Journal.read(ports, site.recordsBucket, opId as OpId)).entries
}
