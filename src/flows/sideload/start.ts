import {bytesOf, type BundleEntry} from '../../domain/assets/bundle.ts'
import {FailedError, PendingError} from '../../domain/errors.ts'
import {type FileResult, type KeyRange, sliceId} from '../../domain/sideload.ts'
import {readLatest} from '../assets/latest.ts'
import {Meter} from '../assets/meter.ts'
import {beginOperation} from '../ledger/operation.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import {wake} from './call.ts'
import {calleeOf, drive, type DriveContext, type Driven, longSliceMs, sliceRequest} from './drive.ts'
import type {SideloadOptions, SideloadPorts, SideloadResult} from './options.ts'
import {sideloadPlace} from './place.ts'
import {noBundle, settlePlan, type SideloadPlan} from './plan.ts'

/** Pruning follows two lists at once and is not cut: it reads no bodies. */
const wholeRange: readonly KeyRange[] = [{from: '', to: ''}]
/** Failures that a message names; `sideload status` has all. */
const shown = 3

/** Some files were not loaded; all others were. */
export class IncompleteError extends FailedError {
  readonly driven: Driven

  constructor(driven: Driven, again: string) {
    const failed = driven.files.filter(({result}) => result === 'failed')
    const more = failed.length > shown ? `; and ${failed.length - shown} more` : ''
    super(
      `${failed.length} of ${driven.files.length} files failed: ${failed.slice(0, shown).map(named).join('; ')}${more}.`,
      {
        code: 'FILES_INCOMPLETE',
        suggestions: [again],
      },
    )
    this.driven = driven
  }
}

function named({path, reason = 'no reason given'}: FileResult): string {
  return `${JSON.stringify(path)}: ${reason}`
}

/**
 * Brings the active generation to what the newest bundle says: slices of the function, several ranges side by side,
 * each journaled by its results. A file that fails is named and the others go on. Whatever ends it, the next run goes
 * on from there.
 * @returns with state `failed` where files failed, `running` where nobody waits
 * @throws RefusedError NO_FOUNDATION, NO_FUNCTION, WRONG_ACCOUNT; NotFoundError NO_BUNDLE, FUNCTION_NOT_FOUND; LockedError;
 * PausedError; PendingError; FailedError
 */
export async function sideload(options: SideloadOptions, ports: SideloadPorts, run: Run): Promise<SideloadResult> {
  const {environment, account, prune, resume} = options
  const place = await sideloadPlace(environment, account, ports)
  if (resume === undefined && (await readLatest(ports.objects, place)) === undefined) throw noBundle(environment)
  const operation = await beginOperation(
    ports,
    {
      kind: 'sideload',
      environment,
      caller: place.caller,
      bucket: place.recordsBucket,
      options: {prune},
      ...(resume === undefined ? {} : {resume}),
    },
    run,
  )
  let plan: SideloadPlan | undefined
  const resultOf = (state: SideloadResult['state'], {counts, files}: Driven): SideloadResult => ({
    environment,
    opId: operation.opId,
    state,
    bundle: plan?.bundle ?? '',
    generation: plan?.generation ?? 0,
    ...countsOf(counts),
    files,
  })
  try {
    await reported(
      {clock: ports.clock, report: run.report},
      {step: 'wake', title: 'Wake the side-load function'},
      async () => {
        await wake(calleeOf({ports, run, operation, place}), (reason) => run.report({type: 'note', message: reason}))
        return {value: undefined, outcome: 'done'}
      },
    )
    const settled = await settlePlan(ports, place, operation)
    plan = settled.plan
    const context: DriveContext = {ports, run, operation, place, plan}
    if (!options.wait) {
      await handOver(context)
      const pending = new PendingError('The first slices were handed over to the function.', {code: 'NOT_WAITED'})
      await operation.end(pending)
      return resultOf('running', {counts: {}, files: []})
    }
    const first = await load(context, settled.entries, prune ? 'blocked' : undefined)
    const pruned = prune ? await remove(context) : undefined
    const loaded = first === 'blocked' ? await load(context, settled.entries) : first
    const {files: _files, ...result} = resultOf('done', joined(loaded, pruned))
    await operation.commit(result)
    return {...result, files: joined(loaded, pruned).files}
  } catch (error) {
    const ended = await operation.end(error)
    if (ended instanceof IncompleteError) return resultOf('failed', ended.driven)
    throw ended
  }
}

