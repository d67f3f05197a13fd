import * as z from 'zod'
import {FailedError, RolledBackError} from '../../domain/errors.ts'
import type {EnvironmentName, Generation, OpId} from '../../domain/names.ts'
import {trialStackName} from '../../domain/parts.ts'
import {proofKey, proofSchema} from '../../domain/snapshots/catalogue.ts'
import type {SnapshotId, SnapshotRef} from '../../domain/snapshots/id.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import {leavesOpen} from '../ledger/operation.ts'
import {once, resultOf, type Scribe} from '../ledger/once.ts'
import {beginOperation} from '../ledger/operation.ts'
import {requireReady} from '../preflight/gate.ts'
import type {Run} from '../run.ts'
import {treeOf} from '../snapshot/abort.ts'
import {removeKey} from '../snapshot/reap.ts'
import {findSet} from '../snapshot/sets.ts'
import {readSite, type Site, siteOf} from '../snapshot/site.ts'
import {type SnapshotVerifyResult, verifySnapshot} from '../snapshot/verify.ts'
import {together} from '../together.ts'
import {bringDatabase, checkDatabase} from './bring-database.ts'
import {bringTree} from './bring-files.ts'
import {restoreChecks} from './checks.ts'
import type {RestorePorts} from './options.ts'
import {StackShaper} from './shape-stack.ts'
import {removeTrial, strayTrials, writeTrial} from './trial.ts'

export interface ProveOptions {
  readonly environment: EnvironmentName
  /** The only account that the configuration allows; undefined where it names none. */
  readonly account: string | undefined
  readonly ref: SnapshotRef
  /** Also reads every object of the set. */
  readonly content: boolean
  readonly cloudFormationRoleArn: string | undefined
  /** Go on with this operation. */
  readonly resume: OpId | undefined
}

/** Why a set does not stand its trial; '' where it does. */
const verdictSchema = z.object({reason: z.string(), restoreMs: z.number()})
type Verdict = z.infer<typeof verdictSchema>

/**
 * Puts a set on trial: what it names is looked at, then both halves are brought back under throwaway names and compared
 * with the manifest, and removed again. Nothing that lives is touched, and nobody is stopped.
 * @returns the answers; a set that does not stand its trial is an answer too
 * @throws RefusedError PREFLIGHT_REFUSED, OPERATION_UNFINISHED; LockedError; as `findSet` and `siteOf`
 */
export async function proveSnapshot(
  options: ProveOptions,
  ports: RestorePorts,
  run: Run,
): Promise<SnapshotVerifyResult> {
  const {environment, content, resume} = options
  const verified = await verifySnapshot({environment, ref: options.ref, content}, ports)
  // What is not whole needs no trial; one that was begun has to be ended all the same.
  if (resume === undefined && !verified.good) return verified
  const seen = await siteOf(ports, environment, options.account)
  const {manifest} = await findSet(ports.objects, seen.recordsBucket, {kind: 'prefix', text: verified.id})
  if (resume === undefined) {
    const checks = await restoreChecks(ports, seen, manifest, {only: [], safety: 'none', vaulted: false})
    // A trial makes nothing that lasts: what was changed by hand on the living is not its business.
    const own = checks.filter(({name}) => name !== 'drift')
    requireReady(own, false, run.report)
  }
  const request = {
    kind: 'prove',
    environment,
    caller: seen.caller,
    bucket: seen.recordsBucket,
    options: {snapshot: manifest.id, content},
  } as const
  const operation = await beginOperation(ports, resume === undefined ? request : {...request, resume}, run)
  const scribe: Scribe = {operation, clock: ports.clock, run}
  try {
    const site = await readSite(ports, environment, seen.caller)
    const roleArn = options.cloudFormationRoleArn
    for (const stray of await strayTrials(ports, site, operation.opId))
      await removeTrial(ports, scribe, site, stray, roleArn)
    const trial = {opId: operation.opId, snapshot: manifest.id}
    await writeTrial(ports, site, trial)
    const verdict = await judge(ports, scribe, site, manifest, roleArn)
    await removeTrial(ports, scribe, site, trial, roleArn)
    const proven = verdict.reason === ''
    if (proven) await writeProof(ports, scribe, site, manifest, verdict)
    const result: SnapshotVerifyResult = {
      ...verified,
      good: verified.good && proven,
      proof: {opId: operation.opId, proven, restoreMs: verdict.restoreMs, reason: verdict.reason},
    }
    await operation.commit(result.proof)
    return result
  } catch (error) {
    throw await operation.end(error)
  }
}

/** Brings both halves back side by side, and says whether they are what the manifest says. */
async function judge(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  manifest: Manifest,
  roleArn: string | undefined,
): Promise<Verdict> {
  const {operation} = scribe
  const known = resultOf(operation, 'verdict', verdictSchema)
  if (known !== undefined) return known
  const shaper = new StackShaper(ports, scribe, roleArn)
  const tree = treeOf(ports, scribe, site)
  await tree.wake()
  let reason = ''
  try {
    const name = trialStackName(site.environment, operation.opId)
    await together(
      (async () => {
        const generation = manifest.database.generation as Generation
        const staged = await bringDatabase(shaper, site, manifest, generation, name)
        await checkDatabase(ports, scribe, site, staged, manifest)
      })(),
      bringTree(ports, scribe, site, tree, manifest),
    )
  } catch (error) {
    if (!tellsOfTheSet(error)) throw error
    reason = error.message
  }
  const begun = operation.journal.entries.find(({step}) => step === 'stage-database' || step === 'stage-files')
  const restoreMs = ports.clock.now().getTime() - Date.parse(begun?.at ?? operation.journal.head.startedAt)
  const verdict = {reason, restoreMs}
  await operation.journal.write('verdict', 'done', {result: verdict})
  return verdict
}

/** Errors that are an answer: the set did not come back, or not as what it was. Any other leaves the trial to be gone on with. */
function tellsOfTheSet(error: unknown): error is Error {
  if (leavesOpen(error)) return false
  if (error instanceof RolledBackError) return true
  return error instanceof FailedError && ['CHECK_FAILED', 'RESTORE_FAILED'].includes(error.code)
}

async function writeProof(
  {objects, clock}: RestorePorts,
  scribe: Scribe,
  {recordsBucket}: Site,
  {id}: Manifest,
  {restoreMs}: Verdict,
): Promise<void> {
  const proof = await once(scribe, {step: 'proof', title: `Snapshot ${id}: proven`}, proofSchema, async () => ({
    at: clock.now().toISOString(),
    restoreMs,
  }))
  await objects.putIfAbsent(recordsBucket, proofKey(id as SnapshotId, proof), new Uint8Array())
}

/**
 * Gives a trial up: everything that it brought goes, and the set is as proven as it was before.
 * @returns what was taken back, in words
 */
export async function abortProof(
  ports: RestorePorts,
  scribe: Scribe,
  site: Site,
  roleArn: string | undefined,
): Promise<readonly string[]> {
  const {operation} = scribe
  const {snapshot} = z.looseObject({snapshot: z.string()}).parse(operation.journal.head.options)
  const proof = resultOf(operation, 'proof', proofSchema)
  if (proof !== undefined) await removeKey(ports.objects, site.recordsBucket, proofKey(snapshot as SnapshotId, proof))
  return removeTrial(ports, scribe, site, {opId: operation.opId, snapshot}, roleArn)
}
