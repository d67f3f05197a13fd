import assert from 'node:assert/strict'
import {FailedError, type PiError} from '../../../src/domain/errors.ts'
import {chance} from '../chance.ts'
import {newest, runAbort, runResume, runUnlock} from './in-use.ts'
import {demo, type Ended, must, runGc, type RunOptions} from './scenario.ts'
import {settled} from './settled.ts'
import type {World} from './world.ts'

/** Another one is another thousand runs. */
export const seed = Number(process.env['PI_AWS_SEED'] ?? 20261122)

/** What ports throw when the SDK has given up. */
const faults: readonly (() => PiError)[] = [
  () => new FailedError('AWS kept refusing the call because there were too many', {code: 'THROTTLED'}),
  () => new FailedError('AWS answered InternalFailure', {code: 'AWS_INTERNAL_FAILURE'}),
  () => new FailedError('AWS cannot be reached: timeout', {code: 'NETWORK_UNREACHABLE'}),
  () => new FailedError('AWS answered ConditionalRequestConflict', {code: 'AWS_CONDITIONAL_REQUEST_CONFLICT'}),
]

/** How many calls in a thousand fail before their effect, and as many behind it: few get far, many try everything. */
const rates = [3, 8, 20]

/** Faults for one run: calls that come to nothing, answers that are lost, and calls that come to AWS twice. */
export function faulty(random: () => number, rate: number): Pick<RunOptions, 'onCall' | 'onAnswer' | 'twice'> {
  const maybe = (): void => {
    if (random() * 1000 < rate) throw faults[Math.floor(random() * faults.length)]?.() ?? new RangeError()
  }
  return {onCall: maybe, onAnswer: maybe, twice: () => random() * 1000 < 2 * rate}
}

export type Flow = (world: World, options: RunOptions) => Promise<Ended<unknown>>

/** A command among faults. */
export interface Work {
  /** Of its operation, as its id has it. */
  readonly kind: string
  /** Whose ledger it writes into. */
  readonly environment?: typeof demo
  readonly start: World
  readonly flow: Flow
  /** Where its own command goes on with it, and a collection of garbage gives it up. */
  readonly byItself?: boolean
  readonly picture?: (world: World) => unknown
  /** Where it may also end as it began although it was gone on with. */
  readonly mayFail?: boolean
  /** What was whole already stays although the operation was given up. */
  readonly stays?: (world: World) => boolean
}

/**
 * Runs a command among faults as often as asked, then goes on with it or gives it up by turns, and compares what is
 * there with what was and with what should be.
 * @returns how many runs met a fault that they could not bear
 */
export async function survive(work: Work, runs: number): Promise<number> {
  const {kind, environment = demo, start, flow, picture = settled} = work
  const wanted = start.copy()
  must(await flow(wanted, {}))
  const [before, after] = [picture(start), picture(wanted)]
  let failed = 0
  for (let run = 0; run < runs; run++) {
    const world = start.copy()
    const ended = await flow(world, faulty(chance(seed + run), rates[run % rates.length] ?? 0))
    if (ended.error !== undefined) failed += 1
    world.clock.pass(300_000)
    const givesUp = run % 2 === 1
    const {opId, state} = newest(world, kind, environment)
    const isOver = opId !== '' && state === 'done'
    const healed = isOver ? ended : await heal(work, world, opId, givesUp)
    const what = `${kind}, seed ${seed + run}: ${ended.message}`
    assert.ok(healed.error === undefined || isOver, `${what}; then ${healed.message}`)
    const isBack = !isOver && (work.byItself === true ? givesUp : opId === '' || givesUp)
    const should =
      isBack && work.stays?.(world) !== true ? [before] : [after, ...(work.mayFail === true ? [before] : [])]
    const is = picture(world)
    if (!should.some((one) => isEqual(is, one))) {
      try {
        assert.deepEqual(is, should[0])
      } catch (error) {
        throw new Error(what, {cause: error})
      }
    }
  }
  return failed
}

async function heal(work: Work, world: World, opId: string, givesUp: boolean): Promise<Ended<unknown>> {
  const {environment = demo, flow} = work
  if (work.byItself === true) return givesUp ? runGc(world, {}, environment) : flow(world, {})
  if (opId === '') return runUnlock(world, environment)
  if (!givesUp) return runResume(world, opId, {}, environment)
  must(await runAbort(world, opId, {}, environment))
  return runGc(world, {}, environment)
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