/**
 * Brings what the bundle names.
 * @param otherwise the answer where nothing failed but for what stands where something of another kind belongs, which pruning
 * may end; without it that is a failure as any other
 */
async function load<T extends 'blocked' = never>(
  context: DriveContext,
  entries: readonly BundleEntry[],
  otherwise?: T,
): Promise<Driven | T> {
  const {ports, run, operation, plan} = context
  return reported<Driven | T>(
    {clock: ports.clock, report: run.report},
    {step: 'sideload', title: 'Side-load'},
    async () => {
      const files = entries.filter(({kind}) => kind === 'file')
      const sizes = new Map(files.map(({path, size}) => [path, size]))
      const meter = new Meter(ports.clock, run.report, {files: files.length, bytes: bytesOf(files)})
      const work = {work: 'sideload', ranges: plan.ranges, progress: {sizes, meter}} as const
      try {
        const value = await operation.record('sideload', () => complete(context, drive(context, work)), summary)
        const {copied, skipped} = countsOf(value.counts)
        return {value, outcome: copied === 0 ? 'unchanged' : 'done', detail: `${copied} copied, ${skipped} skipped`}
      } catch (error) {
        if (otherwise === undefined || !(error instanceof IncompleteError) || !isBlocked(error.driven)) throw error
        const {failed} = countsOf(error.driven.counts)
        return {
          value: otherwise,
          outcome: 'done',
          detail: `${failed} wait until what stands in their places is removed`,
        }
      }
    },
  )
}

async function remove(context: DriveContext): Promise<Driven> {
  const {ports, run, operation} = context
  const step = {step: 'prune', title: 'Remove what the bundle no longer names'}
  return reported({clock: ports.clock, report: run.report}, step, async () => {
    const work = {work: 'prune', ranges: wholeRange, more: {dryRun: false}} as const
    const value = await operation.record('prune', () => complete(context, drive(context, work)), summary)
    const {removed} = countsOf(value.counts)
    return {value, outcome: removed === 0 ? 'unchanged' : 'done', detail: `${removed} removed`}
  })
}

/** Whether all that failed did so for what stands where something of another kind belongs. */
function isBlocked({counts}: Driven): boolean {
  return counts['inTheWay'] === counts['failed']
}

/** The names that results are counted under, whichever of them a work knows. */
export function countsOf(
  counts: Readonly<Record<string, number>>,
): Pick<SideloadResult, 'copied' | 'skipped' | 'removed' | 'failed' | 'bytes'> {
  const {copied = 0, skipped = 0, removed = 0, failed = 0, bytes = 0} = counts
  return {copied, skipped, removed, failed, bytes}
}

/** Bytes of what was removed are no bytes that were written. */
function joined(loaded: Driven, pruned: Driven | undefined): Driven {
  if (pruned === undefined) return loaded
  const {removed = 0, failed = 0} = pruned.counts
  return {
    counts: {...loaded.counts, removed: removed + (loaded.counts['removed'] ?? 0), failed},
    files: [...loaded.files, ...pruned.files],
  }
}

function summary({counts}: Driven): unknown {
  return counts
}

/** @throws IncompleteError when a file failed */
async function complete({operation}: DriveContext, driving: Promise<Driven>): Promise<Driven> {
  const driven = await driving
  if ((driven.counts['failed'] ?? 0) === 0) return driven
  throw new IncompleteError(
    driven,
    `Mend the cause, then: pi-aws ops resume ${operation.opId} --environment ${operation.environment}`,
  )
}

/** Has the function begin every range by itself; how long that takes at most is journaled for whoever goes on. */
async function handOver(context: DriveContext): Promise<void> {
  const {ports, operation, place, plan} = context
  const work = {work: 'sideload', ranges: plan.ranges} as const
  const until = new Date(ports.clock.now().getTime() + longSliceMs + 30_000).toISOString()
  await operation.journal.write('handed-over', 'done', {result: {until}})
  for (const range of plan.ranges.keys()) {
    const id = sliceId({work: 'sideload', round: 0, range, number: 1})
    const request = sliceRequest(context, work, {id, range, cursor: '', deadlineMs: longSliceMs})
    await ports.functions.begin(place.functionName, request)
  }
}
