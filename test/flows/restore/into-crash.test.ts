import assert from 'node:assert/strict'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {newest, runAbort, runResume, runUnlock} from '../../helpers/fake-aws/in-use.ts'
import {must, runGc, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {records} from '../../helpers/fake-aws/traces.ts'
import {other, runCopy, runInto, two} from '../../helpers/fake-aws/two-environments.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

const killed = (world: World, options: RunOptions) => runInto(world, {}, options)

/** What a run of it can leave behind: nothing, the copy alone, or the data of the set in the other environment. */
async function stations() {
  const start = await two()
  const [copied, restored] = [start.copy(), start.copy()]
  must(await runCopy(copied))
  const {process} = await killed(restored, {})
  return {start, calls: process.calls, before: settled(start), copy: settled(copied), after: settled(restored)}
}

/** The restore of the other environment: '' where the run died before it. */
const restoreOf = (world: World) => newest(world, 'restore', other)
const hasCopy = (world: World): boolean => records(world, 'snapshots/manifests/', other).length > 0

describe('restore run --into killed at any call', function () {
  this.timeout(600_000)

  it('ends, resumed or run again, as an undisturbed one', async () => {
    const {start, after, calls} = await stations()
    const died = {copying: 0, restoring: 0, over: 0}
    const kills = await crashMatrix({
      start: () => start.copy(),
      killed,
      async then(world) {
        const {opId, state} = restoreOf(world)
        died[opId === '' ? 'copying' : state === 'done' ? 'over' : 'restoring'] += 1
        if (opId === '') return runInto(world)
        return state === 'done' ? runUnlock(world, other) : runResume(world, opId, {}, other)
      },
      judge(world, again) {
        must(again)
        assert.deepEqual(settled(world), after)
      },
    })
    assert.equal(kills, calls * 2)
    assert.ok(died.copying > 60 && died.restoring > 200 && died.over > 0, JSON.stringify(died))
  })

  it('leaves, given up, what was there before, and a copy that was whole', async () => {
    const {start, before, copy, after} = await stations()
    await crashMatrix({
      start: () => start.copy(),
      killed,
      async then(world) {
        const {opId, state} = restoreOf(world)
        if (state === 'done' && opId !== '') return runUnlock(world, other)
        // A copy job of AWS Backup cannot be stopped: what it brings is collected once it is there.
        world.clock.pass(300_000)
        if (opId !== '') must(await runAbort(world, opId, {}, other))
        return runGc(world, {}, other)
      },
      judge(world, again) {
        must(again)
        const done = restoreOf(world).state === 'done' && restoreOf(world).opId !== ''
        assert.deepEqual(settled(world), done ? after : hasCopy(world) ? copy : before)
      },
    })
  })
})
