import assert from 'node:assert/strict'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {afterDeath, inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {
  must,
  runFinalize,
  runGc,
  runRestore,
  runSnapshot,
  runUndo,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** An environment with a set, whose data were damaged afterwards. */
async function damaged(): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world))
  world.clock.pass(1000)
  for (const instance of world.state.instances.values()) instance.data = 'damaged rows'
  for (const {generations} of world.state.fileSystems.values()) generations.set(1, 'damaged themes')
  return world
}

/** Whether the operation that was killed had written what it was. */
function hasBegun(world: World, kind: string): boolean {
  return newest(world).opId.includes(`-${kind}-`)
}

async function twice(start: World, run: (world: World, options: RunOptions) => ReturnType<typeof runRestore>) {
  const wanted = start.copy()
  must(await run(wanted, {}))
  return {before: settled(start), after: settled(wanted)}
}

describe('a restore killed at any call', function () {
  this.timeout(600_000)

  for (const safety of ['none', 'strict'] as const) {
    const killed = (world: World, options: RunOptions) => runRestore(world, {safety}, options)

    it(`ends, resumed, as an undisturbed one (safety ${safety})`, async () => {
      const start = await damaged()
      const {before, after} = await twice(start, killed)
      const kills = await crashMatrix({
        start: () => start.copy(),
        killed,
        then: afterDeath('restore', runResume),
        judge(world, again) {
          must(again)
          assert.deepEqual(settled(world), hasBegun(world, 'restore') ? after : before)
        },
      })
      assert.ok(kills > 200, `${kills} kills are fewer than a restore has calls`)
    })
  }

  it('leaves, aborted, what was there before', async () => {
    const start = await damaged()
    const killed = (world: World, options: RunOptions) => runRestore(world, {safety: 'none'}, options)
    const {before, after} = await twice(start, killed)
    await crashMatrix({
      start: () => start.copy(),
      killed,
      then: afterDeath('restore', async (world, opId) => {
        must(await runAbort(world, opId))
        return runGc(world)
      }),
      judge(world, again) {
        must(again)
        const is = settled(world)
        const isDone = newest(world).opId.includes('-restore-')
        assert.deepEqual(is, isDone ? after : before)
      },
    })
  })
})

describe('an undo killed at any call', function () {
  this.timeout(600_000)

  it('ends, resumed, as an undisturbed one', async () => {
    const start = await damaged()
    must(await runRestore(start, {safety: 'none'}))
    start.clock.pass(1000)
    const killed = (world: World, options: RunOptions) => runUndo(world, {}, options)
    const wanted = start.copy()
    must(await killed(wanted, {}))
    const [before, after] = [settled(start), settled(wanted)]
    await crashMatrix({
      start: () => start.copy(),
      killed,
      then: afterDeath('undo', runResume),
      judge(world, again) {
        must(again)
        assert.deepEqual(settled(world), hasBegun(world, 'undo') ? after : before)
      },
    })
  })
})

describe('a finalization killed at any call', function () {
  this.timeout(600_000)

  it('ends, resumed, as an undisturbed one', async () => {
    const start = await damaged()
    must(await runRestore(start, {safety: 'none'}))
    start.clock.pass(1000)
    const killed = (world: World, options: RunOptions) => runFinalize(world, {}, options)
    const wanted = start.copy()
    must(await killed(wanted, {}))
    const [before, after] = [settled(start), settled(wanted)]
    await crashMatrix({
      start: () => start.copy(),
      killed,
      then: afterDeath('finalize', runResume),
      judge(world, again) {
        must(again)
        assert.deepEqual(settled(world), hasBegun(world, 'finalize') ? after : before)
      },
    })
  })
})
