import assert from 'node:assert/strict'
import {changed, lasting, replaced} from '../../helpers/fake-aws/after-a-set.ts'
import {inUse} from '../../helpers/fake-aws/in-use.ts'
import {must, runProof, runRestore, runSnapshot} from '../../helpers/fake-aws/scenario.ts'
import {seed, survive, type Work} from '../../helpers/fake-aws/survival.ts'
import {records} from '../../helpers/fake-aws/traces.ts'
import {other, runCopy, runInto, two} from '../../helpers/fake-aws/two-environments.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** Runs in all; those of a command are a share of them. */
const all = Number(process.env['PI_AWS_FAULT_RUNS'] ?? 1050)

const hasSet = (world: World, environment?: string): boolean =>
  records(world, 'snapshots/manifests/', environment).length > 0

/** An environment with a set, whose rows were damaged afterwards. */
async function damaged(): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world))
  world.clock.pass(1000)
  for (const instance of world.state.instances.values()) instance.data = 'damaged rows'
  return world
}

const snapshot = (consistency: 'strict' | 'live') => async (): Promise<Work> => ({
  kind: 'snapshot',
  start: await inUse(),
  flow: (world, options) => runSnapshot(world, {consistency, maxQuiesceMs: 4 * 3_600_000}, options),
  stays: hasSet,
})

/** Every command that makes, tries or brings back a set, and its share of the runs. */
const works: readonly (readonly [string, number, () => Promise<Work>])[] = [
  ['a strict snapshot', 0.19, snapshot('strict')],
  ['a live snapshot', 0.19, snapshot('live')],
  [
    'a restore',
    0.2,
    async () => ({
      kind: 'restore',
      start: await damaged(),
      flow: (world, options) => runRestore(world, {safety: 'none'}, options),
    }),
  ],
  [
    'a restore on trial',
    0.14,
    async () => ({
      kind: 'prove',
      start: await damaged(),
      flow: (world, options) => runProof(world, {}, options),
      // What fails on trial is an answer too: the set is not proven, and nothing of the trial is left.
      mayFail: true,
    }),
  ],
  [
    'a restore of assets alone',
    0.08,
    async () => ({
      kind: 'restore',
      start: (await replaced()).world,
      flow: (world, options) => runRestore(world, {only: ['assets'], safety: 'none'}, options),
      picture: lasting,
    }),
  ],
  [
    'a restore of the configuration alone',
    0.08,
    async () => ({
      kind: 'restore',
      start: await changed(),
      flow: (world, options) => runRestore(world, {only: ['configuration'], safety: 'none'}, options),
      picture: lasting,
    }),
  ],
  [
    'a copy into another environment',
    0.06,
    async () => ({
      kind: 'copy',
      environment: other,
      start: await two(),
      flow: runCopy,
      byItself: true,
      stays: (world) => hasSet(world, other),
    }),
  ],
  [
    'a restore of a copy',
    0.06,
    async () => {
      const start = await two()
      must(await runCopy(start))
      start.clock.pass(1000)
      return {kind: 'restore', environment: other, start, flow: (world, options) => runInto(world, {}, options)}
    },
  ],
]

describe(`${all} runs among faults, from seed ${seed}`, function () {
  this.timeout(600_000)
  let made = 0

  for (const [what, share, work] of works) {
    it(`${what} ends in a known state`, async () => {
      const runs = Math.ceil(all * share)
      const failed = await survive(await work(), runs)
      made += runs
      assert.ok(failed > runs / 4, `only ${failed} of ${runs} runs met a fault that they could not bear`)
    })
  }

  it('were as many as were asked for', () => {
    assert.ok(made >= all, `${made} runs of ${all}`)
  })
})
