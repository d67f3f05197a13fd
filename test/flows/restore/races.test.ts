import assert from 'node:assert/strict'
import {chance} from '../../helpers/chance.ts'
import {newest} from '../../helpers/fake-aws/in-use.ts'
import {type Ended, must, runProof, runRestore, runSnapshot, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {seed} from '../../helpers/fake-aws/survival.ts'
import {records} from '../../helpers/fake-aws/traces.ts'
import {other, runCopy, runInto, two} from '../../helpers/fake-aws/two-environments.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const races = 100

type Contender = (world: World, options: RunOptions) => Promise<Ended<unknown>>

/** Commands that want the same lock, by the environment that it is of. */
const contenders: Readonly<Record<string, Readonly<Record<string, Contender>>>> = {
  demo: {
    snapshot: (world, options) => runSnapshot(world, {}, options),
    restore: (world, options) => runRestore(world, {safety: 'none'}, options),
    proof: (world, options) => runProof(world, {}, options),
    assets: (world, options) => runRestore(world, {safety: 'none', only: ['assets']}, options),
    configuration: (world, options) => runRestore(world, {safety: 'none', only: ['configuration']}, options),
  },
  [other]: {
    copy: runCopy,
    into: (world, options) => runInto(world, {}, options),
  },
}

/** Two that met: who came second is told so, before anything of his own has begun. */
function told({error, code, exitCode}: Ended<unknown>): string {
  if (error === undefined) return 'won'
  return code === 'LOCKED' || exitCode === 12 ? 'refused' : String(code)
}

describe('two operators at once', function () {
  this.timeout(600_000)

  it(`are one winner and one who is told who works, in ${races} races`, async () => {
    const start = await two()
    const met = new Map<string, number>()
    for (let race = 0; race < races; race++) {
      const random = chance(seed + race)
      const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
      const environment = race % 4 === 3 ? other : 'demo'
      const choice = Object.entries(contenders[environment] ?? {})
      const [[name, first], [rival, second]] = [one(choice), one(choice)]
      const world = start.copy()
      const at = 1 + Math.floor(random() * 60)
      let late: Promise<Ended<unknown>> | undefined
      const early = await first(world, {
        onCall({number}) {
          if (number === at) late = second(world, {pid: 900})
        },
      })
      const later = await late
      if (later === undefined) continue
      met.set(environment, (met.get(environment) ?? 0) + 1)
      const ends = [told(early), told(later)]
      const what = `seed ${seed + race}, ${rival} at call ${at} of ${name}: ${early.message}; ${later.message}`
      assert.ok(ends.includes('won') && ends.every((end) => end === 'won' || end === 'refused'), what)
      assert.deepEqual(records(world, 'locks/', environment), [], what)
      const {opId, state} = newest(world, undefined, environment)
      assert.equal(state, 'done', `${what}: ${opId} is ${state}`)
    }
    const count = [...met.values()].reduce((sum, value) => sum + value, 0)
    assert.ok(count > races * 0.9 && met.size === 2, JSON.stringify([...met]))
    must(await runSnapshot(start))
  })
})
