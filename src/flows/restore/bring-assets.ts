import * as z from 'zod'
import {
  type BundleEntry,
  type BundlePointer,
  bytesOf,
  directoryEntry,
  manifestKey,
  pointerKey,
  pointerSchema,
  serialiseBundle,
  sortEntries,
} from '../../domain/assets/bundle.ts'
import {assetKey} from '../../domain/assets/paths.ts'
import {sha256} from '../../domain/content.ts'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import type {OpId} from '../../domain/names.ts'
import {objectKey} from '../../domain/snapshots/keys.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import type {BundleMove} from '../../domain/snapshots/pair.ts'
import {bundleMoved} from '../assets/commit.ts'
import {inLanes} from '../assets/lanes.ts'
import {readLatest} from '../assets/latest.ts'
import {once, resultOf, type Scribe} from '../ledger/once.ts'
import {reported} from '../steps.ts'
import {sideload} from '../sideload/start.ts'
import {assetsOf, readAssetList} from '../snapshot/capture-assets.ts'
import {removeKey} from '../snapshot/reap.ts'
import type {Site} from '../snapshot/site.ts'
import type {RestorePorts} from './options.ts'

/** Copies under way at once: S3 does the work, each waits for its answer. */
const lanes = 32

const beforeSchema = z.object({pointer: pointerSchema.nullable()})

/**
 * Brings the assets of a set back: each object into the bucket as a new version, all of them as a bundle of their own,
 * and from there into the generation that the platform runs on. What the bucket held stays as older versions, and the
 * bundle that was active before stays what it is.
 * @throws LockedError BUNDLE_MOVED when somebody uploads meanwhile; NotFoundError OBJECT_GONE; as `sideload`
 */
export async function bringAssets(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  manifest: Manifest,
): Promise<BundleMove> {
  const {pointer: from} = await once(
    scribe,
    {step: 'bundle-before', title: 'Assets: what is active now'},
    beforeSchema,
    async () => ({pointer: (await readLatest(ports.objects, assetsOf(site)))?.pointer ?? null}),
  )
  const to = await once(
    scribe,
    {step: 'bundle', title: 'Assets: back into their bucket'},
    pointerSchema,
    async () => writeBundle(ports, scribe, site, await entriesOf(ports, site, manifest)),
    ({count}) => `${count} entries`,
  )
  await activateBundle(ports, scribe, site, {from, to}, 'point')
  return {from, to}
}

/**
 * Goes back to the bundle of before. Where there was none, everything goes that was loaded, by way of a bundle with
 * nothing in it, and then that one.
 */
export async function takeAssetsBack(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  {from, to}: BundleMove,
): Promise<void> {
  const step = 'point-back'
  if (from !== null) return activateBundle(ports, scribe, site, {from: to, to: from}, step)
  const {objects} = ports
  if ((await readLatest(objects, assetsOf(site))) === undefined) return
  const empty = await writeBundle(ports, scribe, site, [], '-empty')
  await activateBundle(ports, scribe, site, {from: to, to: empty}, step)
  await removeKey(objects, site.assetsBucket, pointerKey(site.environment))
  await removeKey(objects, site.assetsBucket, empty.key)
}

/** Goes to what a restore had made, when its undo is given up. */
export async function bringAssetsForth(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  {from, to}: BundleMove,
): Promise<void> {
  await activateBundle(ports, scribe, site, {from, to}, 'point-forth')
}

/** Takes back what a restore of assets did that was not committed. @returns what was taken back, in words */
export async function abortAssets(ports: RestorePorts, scribe: Scribe, site: Site): Promise<readonly string[]> {
  const {operation} = scribe
  const begun = (step: string): boolean => operation.journal.entries.some((entry) => entry.step === step)
  const before = resultOf(operation, 'bundle-before', beforeSchema)
  const to = resultOf(operation, 'bundle', pointerSchema)
  const undone: string[] = []
  if (before !== undefined && to !== undefined && begun('point')) {
    await takeAssetsBack(ports, scribe, site, {from: before.pointer, to})
    undone.push(`assets are those of ${before.pointer === null ? 'nobody' : `bundle ${before.pointer.id}`} again`)
  }
  if (begun('bundle')) await removeKey(ports.objects, site.assetsBucket, manifestKey(site.environment, operation.opId))
  return undone
}

/** @throws RefusedError NOTHING_TO_UNDO when an upload has replaced what the restore made */
export async function requireBundle(ports: RestorePorts, site: Site, {to}: BundleMove): Promise<void> {
  const latest = await readLatest(ports.objects, assetsOf(site))
  if (latest?.pointer.id === to.id) return
  throw new RefusedError(
    `The assets were uploaded anew since that restore: bundle ${latest?.pointer.id ?? 'none'} is active, not ${to.id}. Nothing was changed.`,
    {code: 'NOTHING_TO_UNDO', suggestions: [`pi-aws restore status ${site.environment}`]},
  )
}

