import assert from 'node:assert/strict'
import {type Ended, must, type RunOptions} from './scenario.ts'
import type {World} from './world.ts'

type Flow = (world: World, options: RunOptions) => Promise<Ended<unknown>>

interface Matrix {
  /** A new world in the state before. */
  readonly start: () => World
  readonly killed: Flow
  /** What a person runs afterwards. */
  readonly then: Flow
  /** Judges the world that is left. */
  readonly judge: (world: World, again: Ended<unknown>) => void
}

/** How long the killed run is dead before somebody comes back (ms): at once, and when AWS has ended what it was at. */
const absence = {before: 0, after: 3_600_000} as const

/**
 * Kills a run before and after the effect of every call of AWS that it makes, each in a world of its own, and has
 * somebody run a flow again as another process.
 * @returns how often it killed
 */
export async function crashMatrix({start, killed, then, judge}: Matrix): Promise<number> {
  const undisturbed = await killed(start(), {})
  must(undisturbed)
  const {calls} = undisturbed.process
  const wrong: string[] = []
  for (const when of ['before', 'after'] as const) {
    for (let call = 1; call <= calls; call++) {
      const world = start()
      const first = await killed(world, {killAt: {call, when}})
      assert.ok(first.process.dead, `call ${call} was never made`)
      const at = world.log.at(-1)
      world.clock.pass(absence[when])
      try {
        judge(world, await then(world, {}))
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error)
        wrong.push(`killed ${when} call ${call}, last made ${at?.port ?? ''}.${at?.method ?? ''}: ${what}`)
      }
    }
  }
  assert.equal(
    wrong.length,
    0,
    `${wrong.length} of ${calls * 2} crashes do not heal:\n${wrong.slice(0, 3).join('\n\n')}`,
  )
  return calls * 2
}
