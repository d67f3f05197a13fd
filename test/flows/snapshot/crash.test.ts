import assert from 'node:assert/strict'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {afterDeath, inUse, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {must, runGc, runSnapshot, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** Whether the operation that was killed had written what it was: without that nothing of it was begun. */
function hasBegun(world: World): boolean {
  return JSON.stringify(settled(world)).includes('snapshots/')
}

describe('a snapshot killed at any call', function () {
  this.timeout(240_000)

  for (const [name, consistency, vaulted] of [
    ['strict', 'strict', false],
    ['live', 'live', false],
    ['strict, both halves in the vault', 'strict', true],
  ] as const) {
    const killed = (world: World, options: RunOptions) =>
      runSnapshot(world, {consistency, vaulted, maxQuiesceMs: 4 * 3_600_000}, options)

    it(`ends, resumed, as an undisturbed one (${name})`, async () => {
      const start = await inUse()
      const wanted = start.copy()
      must(await killed(wanted, {}))
      const [before, after] = [settled(start), settled(wanted)]
      const kills = await crashMatrix({
        start: () => start.copy(),
        killed,
        then: afterDeath('snapshot', runResume),
        judge(world, again) {
          must(again)
          assert.deepEqual(settled(world), hasBegun(world) ? after : before)
        },
      })
      assert.ok(kills > 150, `${kills} kills are fewer than a snapshot has calls`)
    })

    it(`leaves, aborted, what was there before (${name})`, async () => {
      const start = await inUse()
      const wanted = start.copy()
      must(await killed(wanted, {}))
      const [before, after] = [settled(start), settled(wanted)]
      await crashMatrix({
        start: () => start.copy(),
        killed,
        then: afterDeath('snapshot', async (world, opId) => {
          must(await runAbort(world, opId))
          // Contents may be shared between sets: those of one that was given up go by themselves.
          return runGc(world)
        }),
        judge(world, again) {
          must(again)
          const is = settled(world)
          // Killed behind the manifest the set is whole, and stays.
          const isWhole = JSON.stringify(is).includes('snapshots/manifests/')
          assert.deepEqual(is, isWhole ? after : before)
        },
      })
    })
  }
})
