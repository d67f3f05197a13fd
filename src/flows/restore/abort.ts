import * as z from 'zod'
import {leftQuiesced} from '../../domain/ledger.ts'
import {proofKey, proofSchema} from '../../domain/snapshots/catalogue.ts'
import type {SnapshotId} from '../../domain/snapshots/id.ts'
import {pairSchema, restoreEndKey, reversed} from '../../domain/snapshots/pair.ts'
import {resultOf, type Scribe} from '../ledger/once.ts'
import {abortSet, treeOf} from '../snapshot/abort.ts'
import {releaseLeft} from '../snapshot/release.ts'
import {removeKey} from '../snapshot/reap.ts'
import {readManifest} from '../snapshot/sets.ts'
import {readSite, type Site} from '../snapshot/site.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {dropDatabase, dropTrees, goBack, restoredFolders} from './back.ts'
import {abortAssets, bringAssetsForth} from './bring-assets.ts'
import {abortConfiguration, bringConfigurationForth} from './bring-configuration.ts'
import {beginFilesRestore} from './bring-files.ts'
import {Flipper} from './flip.ts'
import type {RestorePorts} from './options.ts'
import {forgetRestore, readRestore} from './records.ts'
import {pin} from './run.ts'
import {StackShaper} from './shape-stack.ts'

const askedSchema = z.looseObject({snapshot: z.string()})

/**
 * Takes a restore back that was not committed: the app goes back to what it had, then everything that was brought
 * beside it goes. A safety snapshot that is whole stays.
 * @returns what was taken back, in words
 */
export async function abortRestore(
  ports: RestorePorts,
  scribe: Scribe,
  seen: Site,
  roleArn: string | undefined,
): Promise<readonly string[]> {
  const {operation} = scribe
  const {entries, head} = operation.journal
  const undone: string[] = []
  if (leftQuiesced(entries)) {
    await releaseLeft(ports, scribe, seen.cluster)
    undone.push('services released')
  }
  await forgetChangeSets(ports.stacks, seen.landscape, operation.takenUp)
  const site = await readSite(ports, seen.environment, seen.caller)
  const shaper = new StackShaper(ports, scribe, roleArn)
  const tree = treeOf(ports, scribe, site)
  await tree.wake()
  await forgetRestore(ports.objects, site.recordsBucket, operation.opId)
  const proof = resultOf(operation, 'proof', proofSchema)
  const {snapshot} = askedSchema.parse(head.options)
  if (proof !== undefined) await removeKey(ports.objects, site.recordsBucket, proofKey(snapshot as SnapshotId, proof))
  const pair = resultOf(operation, 'target', pairSchema)
  const begun = (step: string): boolean => entries.some((entry) => entry.step === step)
  if (pair !== undefined && begun('quiesced')) {
    await goBack(scribe, new Flipper(ports, scribe, site, shaper, tree), pair)
    await pin(ports, site)
    undone.push(`the app is back on database ${pair.database.from} and files ${pair.files.from}`)
  }
  if (pair !== undefined && pair.database.to !== pair.database.from && begun('stage-database')) {
    undone.push(...(await dropDatabase(ports, scribe, {site, shaper, tree, roleArn}, pair.database.to)))
  }
  if (pair !== undefined && pair.files.to !== pair.files.from && begun('stage-files')) {
    await untilNoRestoreRuns(ports, scribe, site, snapshot)
    const paths = [`gen/${pair.files.to}`, ...(await restoredFolders(tree, snapshot))]
    undone.push(...(await dropTrees(ports, scribe, {site, shaper, tree, roleArn}, paths)))
  }
  undone.push(...(await abortAssets(ports, scribe, site)), ...(await abortConfiguration(ports, scribe, site, shaper)))
  const hasSet = begun('set') && resultOf(operation, 'safe', z.string()) === undefined
  return hasSet ? [...undone, ...(await abortSet(ports, scribe, site))] : undone
}

/**
 * Takes an undo back that did not come to its end: the app goes back to what was restored.
 * @returns what was taken back, in words
 */
export async function abortUndo(
  ports: RestorePorts,
  scribe: Scribe,
  seen: Site,
  roleArn: string | undefined,
): Promise<readonly string[]> {
  const {operation} = scribe
  const {entries, head} = operation.journal
  if (!entries.some(({step}) => /^(quiesced|point-back|configure-back-.*)$/.test(step))) return []
  await forgetChangeSets(ports.stacks, seen.landscape, operation.takenUp)
  const site = await readSite(ports, seen.environment, seen.caller)
  const {restore} = z.looseObject({restore: z.string()}).parse(head.options)
  const {pair, assets, configuration} = await readRestore(ports.objects, site.recordsBucket, restore)
  // Killed behind its end: it is not undone any more.
  await removeKey(ports.objects, site.recordsBucket, restoreEndKey(restore, 'undone'))
  if (assets !== undefined) {
    await bringAssetsForth(ports, scribe, site, assets)
    return [`the assets are bundle ${assets.to.id} again`]
  }
  if (configuration !== undefined) {
    await bringConfigurationForth(ports, site, new StackShaper(ports, scribe, roleArn), configuration)
    return configuration.map(({name}) => `parameters of ${name}`)
  }
  const tree = treeOf(ports, scribe, site)
  await tree.wake()
  const flipper = new Flipper(ports, scribe, site, new StackShaper(ports, scribe, roleArn), tree)
  await goBack(scribe, flipper, reversed(pair))
  await pin(ports, site)
  return [`the app runs on what was restored: database ${pair.database.to} and files ${pair.files.to}`]
}

/** A restore of AWS Backup cannot be stopped: what it brings has to be waited for. */
async function untilNoRestoreRuns(
  ports: RestorePorts,
  {operation}: Scribe,
  site: Site,
  snapshot: string,
): Promise<void> {
  const {backups, clock, objects} = ports
  // A job whose id was never written down is found by its token.
  const jobId =
    resultOf(operation, 'stage-files', z.string()) ??
    (await beginFilesRestore(
      ports,
      site,
      await readManifest(objects, site.recordsBucket, snapshot as SnapshotId),
      operation.opId,
    ))
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 30_000)) {
    const job = await backups.restoreJob(jobId)
    if (job === undefined || !['PENDING', 'RUNNING'].includes(job.state)) return
    await clock.sleep(pause, operation.stop)
  }
}
