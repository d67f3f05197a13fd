import assert from 'node:assert/strict'
import {FailedError, type PiError} from '../../../src/domain/errors.ts'
import {chance} from '../../helpers/fake-aws/chance.ts'
import {afterDeath, inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {type Ended, must, runGc, runRestore, runSnapshot, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** How many runs of each; CI asks for more. */
const runs = Number(process.env['PI_AWS_FAULT_RUNS'] ?? 340)
/** Another one is another thousand runs. */
const seed = Number(process.env['PI_AWS_SEED'] ?? 20261122)

/** What ports throw when the SDK has given up. */
const faults: readonly (() => PiError)[] = [
  () => new FailedError('AWS kept refusing the call because there were too many', {code: 'THROTTLED'}),
  () => new FailedError('AWS answered InternalFailure', {code: 'AWS_INTERNAL_FAILURE'}),
  () => new FailedError('AWS cannot be reached: timeout', {code: 'NETWORK_UNREACHABLE'}),
  () => new FailedError('AWS answered ConditionalRequestConflict', {code: 'AWS_CONDITIONAL_REQUEST_CONFLICT'}),
]

/** How many calls in a thousand fail before their effect, and as many behind it: few get far, many try everything. */
const rates = [3, 8, 20]

function faulty(random: () => number, rate: number): Pick<RunOptions, 'onCall' | 'onAnswer'> {
  const maybe = (): void => {
    if (random() * 1000 < rate) throw faults[Math.floor(random() * faults.length)]?.() ?? new Error()
  }
  return {onCall: maybe, onAnswer: maybe}
}

type Flow = (world: World, options: RunOptions) => Promise<Ended<unknown>>

/** Runs a flow among faults, then goes on with it or gives it up, and compares with what was and what should be. */
async function survive(kind: string, start: World, flow: Flow): Promise<{failed: number}> {
  const wanted = start.copy()
  must(await flow(wanted, {}))
  const [before, after] = [settled(start), settled(wanted)]
  let failed = 0
  for (let run = 0; run < runs; run++) {
    const random = chance(seed + run)
    const world = start.copy()
    const ended = await flow(world, faulty(random, rates[run % rates.length] ?? 0))
    if (ended.error !== undefined) failed += 1
    world.clock.pass(300_000)
    const abort = run % 2 === 1
    const heal = afterDeath(kind, async (sick, opId) => {
      if (!abort) return runResume(sick, opId)
      must(await runAbort(sick, opId))
      return runGc(sick)
    })
    const {opId, state} = newest(world)
    const begun = opId.includes(`-${kind}-`)
    const healed = state === 'done' && begun ? ended : await heal(world)
    const what = `seed ${seed + run}: ${ended.message}`
    assert.equal(healed.error === undefined || state === 'done', true, `${what}; then ${healed.message}`)
    const isGivenUp = abort && begun && state !== 'done' && !wasWhole(world, kind)
    try {
      assert.deepEqual(settled(world), !begun || isGivenUp ? before : after)
    } catch (error) {
      throw new Error(what, {cause: error})
    }
  }
  return {failed}
}

/** A set that has its manifest stays when its operation is given up. */
function wasWhole(world: World, kind: string): boolean {
  return kind === 'snapshot' && JSON.stringify(settled(world)).includes('snapshots/manifests/')
}

describe(`${runs} runs each among faults, from seed ${seed}`, function () {
  this.timeout(600_000)

  for (const consistency of ['strict', 'live'] as const) {
    it(`a ${consistency} snapshot ends in a known state`, async () => {
      const flow: Flow = (world, options) => runSnapshot(world, {consistency, maxQuiesceMs: 4 * 3_600_000}, options)
      const {failed} = await survive('snapshot', await inUse(), flow)
      assert.ok(failed > runs / 4, `only ${failed} of ${runs} runs met a fault that they could not bear`)
    })
  }

  it('a restore ends in a known state', async () => {
    const start = await inUse()
    must(await runSnapshot(start))
    start.clock.pass(1000)
    for (const instance of start.state.instances.values()) instance.data = 'damaged rows'
    const flow: Flow = (world, options) => runRestore(world, {safety: 'none'}, options)
    const {failed} = await survive('restore', start, flow)
    assert.ok(failed > runs / 4, `only ${failed} of ${runs} runs met a fault that they could not bear`)
  })
})

describe('two operators at once', function () {
  this.timeout(240_000)

  it('are one winner and one who is told who works, in 100 races', async () => {
    const start = await inUse()
    must(await runSnapshot(start))
    start.clock.pass(1000)
    let met = 0
    for (let race = 0; race < 100; race++) {
      const random = chance(seed + race)
      const world = start.copy()
      const at = 1 + Math.floor(random() * 60)
      let second: Promise<Ended<unknown>> | undefined
      const other = (): Promise<Ended<unknown>> =>
        random() < 0.5 ? runSnapshot(world, {}, {pid: 900}) : runRestore(world, {safety: 'none'}, {pid: 900})
      const first = await runSnapshot(
        world,
        {},
        {
          onCall({number}) {
            if (number === at) second = other()
          },
        },
      )
      const later = await second
      if (later === undefined) continue
      met += 1
      const codes = [first, later].map(({error, code}) => (error === undefined ? 'won' : code)).sort()
      assert.ok(
        codes.includes('won') && codes.every((code) => code === 'won' || code === 'LOCKED'),
        `seed ${seed + race}, at call ${at}: ${codes.join(', ')}; ${first.message} ${later.message}`,
      )
    }
    assert.ok(met > 90)
  })
})
