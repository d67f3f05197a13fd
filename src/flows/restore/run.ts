import * as z from 'zod'
import {RefusedError, RolledBackError} from '../../domain/errors.ts'
import type {Generation} from '../../domain/names.ts'
import {proofKey, proofSchema} from '../../domain/snapshots/catalogue.ts'
import {safetyTag, type SnapshotId} from '../../domain/snapshots/id.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {
  type GenerationPair,
  isAlone,
  nextPair,
  pairSchema,
  type RestoreRecord,
  restoreKey,
} from '../../domain/snapshots/pair.ts'
import {databaseGenerationOf} from '../../domain/parts.ts'
import {leftQuiesced} from '../../domain/ledger.ts'
import {settledLandscape} from '../destroy/settled-landscape.ts'
import {requireName} from '../confirm.ts'
import {readLandscape} from '../landscape.ts'
import {pinIdentity} from '../ledger/identity.ts'
import {beginOperation, leavesOpen} from '../ledger/operation.ts'
import {isDone, once, resultOf, type Scribe} from '../ledger/once.ts'
import type {Run} from '../run.ts'
import {treeOf} from '../snapshot/abort.ts'
import {makeSet} from '../snapshot/make-set.ts'
import {readSite, type Site} from '../snapshot/site.ts'
import {together} from '../together.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {goBack} from './back.ts'
import {bringAssets} from './bring-assets.ts'
import {bringConfiguration} from './bring-configuration.ts'
import {bringDatabase, checkDatabase} from './bring-database.ts'
import {bringFiles} from './bring-files.ts'
import {lockedOut} from './downtime.ts'
import {Flipper} from './flip.ts'
import type {Aside, RestoreOptions, RestorePorts, RestoreResult} from './options.ts'
import {type Planned, planRestore} from './plan.ts'
import {StackShaper} from './shape-stack.ts'

/**
 * Brings a set back beside what lives, compares it with its manifest, points the app at it, and looks whether users are
 * served; if they are not, it points the app back. What was there before stays until `finalize`.
 * @throws RefusedError PREFLIGHT_REFUSED, STALE_PLAN, OPERATION_UNFINISHED; UsageError for the confirmation;
 * RolledBackError PROOF_FAILED; FailedError CHECK_FAILED, RESTORE_FAILED; what a snapshot and a stack throw
 */
export async function restore(options: RestoreOptions, ports: RestorePorts, run: Run): Promise<RestoreResult> {
  const {environment, only, safety, maxQuiesceMs, resume} = options
  // What a run that died had begun goes on in AWS.
  if (resume !== undefined) await settledLandscape(ports, environment, run.pause, run.report)
  const planned = await planRestore(options, ports, run.report)
  requireFresh(options, planned)
  if (!options.confirmed && resume === undefined) {
    await requireName(ports.ask, environment, options.confirm, {
      flag: '--confirm',
      question: questionOf(options, planned.manifest),
    })
  }
  const {site: seen, manifest} = planned
  const request = {
    kind: 'restore',
    environment,
    caller: seen.caller,
    bucket: seen.recordsBucket,
    options: {snapshot: manifest.id, only, safety, maxQuiesceMs},
  } as const
  const operation = await beginOperation(ports, resume === undefined ? request : {...request, resume}, run)
  const scribe: Scribe = {operation, clock: ports.clock, run}
  let isDown = false
  try {
    const site = await readSite(ports, environment, seen.caller)
    if (resume === undefined) requireFresh(options, {...planned, site})
    await forgetChangeSets(ports.stacks, site.landscape, operation.takenUp)
    const pair = await targetOf(ports, scribe, site, options)
    const shaper = new StackShaper(ports, scribe, options.cloudFormationRoleArn)
    const tree = treeOf(ports, scribe, site)
    await tree.wake()
    const saved = await saveThePresent(ports, scribe, site, options)
    const aside = await besides(options, ports, scribe, {site, manifest, shaper})
    if (aside === undefined) {
      await stage(ports, scribe, {site, manifest, pair, shaper, tree})
      const flipper = new Flipper(ports, scribe, site, shaper, tree)
      isDown = !isDone(operation, 'prove')
      await flipAndProve(scribe, flipper, pair)
      isDown = false
      await flipper.settle(pair, 'to')
    }
    const locked = lockedOut(operation.journal.entries)
    await writeRecord(ports, site, {
      schemaVersion: 1,
      opId: operation.opId,
      snapshot: manifest.id,
      safety: saved,
      pair,
      ...(aside?.assets === undefined ? {} : {assets: aside.assets}),
      ...(aside?.configuration === undefined ? {} : {configuration: [...aside.configuration]}),
      ...(locked?.isUndisturbed === true ? {downMs: locked.ms} : {}),
      committedAt: ports.clock.now().toISOString(),
    })
    await pin(ports, site)
    await writeProof(ports, scribe, site, {manifest, pair})
    const result: RestoreResult = {
      environment,
      opId: operation.opId,
      state: 'COMMITTED',
      snapshot: manifest.id,
      safety: saved,
      generations: pair,
      ...(aside?.assets === undefined ? {} : {assets: {from: aside.assets.from?.id ?? null, to: aside.assets.to.id}}),
      ...(aside?.configuration === undefined ? {} : {configuration: aside.configuration}),
      downMs: locked?.ms ?? 0,
    }
    await operation.commit(result)
    return result
  } catch (error) {
    throw await operation.end(error, isDown || leftQuiesced(operation.journal.entries))
  }
}

