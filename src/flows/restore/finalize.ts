import {canonicalJson} from '../../domain/content.ts'
import {FailedError, RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName, Generation, OpId} from '../../domain/names.ts'
import {stackName} from '../../domain/parts.ts'
import type {RestoreRecord} from '../../domain/snapshots/pair.ts'
import {settledLandscape} from '../destroy/settled-landscape.ts'
import {changedMeanwhile, requireName} from '../confirm.ts'
import {beginOperation} from '../ledger/operation.ts'
import {once, type Scribe} from '../ledger/once.ts'
import * as z from 'zod'
import type {Run} from '../run.ts'
import {treeOf} from '../snapshot/abort.ts'
import {untilUsable} from '../snapshot/capture-database.ts'
import {readSite, type Site, siteOf} from '../snapshot/site.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {databaseGenerations, type Drop, dropDatabase, dropTrees, restoredFolders} from './back.ts'
import type {FinalizeResult, RestorePorts} from './options.ts'
import {endRestore, readRestore, readRestores} from './records.ts'
import {StackShaper} from './shape-stack.ts'

/** How old a restore has to be unless somebody says otherwise (ms): until then undo is a flip away. */
const leastAge = 24 * 3_600_000

export interface FinalizeOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Also when the restore is younger than a day. */
  readonly now: boolean
  readonly confirm: string | undefined
  readonly confirmed: boolean
  readonly cloudFormationRoleArn: string | undefined
  readonly resume: OpId | undefined
}

/**
 * Removes the generations that restores have left and that nothing runs on, the database's after a last snapshot of it.
 * From then on there is no way back but a snapshot.
 * @throws RefusedError NOTHING_TO_FINALIZE, TOO_YOUNG, CHANGED_MEANWHILE; UsageError for the confirmation; FailedError SNAPSHOT_FAILED
 */
export async function finalizeRestore(
  options: FinalizeOptions,
  ports: RestorePorts,
  run: Run,
): Promise<FinalizeResult> {
  const {environment, resume} = options
  if (resume !== undefined) await settledLandscape(ports, environment, run.pause, run.report)
  const seen = await siteOf(ports, environment, options.account)
  const known = await readRestores(ports.objects, seen.recordsBucket)
  const records = await openRestores(ports, seen, known)
  if (resume === undefined) {
    requireAge(options, ports, records)
    if (!options.confirmed) {
      await requireName(ports.ask, environment, options.confirm, {
        flag: '--confirm',
        question: `This removes what restores of ${environment} left beside the active generations; undo ends with it.`,
      })
      if (canonicalJson(await readRestores(ports.objects, seen.recordsBucket)) !== canonicalJson(known))
        throw changedMeanwhile(environment, 'Restores', `pi-aws restore status ${environment}`)
    }
  }
  const operation = await beginOperation(
    ports,
    {
      kind: 'finalize',
      environment,
      caller: seen.caller,
      bucket: seen.recordsBucket,
      options: {restores: records.map(({opId}) => opId)},
      ...(resume === undefined ? {} : {resume}),
    },
    run,
  )
  const scribe: Scribe = {operation, clock: ports.clock, run}
  try {
    const site = await readSite(ports, environment, seen.caller)
    await forgetChangeSets(ports.stacks, site.landscape, operation.takenUp)
    const tree = treeOf(ports, scribe, site)
    await tree.wake()
    const roleArn = options.cloudFormationRoleArn
    const drop: Drop = {site, tree, roleArn, shaper: new StackShaper(ports, scribe, roleArn)}
    const kept: string[] = []
    const removed: string[] = []
    for (const generation of idle(records, 'database', site.landscape.generations.database)) {
      const name = await lastSnapshot(ports, scribe, site, generation)
      if (name !== '') kept.push(name)
      removed.push(...(await dropDatabase(ports, scribe, drop, generation)))
    }
    const folders = await Promise.all(records.map(({snapshot}) => restoredFolders(tree, snapshot)))
    const trees = idle(records, 'files', site.landscape.generations.files).map((generation) => `gen/${generation}`)
    removed.push(...(await dropTrees(ports, scribe, drop, [...trees, ...new Set(folders.flat())])))
    for (const {opId} of records) await endRestore(ports.objects, site.recordsBucket, opId, 'finalized', operation.opId)
    const restores = records.map(({opId}) => opId)
    const result: FinalizeResult = {environment, opId: operation.opId, state: 'FINALIZED', restores, removed, kept}
    await operation.commit(result)
    return result
  } catch (error) {
    throw await operation.end(error)
  }
}

/** Restores that left something, whether they were undone or not. */
async function openRestores(
  ports: RestorePorts,
  site: Site,
  restores: Awaited<ReturnType<typeof readRestores>>,
): Promise<readonly RestoreRecord[]> {
  return Promise.all(
    restores
      .filter(({state}) => state !== 'FINALIZED')
      .map(({opId}) => readRestore(ports.objects, site.recordsBucket, opId)),
  )
}

function requireAge(
  {now, environment}: FinalizeOptions,
  {clock}: RestorePorts,
  records: readonly RestoreRecord[],
): void {
  const [newest] = records
  if (newest === undefined) {
    throw new RefusedError(`Nothing to finalize: no restore of ${environment} has left anything.`, {
      code: 'NOTHING_TO_FINALIZE',
    })
  }
  const age = clock.now().getTime() - Date.parse(newest.committedAt)
  if (now || age >= leastAge) return
  throw new RefusedError(
    `Restore ${newest.opId} is younger than a day: until then undo should stay possible. Nothing was changed.`,
    {code: 'TOO_YOUNG', suggestions: [`pi-aws restore finalize ${environment} --now --confirm ${environment}`]},
  )
}

/** Generations that restores went from or to and that are not active. */
function idle(records: readonly RestoreRecord[], half: 'database' | 'files', active: number): readonly number[] {
  const known = records.flatMap(({pair}) => [pair[half].from, pair[half].to])
  return [...new Set(known)].filter((generation) => generation !== active).sort((a, b) => a - b)
}

/** A named snapshot of a generation that goes. @returns its name, '' where the generation is gone already */
async function lastSnapshot(ports: RestorePorts, scribe: Scribe, site: Site, generation: number): Promise<string> {
  const title = `Database: last snapshot of generation ${generation}`
  return once(scribe, {step: `last-${generation}`, title, part: 'database'}, z.string(), async () => {
    if (!databaseGenerations(site).includes(generation)) return ''
    const stack = await ports.stacks.describe(stackName(site.environment, 'database', generation as Generation))
    const instance = stack?.outputs['DatabaseIdentifier']
    if (instance === undefined || (await ports.databases.instance(instance)) === undefined) return ''
    const name = `pi-${site.environment}-g${generation}-kept-${scribe.operation.opId.slice(0, 16).toLowerCase()}`
    await ports.databases.createSnapshot(instance, name, {'pi:environment': site.environment, 'pi:final': 'yes'})
    const snapshot = await untilUsable(ports, name, scribe.operation.stop)
    if (snapshot.instance === instance) return name
    throw new FailedError(`Database snapshot ${name} is of another instance.`, {code: 'SNAPSHOT_DIFFERS'})
  })
}
