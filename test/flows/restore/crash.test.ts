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

/** An environment with a set, its halves both in the vault or not, whose data were damaged afterwards. */
async function damaged(vaulted = false): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world, {vaulted, ...(vaulted ? {maxQuiesceMs: 4 * 3_600_000} : {})}))
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

/** How many whole sets there are. */
function sets(state: unknown): number {
  return JSON.stringify(state).split('"snapshots/manifests/"').length
}

/** What a set is for is said by whoever asked for it. */
function withoutNotes(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state).replaceAll(/"note":"[^"]*"/g, '"note":""'))
}

/** The restore that a kill left behind is given up, and what nothing refers to any more is removed. */
const abortedAndSwept = afterDeath('restore', async (world, opId) => {
  must(await runAbort(world, opId))
  return runGc(world)
})

describe('a restore killed at any call', function () {
  this.timeout(600_000)

  for (const [name, safety, vaulted] of [
    ['safety none', 'none', false],
    ['safety strict', 'strict', false],
    ['out of the vault', 'none', true],
  ] as const) {
    const killed = (world: World, options: RunOptions) => runRestore(world, {safety, vaulted}, options)

    it(`ends, resumed, as an undisturbed one (${name})`, async () => {
      const start = await damaged(vaulted)
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

  it('leaves, aborted, what was there before and the safety snapshot once it is whole', async () => {
    const start = await damaged()
    const killed = (world: World, options: RunOptions) => runRestore(world, {safety: 'strict'}, options)
    const saved = start.copy()
    must(await runSnapshot(saved, {note: 'of the present', tags: ['safety'], maxQuiesceMs: 4 * 3_600_000}))
    const [before, withSafety] = [settled(start), withoutNotes(settled(saved))]
    const {after} = await twice(start, killed)
    await crashMatrix({
      start: () => start.copy(),
      killed,
      then: abortedAndSwept,
      judge(world, again) {
        must(again)
        const is = settled(world)
        if (newest(world).opId.includes('-restore-')) assert.deepEqual(is, after)
        else if (sets(is) === sets(before)) assert.deepEqual(is, before)
        else assert.deepEqual(withoutNotes(is), withSafety)
      },
    })
  })

  for (const [name, vaulted] of [
    ['what was there before', false],
    ['what was there before, the halves in the vault among it', true],
  ] as const) {
    it(`leaves, aborted, ${name}`, async () => {
      const start = await damaged(vaulted)
      const killed = (world: World, options: RunOptions) => runRestore(world, {safety: 'none', vaulted}, options)
      const {before, after} = await twice(start, killed)
      await crashMatrix({
        start: () => start.copy(),
        killed,
        then: abortedAndSwept,
        judge(world, again) {
          must(again)
          const is = settled(world)
          const isDone = newest(world).opId.includes('-restore-')
          assert.deepEqual(is, isDone ? after : before)
        },
      })
    })
  }
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

describe('an undo killed at any call and given up', function () {
  this.timeout(600_000)

  it('leaves what was restored', async () => {
    const start = await damaged()
    must(await runRestore(start, {safety: 'none'}))
    start.clock.pass(1000)
    const killed = (world: World, options: RunOptions) => runUndo(world, {}, options)
    const wanted = start.copy()
    must(await killed(wanted, {}))
    const [before, after] = [settled(start), settled(wanted)]
    let undone = 0
    await crashMatrix({
      start: () => start.copy(),
      killed,
      then: afterDeath('undo', runAbort),
      judge(world, again) {
        must(again)
        const {opId, state} = newest(world)
        const isDone = opId.includes('-undo-') && state === 'done'
        if (isDone) undone += 1
        assert.deepEqual(settled(world), isDone ? after : before)
      },
    })
    assert.ok(undone > 0 && undone < 10, `${undone} were over before they were given up`)
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
