import {CancelledError, NotFoundError, RefusedError, UsageError} from '../../domain/errors.ts'
import type {EnvironmentName, Generation, OpId} from '../../domain/names.ts'
import {stackName} from '../../domain/parts.ts'
import {type RestoreRecord, reversed} from '../../domain/snapshots/pair.ts'
import {settledLandscape} from '../destroy/settled-landscape.ts'
import {isStanding} from '../landscape.ts'
import {beginOperation} from '../ledger/operation.ts'
import {isDone, type Scribe} from '../ledger/once.ts'
import type {Run} from '../run.ts'
import {treeOf} from '../snapshot/abort.ts'
import {readSite, type Site, siteOf} from '../snapshot/site.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'
import {requireBundle, takeAssetsBack} from './bring-assets.ts'
import {takeConfigurationBack} from './bring-configuration.ts'
import {Flipper} from './flip.ts'
import type {RestorePorts, UndoResult} from './options.ts'
import {endRestore, readRestore, readRestores} from './records.ts'
import {pin} from './run.ts'
import {StackShaper} from './shape-stack.ts'

export interface UndoOptions {
  readonly environment: EnvironmentName
  readonly account: string | undefined
  /** Which restore; the newest that stands when undefined. */
  readonly restore: string | undefined
  /** `--yes`. */
  readonly confirmed: boolean
  readonly cloudFormationRoleArn: string | undefined
  readonly resume: OpId | undefined
}

/**
 * Takes a committed restore back: the app is pointed at the pair of generations that it had before. What was restored
 * stays beside it until `finalize`.
 * @throws NotFoundError RESTORE_NOT_FOUND; RefusedError NOTHING_TO_UNDO, GENERATION_GONE; CancelledError
 */
export async function undoRestore(options: UndoOptions, ports: RestorePorts, run: Run): Promise<UndoResult> {
  const {environment, resume} = options
  if (resume !== undefined) await settledLandscape(ports, environment, run.pause, run.report)
  const seen = await siteOf(ports, environment, options.account)
  const record = await wanted(options, ports, seen)
  if (resume === undefined && !options.confirmed) {
    await confirm(options, ports, record)
    // Whoever is asked may take their time, and somebody else may have been quicker.
    await wanted({...options, restore: record.opId}, ports, await siteOf(ports, environment, options.account))
  }
  const operation = await beginOperation(
    ports,
    {
      kind: 'undo',
      environment,
      caller: seen.caller,
      bucket: seen.recordsBucket,
      options: {restore: record.opId},
      ...(resume === undefined ? {} : {resume}),
    },
    run,
  )
  const scribe: Scribe = {operation, clock: ports.clock, run}
  let isDown = false
  try {
    const site = await readSite(ports, environment, seen.caller)
    await forgetChangeSets(ports.stacks, site.landscape, operation.takenUp)
    const shaper = new StackShaper(ports, scribe, options.cloudFormationRoleArn)
    const tree = treeOf(ports, scribe, site)
    await tree.wake()
    if (record.assets !== undefined) await takeAssetsBack(ports, scribe, site, record.assets)
    else if (record.configuration !== undefined) await takeConfigurationBack(ports, site, shaper, record.configuration)
    else {
      const flipper = new Flipper(ports, scribe, site, shaper, tree)
      isDown = !isDone(operation, 'prove')
      if (!isDone(operation, 'quiesced')) await flipper.quiesce()
      if (!isDone(operation, 'flip') || !isDone(operation, `activate-${record.pair.files.from}`))
        await flipper.flip(record.pair, 'from')
      if (!isDone(operation, 'prove')) await flipper.release()
      isDown = false
      await flipper.settle(record.pair, 'from')
    }
    await endRestore(ports.objects, site.recordsBucket, record.opId, 'undone', operation.opId)
    await pin(ports, site)
    const result: UndoResult = {
      environment,
      opId: operation.opId,
      restore: record.opId,
      state: 'UNDONE',
      generations: reversed(record.pair),
    }
    await operation.commit(result)
    return result
  } catch (error) {
    throw await operation.end(error, isDown)
  }
}

async function wanted(options: UndoOptions, ports: RestorePorts, site: Site): Promise<RestoreRecord> {
  const restores = await readRestores(ports.objects, site.recordsBucket)
  const known = restores.find(({opId, state}) =>
    options.restore === undefined ? state === 'COMMITTED' : opId === options.restore,
  )
  if (known === undefined) {
    throw new NotFoundError(
      options.restore === undefined
        ? `No restore of ${options.environment} can be undone: none is committed and not undone or finalized.`
        : `Restore ${options.restore} not found.`,
      {code: 'RESTORE_NOT_FOUND', suggestions: [`pi-aws restore status ${options.environment}`]},
    )
  }
  const record = await readRestore(ports.objects, site.recordsBucket, known.opId)
  // What is resumed may have flipped already.
  if (options.resume !== undefined) return record
  const {database, files} = site.landscape.generations
  if (known.state !== 'COMMITTED' || database !== record.pair.database.to || files !== record.pair.files.to) {
    throw new RefusedError(
      `Restore ${known.opId} cannot be undone: it is ${known.state}, and the app runs on database ${database} and files ${files}. Nothing was changed.`,
      {code: 'NOTHING_TO_UNDO', suggestions: [`pi-aws restore status ${options.environment}`]},
    )
  }
  await (record.assets === undefined ? requireStanding(ports, site, record) : requireBundle(ports, site, record.assets))
  return record
}

/** @throws RefusedError GENERATION_GONE */
async function requireStanding(ports: RestorePorts, site: Site, {pair}: RestoreRecord): Promise<void> {
  const name = stackName(site.environment, 'database', pair.database.from as Generation)
  if (isStanding(await ports.stacks.describe(name))) return
  throw new RefusedError(
    `Database generation ${pair.database.from} does not stand any more: there is nothing to go back to.`,
    {
      code: 'GENERATION_GONE',
      suggestions: ['The safety snapshot that was taken before the restore: pi-aws snapshot list'],
    },
  )
}

async function confirm({environment}: UndoOptions, ports: RestorePorts, record: RestoreRecord): Promise<void> {
  const question = `Undo restore ${record.opId}: what was written since ${record.committedAt} is not in what comes back.`
  if (!ports.ask.possible) {
    throw new UsageError(`Confirmation missing: ${question} Nobody can be asked.`, {
      code: 'CONFIRMATION_MISSING',
      suggestions: [`pi-aws restore undo ${environment} --yes`],
    })
  }
  if (!(await ports.ask.confirm(question)))
    throw new CancelledError('Cancelled. Nothing was changed.', {code: 'CANCELLED'})
}
