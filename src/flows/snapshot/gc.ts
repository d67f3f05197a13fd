import {idOfDatabaseSnapshot, objectKey, prefixes} from '../../domain/snapshots/keys.ts'
import {isSnapshotId, type SnapshotId, snapshotIdOf} from '../../domain/snapshots/id.ts'
import {type Manifest, vaultedPoints} from '../../domain/snapshots/manifest.ts'
import type {OpId} from '../../domain/names.ts'
import {inLanes} from '../assets/lanes.ts'
import {openOperations} from '../ledger/read.ts'
import type {Scribe} from '../ledger/once.ts'
import {removeTrial, strayTrials} from '../restore/trial.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {treeOf} from './abort.ts'
import {namedObjects} from './capture-assets.ts'
import {removeSet} from './delete.ts'
import type {SnapshotPorts} from './options.ts'
import {isDamage, readManifest, readSets} from './sets.ts'
import type {Site} from './site.ts'
import {type TidyOptions, underLock} from './tidy-operation.ts'

export interface SnapshotGcResult {
  readonly environment: string
  readonly opId: string
  /** What is gone, in words. */
  readonly removed: readonly string[]
  /** Objects that no manifest names any more. */
  readonly objects: number
  /** Sets that an open operation may still make whole. */
  readonly spared: readonly string[]
}

/** Sets that are read, and objects that are removed, at once. */
const lanes = 16

/**
 * Opens every set there is. Of one that is damaged nobody knows what it names, so nothing can be called unnamed then.
 * @returns whether all of them could be read; the others are named in a warning
 */
async function eachSet(
  {objects}: SnapshotPorts,
  {recordsBucket: bucket}: Pick<Site, 'recordsBucket'>,
  {report}: Run,
  work: (manifest: Manifest) => Promise<void>,
): Promise<boolean> {
  const {sets, unlisted} = await readSets(objects, bucket)
  const damaged: SnapshotId[] = []
  await inLanes(new Set([...sets.map(({id}) => id), ...unlisted]), lanes, async (id) => {
    try {
      await work(await readManifest(objects, bucket, id))
    } catch (error) {
      if (!isDamage(error)) throw error
      damaged.push(id)
    }
  })
  if (damaged.length === 0) return true
  const message = `What no set names stays for now: damaged is ${damaged.sort().join(', ')}. snapshot verify says what it has, snapshot delete removes it.`
  report({type: 'warning', code: 'SNAPSHOT_DAMAGED', message})
  return false
}

/**
 * Removes what belongs to no set: children of sets that were never whole, sets that are half deleted, what restores on
 * trial left, and contents that no manifest names. What an unfinished operation may still need is spared.
 */
export async function collectGarbage(options: TidyOptions, ports: SnapshotPorts, run: Run): Promise<SnapshotGcResult> {
  return underLock(options, {gc: true}, ports, run, async (scribe, site) => {
    const unfinished = await openOperations(ports, site.recordsBucket)
    const makers = unfinished.filter(({kind}) => kind === 'snapshot' || kind === 'restore')
    const open = new Set(makers.map(({opId}) => snapshotIdOf(opId as OpId)))
    const stray = await strayIds(ports, site, treeOf(ports, scribe, site))
    const removed: string[] = []
    for (const trial of await strayTrials(ports, site, scribe.operation.opId))
      removed.push(...(await removeTrial(ports, scribe, site, trial, undefined)))
    for (const id of stray) if (!open.has(id)) removed.push(...(await removeSet(ports, scribe, site, id)))
    if (!unfinished.some(({kind}) => kind === 'copy')) removed.push(...(await sweepCopies(ports, scribe, site)))
    const step = {step: 'objects', title: 'Contents that no set names'}
    const objects = await reported({clock: ports.clock, report: run.report}, step, async () => {
      const value = await scribe.operation.record(step.step, () =>
        open.size > 0 ? Promise.resolve(0) : sweep(ports, site, run),
      )
      return {value, outcome: 'done', detail: `${value} removed`}
    })
    return {environment: site.environment, removed, objects, spared: stray.filter((id) => open.has(id))}
  })
}

/** Sets without a manifest, whatever tells of them: a plan, a tombstone, or a child alone. */
async function strayIds(
  ports: SnapshotPorts,
  site: Site,
  tree: ReturnType<typeof treeOf>,
): Promise<readonly SnapshotId[]> {
  const {sets, incomplete} = await readSets(ports.objects, site.recordsBucket, true)
  const whole = new Set((await ports.objects.list(site.recordsBucket, prefixes.manifests)).map(({key}) => key))
  const isWhole = (id: SnapshotId): boolean => whole.has(`${prefixes.manifests}${id}.json`)
  await tree.wake()
  const [names, {frozen}] = await Promise.all([ports.databases.snapshotsOf(site.environment), tree.roots()])
  const children = [
    ...names.flatMap((name) => idOfDatabaseSnapshot(site.environment, name) ?? []),
    ...frozen.map(({name}) => name.slice(0, 23)).filter(isSnapshotId),
  ]
  const found = new Set([...incomplete.map(({id}) => id), ...children.filter((id) => !isWhole(id))])
  return [...found].filter((id) => !sets.some((set) => set.id === id)).sort()
}

/** Recovery points that were copied into the vault for a set that never came to be: a copy job cannot be stopped. */
async function sweepCopies(
  ports: SnapshotPorts,
  scribe: Scribe,
  {recordsBucket, vault}: Site,
): Promise<readonly string[]> {
  const copied = await ports.backups.copiedPoints(vault)
  if (copied.length === 0) return []
  const named = new Set<string>()
  const allRead = await eachSet(ports, {recordsBucket}, scribe.run, async (manifest) => {
    for (const {arn} of vaultedPoints(manifest)) named.add(arn)
  })
  if (!allRead) return []
  const strays = copied.filter((arn) => !named.has(arn))
  if (strays.length === 0) return []
  return scribe.operation.record('copies', async () => {
    for (const arn of strays) await ports.backups.deleteRecoveryPoint(vault, arn)
    return strays.map((arn) => `recovery point ${arn}`)
  })
}

/** Contents are shared between sets: one goes when the last manifest that names it is gone. */
async function sweep(ports: SnapshotPorts, {recordsBucket}: Site, run: Run): Promise<number> {
  const {objects} = ports
  const stored = await objects.list(recordsBucket, prefixes.objects)
  if (stored.length === 0) return 0
  const named = new Set<string>()
  const allRead = await eachSet(ports, {recordsBucket}, run, async (manifest) => {
    for (const hash of (await namedObjects(objects, recordsBucket, manifest)).keys()) named.add(objectKey(hash))
  })
  if (!allRead) return 0
  const unnamed = stored.filter(({key}) => !named.has(key))
  await inLanes(unnamed, lanes, async ({key, etag}) => {
    await objects.deleteIfMatch(recordsBucket, key, etag)
  })
  return unnamed.length
}
