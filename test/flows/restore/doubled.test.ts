import assert from 'node:assert/strict'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {
  type Ended,
  must,
  runFinalize,
  runRestore,
  runSnapshot,
  runUndo,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

type Flow = (world: World, options: RunOptions) => Promise<Ended<unknown>>

const maxQuiesceMs = 4 * 3_600_000

async function damaged(): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world, {vaulted: true, maxQuiesceMs}))
  world.clock.pass(1000)
  for (const instance of world.state.instances.values()) instance.data = 'damaged rows'
  return world
}

async function restored(): Promise<World> {
  const world = await damaged()
  must(await runRestore(world, {safety: 'none'}))
  world.clock.pass(1000)
  return world
}

const commands: readonly (readonly [string, () => Promise<World>, Flow])[] = [
  ['a strict snapshot', inUse, (world, options) => runSnapshot(world, {maxQuiesceMs}, options)],
  ['a live snapshot', inUse, (world, options) => runSnapshot(world, {consistency: 'live'}, options)],
  ['a snapshot into the vault', inUse, (world, options) => runSnapshot(world, {vaulted: true, maxQuiesceMs}, options)],
  [
    'a restore out of the vault',
    damaged,
    (world, options) => runRestore(world, {vaulted: true, safety: 'strict'}, options),
  ],
  ['an undo', restored, (world, options) => runUndo(world, {}, options)],
  ['a finalization', restored, (world, options) => runFinalize(world, {}, options)],
]

describe('a call that comes to AWS twice, because its first answer was lost', function () {
  this.timeout(240_000)

  for (const [what, start, flow] of commands) {
    it(`makes no difference to ${what}, whichever call it is`, async () => {
      const begun = await start()
      const wanted = begun.copy()
      const {process} = await flow(wanted, {})
      const after = settled(wanted)
      assert.ok(process.calls > 50, `${process.calls} calls`)
      const wrong: string[] = []
      for (let call = 1; call <= process.calls; call++) {
        const world = begun.copy()
        let name = ''
        const ended = await flow(world, {
          twice(made) {
            if (made.number === call) name = made.name
            return made.number === call
          },
        })
        try {
          must(ended)
          assert.deepEqual(settled(world), after)
        } catch (error) {
          wrong.push(`call ${call}, ${name}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      assert.deepEqual(wrong, [])
    })
  }
})