/** What a person says yes to. */
function questionOf({environment, only}: RestoreOptions, {id, createdAt}: Manifest): string {
  const of = `snapshot ${id} of ${createdAt}`
  if (isAlone(only, 'assets')) return `This brings the assets of ${environment} back to ${of}, in bucket and files.`
  if (isAlone(only, 'configuration'))
    return `This brings the parameters of the stacks of ${environment} back to ${of}; services may start anew.`
  return `This brings ${environment} back to ${of}; users are locked out for some minutes.`
}

/** What is no half and goes without a flip; undefined where halves are asked for. */
async function besides(
  {only}: RestoreOptions,
  ports: RestorePorts,
  scribe: Scribe,
  {site, manifest, shaper}: Pick<Staging, 'site' | 'manifest' | 'shaper'>,
): Promise<Aside | undefined> {
  if (isAlone(only, 'assets')) return {assets: await bringAssets(ports, scribe, site, manifest)}
  if (!isAlone(only, 'configuration')) return undefined
  const configuration = await bringConfiguration(ports, scribe, site, {manifest, shaper})
  scribe.run.report({
    type: 'warning',
    code: 'CONFIGURATION_FILE',
    message: 'pi-aws.yaml says what it said before: bring these values into it, or the next deploy takes them back.',
  })
  return {configuration}
}

/** @throws RefusedError STALE_PLAN */
function requireFresh({plan, environment}: RestoreOptions, planned: Planned): void {
  if (plan === undefined || planned.fingerprintOf(planned.site) === plan) return
  throw new RefusedError('Plan is stale: the snapshot or a stack changed since it was made. Nothing was changed.', {
    code: 'STALE_PLAN',
    suggestions: [`pi-aws restore plan ${planned.manifest.id} --environment ${environment} --out FILE`],
  })
}

/** The pair to go to, found once: what this restore makes itself must not push the number up. */
async function targetOf(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  {only}: RestoreOptions,
): Promise<GenerationPair> {
  return once(scribe, {step: 'target', title: 'Generations'}, pairSchema, async () => {
    const tree = treeOf(ports, scribe, site)
    await tree.wake()
    const {generations} = await tree.roots()
    return nextPair(
      {
        active: site.landscape.generations,
        databases: site.landscape.stacks.flatMap(({name}) => databaseGenerationOf(site.environment, name) ?? []),
        files: generations.map(({generation}) => generation),
      },
      only,
    )
  })
}

/** @returns the id of the set, '' where none was wanted */
async function saveThePresent(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  {safety, maxQuiesceMs}: RestoreOptions,
): Promise<string> {
  const known = resultOf(scribe.operation, 'safe', z.string())
  if (known !== undefined) return known
  if (safety === 'none') return ''
  const note = `before restore ${scribe.operation.opId}`
  // Not through AWS Backup, which may let it wait for an hour: what is saved here is what is about to be replaced.
  const set = {consistency: safety, note, tags: [safetyTag], maxQuiesceMs, vaulted: false}
  const {id} = await makeSet(ports, scribe, site, set)
  await scribe.operation.journal.write('safe', 'done', {result: id})
  return id
}

