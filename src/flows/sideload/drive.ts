import {FailedError} from '../../domain/errors.ts'
import {
  addCounts,
  type FileResult,
  type KeyRange,
  resultKey,
  sliceId,
  type SliceResults,
  type SliceWork,
} from '../../domain/sideload.ts'
import {inLanes} from '../assets/lanes.ts'
import type {Meter} from '../assets/meter.ts'
import type {Operation} from '../ledger/operation.ts'
import type {Clock, Functions, Objects} from '../ports.ts'
import type {Run} from '../run.ts'
import {call, type Callee} from './call.ts'
import {readSlice, slicesOf} from './ledger.ts'
import {handedOverUntil, type SideloadPlan} from './plan.ts'
import type {SideloadPlace} from './place.ts'

/** How long a slice works (ms): so often progress is told, and so long Ctrl-C waits at most. The limit is 120 s. */
const sliceMs = 15_000
/** How long a slice works that nobody waits for (ms). */
export const longSliceMs = 120_000
/** Beside its work an invocation may have to make an execution environment and to mount (ms). */
const overheadMs = 90_000
/** How often the ledger is asked for results that are under way elsewhere (ms). */
const lookMs = 1000
/** Slices in a row that come no further, after which something is wrong that waiting does not mend. */
const mostStuck = 10

export interface DriveContext {
  readonly ports: {readonly functions: Functions; readonly objects: Objects; readonly clock: Clock}
  readonly run: Run
  readonly operation: Operation
  readonly place: SideloadPlace
  readonly plan: SideloadPlan
}

/** What one work is given besides. */
export interface Work {
  readonly work: SliceWork
  readonly ranges: readonly KeyRange[]
  /** Fields of the request that only this work has. */
  readonly more?: Readonly<Record<string, boolean>>
  /** Sizes of the files by path, and the meter that counts them. */
  readonly progress?: {readonly sizes: ReadonlyMap<string, number>; readonly meter: Meter}
}

export interface Driven {
  readonly counts: Readonly<Record<string, number>>
  readonly files: readonly FileResult[]
}

export function calleeOf({ports, place, operation}: Omit<DriveContext, 'plan'>): Callee {
  return {...ports, functionName: place.functionName, stop: operation.stop}
}

/** The request of a slice; asked twice it is answered from the ledger the second time. */
export function sliceRequest(
  {operation, plan}: Pick<DriveContext, 'operation' | 'plan'>,
  {work, ranges, more = {}}: Work,
  slice: {readonly id: string; readonly range: number; readonly cursor: string; readonly deadlineMs: number},
): {readonly operation: string; readonly [field: string]: unknown} {
  const {from = '', to = ''} = ranges[slice.range] ?? {}
  return {
    operation: work,
    generation: plan.generation,
    opId: operation.opId,
    sliceId: slice.id,
    manifest: {key: plan.key},
    cursor: slice.cursor,
    from,
    to,
    deadlineMs: slice.deadlineMs,
    ...more,
  }
}

/** Rounds of a work that ended with failures: what they left is done again, under new names. */
export function roundOf({journal}: Operation, work: SliceWork): number {
  return journal.entries.filter(({step, kind}) => step === work && kind === 'fail').length
}

/**
 * Takes every range to its end, several at a time, slice by slice. What earlier runs did is read from the ledger.
 * @throws FailedError what the function refuses, SIDELOAD_STUCK; PausedError, PendingError, LockedError between slices
 */
export async function drive(context: DriveContext, work: Work): Promise<Driven> {
  return new Drive(context, work).perform()
}

class Drive {
  readonly #context: DriveContext
  readonly #work: Work
  readonly #round: number
  readonly #known = new Set<string>()
  readonly #files: FileResult[][]
  #counts: Readonly<Record<string, number>> = {}
  #failed = false

  constructor(context: DriveContext, work: Work) {
    this.#context = context
    this.#work = work
    this.#round = roundOf(context.operation, work.work)
    this.#files = work.ranges.map(() => [])
  }

  async perform(): Promise<Driven> {
    const {ports, place, operation} = this.#context
    // Only what was begun before can have left something.
    if (operation.takenUp.some(({opId}) => opId === operation.opId)) {
      for (const {key} of await slicesOf(ports.objects, place.recordsBucket, operation.opId)) this.#known.add(key)
    }
    const {ranges} = this.#work
    await inLanes(ranges.keys(), ranges.length, async (range) => {
      try {
        await this.#range(range)
      } catch (error) {
        this.#failed = true
        throw error
      }
    })
    return {counts: this.#counts, files: this.#files.flat()}
  }

  async #range(range: number): Promise<void> {
    let stuck = 0
    for (let number = 1, cursor = ''; !this.#failed; number++) {
      this.#context.operation.checkpoint()
      const results = await this.#slice(range, number, cursor)
      this.#settle(range, results)
      if (results.cursor === undefined) return
      stuck = results.cursor === cursor ? stuck + 1 : 0
      if (stuck === mostStuck) {
        throw new FailedError(`The side-load comes no further: ${mostStuck} slices in a row ended where they began.`, {
          code: 'SIDELOAD_STUCK',
          suggestions: ['Read the log group of the side-load function'],
        })
      }
      cursor = results.cursor
    }
  }

  async #slice(range: number, number: number, cursor: string): Promise<SliceResults> {
    const {ports, place, operation} = this.#context
    const id = sliceId({work: this.#work.work, round: this.#round, range, number})
    const key = resultKey(operation.opId, id)
    const read = () => readSlice(ports.objects, place.recordsBucket, key)
    const known = this.#known.has(key) || number === 1 ? await this.#earlier(key, read) : undefined
    if (known !== undefined) return known
    const request = sliceRequest(this.#context, this.#work, {id, range, cursor, deadlineMs: sliceMs})
    await call(calleeOf(this.#context), request, sliceMs + overheadMs)
    const results = await read()
    if (results !== undefined) return results
    throw new FailedError(`The side-load function wrote no results to s3://${place.recordsBucket}/${key}.`, {
      code: 'RESULTS_MISSING',
    })
  }

  /** What is there of a slice, or comes while the function works on it alone. */
  async #earlier(key: string, read: () => Promise<SliceResults | undefined>): Promise<SliceResults | undefined> {
    const {ports, operation} = this.#context
    if (this.#known.has(key)) return read()
    const until = this.#round === 0 && this.#work.work === 'sideload' ? handedOverUntil(operation.journal) : 0
    while (ports.clock.now().getTime() < until) {
      const results = await read()
      if (results !== undefined) return results
      operation.checkpoint()
      await ports.clock.sleep(lookMs, operation.stop)
    }
    return undefined
  }

  #settle(range: number, {counts, files}: SliceResults): void {
    this.#counts = addCounts(this.#counts, counts)
    this.#files[range]?.push(...files)
    const {progress} = this.#work
    for (const file of files) {
      this.#context.run.report({type: 'file.result', ...file})
      const size = progress?.sizes.get(file.path)
      if (size === undefined) continue
      progress?.meter.bytes(size)
      progress?.meter.file()
    }
  }
}