/** The set's objects as entries of a bundle, each a version of its own by now. */
async function entriesOf({objects}: RestorePorts, site: Site, {assets}: Manifest): Promise<readonly BundleEntry[]> {
  const lines = assets === undefined ? [] : await readAssetList(objects, site.recordsBucket, assets.list)
  const entries: BundleEntry[] = []
  await inLanes(lines, lanes, async ({path, kind, size, sha256: hash, mode}) => {
    if (kind === 'directory') {
      entries.push(directoryEntry(path, mode))
      return
    }
    const key = assetKey(path)
    const versionId = await objects.copyOver(
      {bucket: site.recordsBucket, key: objectKey(hash), size},
      {bucket: site.assetsBucket, key, sha256: hash},
    )
    entries.push({path, key, versionId, size, sha256: hash, mode, kind})
  })
  return sortEntries(entries)
}

/** Writes a manifest named after the operation. A try that was killed left one of older versions: it is written over. */
async function writeBundle(
  {objects}: RestorePorts,
  {operation}: Scribe,
  {environment, assetsBucket}: Site,
  entries: readonly BundleEntry[],
  suffix = '',
): Promise<BundlePointer> {
  const id = `${operation.opId}${suffix}`
  const {startedAt: createdAt} = operation.journal.head
  const count = entries.length
  const key = manifestKey(environment, id)
  const body = serialiseBundle({head: {schemaVersion: 1, id, createdAt, count}, entries})
  const etag = await objects.put(assetsBucket, key, body, 'application/x-ndjson')
  return {schemaVersion: 1, id, key, etag, sha256: sha256(body), count, bytes: bytesOf(entries), createdAt}
}

/** Makes a bundle the one to side-load, where the other one still is, and loads it. Both converge and are always done. */
async function activateBundle(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  move: {readonly from: BundlePointer | null; readonly to: BundlePointer},
  step: 'point' | 'point-back' | 'point-forth',
): Promise<void> {
  const {operation, run, clock} = scribe
  const at = {clock, report: run.report}
  await reported(at, {step, title: `Assets: bundle ${move.to.id}`, part: 'files'}, async () => {
    await operation.record(step, () => pointTo(ports, site, move, operation.opId))
    return {value: undefined, outcome: 'done'}
  })
  await reported(at, {step: step.replace('point', 'load'), title: 'Assets: side-load', part: 'files'}, async () => {
    const {copied, removed} = await operation.record(step.replace('point', 'load'), () => load(ports, scribe, site))
    return {value: undefined, outcome: 'done', detail: `${copied} copied, ${removed} removed`}
  })
}

/** A side-load is an operation of its own under the restore's, as under a deploy's. @throws FailedError FILES_INCOMPLETE */
async function load(
  ports: RestorePorts,
  {operation, run}: Scribe,
  {environment}: Site,
): Promise<{readonly copied: number; readonly removed: number}> {
  const asked = {environment, account: undefined, prune: true, wait: true, resume: undefined}
  const {copied, removed, failed, files} = await sideload(asked, ports, {report: run.report, pause: operation.stop})
  const first = files.find(({result}) => result === 'failed')
  if (first === undefined) return {copied, removed}
  throw new FailedError(
    `${failed} of ${files.length} files failed, the first is ${JSON.stringify(first.path)}: ${first.reason ?? ''}`,
    {code: 'FILES_INCOMPLETE', suggestions: [`pi-aws ops resume ${operation.opId} --environment ${environment}`]},
  )
}

/** @throws LockedError BUNDLE_MOVED */
async function pointTo(
  {objects}: RestorePorts,
  site: Site,
  {from, to}: {readonly from: BundlePointer | null; readonly to: BundlePointer},
  opId: OpId,
): Promise<void> {
  const latest = await readLatest(objects, assetsOf(site))
  if (latest?.pointer.sha256 === to.sha256 && latest.pointer.id === to.id) return
  // What this operation itself has pointed to, in a try that was broken off, may be pointed away from.
  if (latest?.pointer.id !== from?.id && latest?.pointer.id.startsWith(opId) !== true)
    throw bundleMoved(site.environment)
  const body = new TextEncoder().encode(`${JSON.stringify(to)}\n`)
  const key = pointerKey(site.environment)
  const result =
    latest === undefined
      ? await objects.putIfAbsent(site.assetsBucket, key, body)
      : await objects.putIfMatch(site.assetsBucket, key, body, latest.etag)
  if (!result.written) throw bundleMoved(site.environment)
}