interface Staging {
  readonly site: Site
  readonly manifest: Manifest
  readonly pair: GenerationPair
  readonly shaper: StackShaper
  readonly tree: ReturnType<typeof treeOf>
}

/** Both halves side by side, with the services up; each is compared with the manifest before anything points at it. */
async function stage(ports: RestorePorts, scribe: Scribe, staging: Staging): Promise<void> {
  const {site, manifest, pair, shaper, tree} = staging
  if (scribe.operation.journal.entries.some(({step}) => step === 'staged')) return
  await together(
    (async () => {
      if (pair.database.from === pair.database.to) return
      const staged = await bringDatabase(shaper, site, manifest, pair.database.to as Generation)
      await checkDatabase(ports, scribe, site, staged, manifest)
    })(),
    (async () => {
      if (pair.files.from === pair.files.to) return
      await bringFiles(ports, scribe, site, tree, {manifest, generation: pair.files.to})
    })(),
  )
  await scribe.operation.journal.write('staged', 'done')
}

/** @throws RolledBackError PROOF_FAILED, with the app on the old pair again */
async function flipAndProve(scribe: Scribe, flipper: Flipper, pair: GenerationPair): Promise<void> {
  const {operation} = scribe
  try {
    if (!isDone(operation, 'flip')) {
      if (!isDone(operation, 'quiesced')) await flipper.quiesce()
      await flipper.flip(pair, 'to')
    }
    // Killed between the two: the function does not know yet.
    if (!isDone(operation, `activate-${pair.files.to}`)) await flipper.flip(pair, 'to')
    if (!isDone(operation, 'prove')) await flipper.release()
  } catch (error) {
    if (leavesOpen(error) || !isOurs(error)) throw error
    await goBack(scribe, flipper, pair)
    throw new RolledBackError(
      `The restored data did not come up, and the app is back on what it had: ${error.message}`,
      {
        code: 'PROOF_FAILED',
        cause: error,
        suggestions: [
          `Remove what was brought back: pi-aws ops abort ${operation.opId} --environment ${operation.environment}`,
          `Try again: pi-aws ops resume ${operation.opId} --environment ${operation.environment}`,
        ],
      },
    )
  }
}

/** Errors that tell of AWS: anything else is a fault of ours, and nothing should go on after it. */
function isOurs(error: unknown): error is Error {
  return (
    error instanceof Error && 'exitCode' in error && (error as {code?: string}).code?.startsWith('CREDENTIALS') !== true
  )
}

async function writeRecord({objects}: RestorePorts, {recordsBucket}: Site, record: RestoreRecord): Promise<void> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(record)}\n`)
  // Killed behind it, the record is there already; what it says does not depend on the run but for its time.
  await objects.putIfAbsent(recordsBucket, restoreKey(record.opId), bytes)
}

/** A restore of both halves that was compared and that users are served from is the best proof of a set there is. */
async function writeProof(
  {objects, clock}: RestorePorts,
  scribe: Scribe,
  {recordsBucket}: Site,
  {manifest, pair}: {readonly manifest: Manifest; readonly pair: GenerationPair},
): Promise<void> {
  if (pair.database.from === pair.database.to || pair.files.from === pair.files.to) return
  const {startedAt} = scribe.operation.journal.head
  const proof = await once(scribe, {step: 'proof', title: `Snapshot ${manifest.id}: proven`}, proofSchema, async () => {
    const now = clock.now()
    return {at: now.toISOString(), restoreMs: now.getTime() - Date.parse(startedAt)}
  })
  await objects.putIfAbsent(recordsBucket, proofKey(manifest.id as SnapshotId, proof), new Uint8Array())
}

/** Another generation is another instance on purpose: from now on it is the one that the environment is made of. */
export async function pin(ports: RestorePorts, {recordsBucket: bucket, caller, environment}: Site): Promise<void> {
  await pinIdentity(ports, {bucket, caller, landscape: await readLandscape(ports, environment)})
}
