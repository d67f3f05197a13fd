import assert from 'node:assert/strict'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {afterDeath, inUse, newest, runAbort, runResume} from '../../helpers/fake-aws/in-use.ts'
import {settled} from '../../helpers/fake-aws/settled.ts'
import {
  demo,
  must,
  runDestroy,
  runFlow,
  runGc,
  runProof,
  runSnapshot,
  type RunOptions,
} from '../../helpers/fake-aws/scenario.ts'
import {listSnapshots} from '../../../src/flows/snapshot/sets.ts'
import type {World} from '../../helpers/fake-aws/world.ts'

/** An environment with a set, on which people have worked on since. */
async function withSet(): Promise<World> {
  const world = await inUse()
  must(await runSnapshot(world))
  world.clock.pass(1000)
  for (const instance of world.state.instances.values()) instance.data = 'rows of today'
  return world
}

async function provenAt(world: World): Promise<string | null | undefined> {
  const listed = await runFlow(world, (ports) => listSnapshots({environment: demo, incomplete: false}, ports))
  return must(listed).snapshots[0]?.proven
}

/** What is left, without the mark of the proof. */
function withoutProof(world: World): unknown {
  const left = settled(world) as {objects: [string, [string, unknown][]][]}
  const objects = left.objects.map(([bucket, keys]) => [bucket, keys.filter(([key]) => key !== 'snapshots/proofs')])
  return {...left, objects}
}

function instances(world: World): readonly string[] {
  return [...world.state.instances.keys()]
}

describe('a set on trial', () => {
  it('is proven, listed as such with the time that it took, and leaves nothing', async () => {
    const world = await withSet()
    const before = withoutProof(world)
    assert.equal(await provenAt(world), null)
    const {good, proof} = must(await runProof(world))
    assert.equal(good, true)
    assert.equal(proof?.proven, true)
    assert.ok(proof.restoreMs >= Math.max(world.durations.create, world.durations.restore))
    assert.notEqual(await provenAt(world), null)
    assert.deepEqual(withoutProof(world), before)
    assert.deepEqual(
      [...world.state.instances.values()].map(({data}) => data),
      ['rows of today'],
    )
  })

  it('is not proven when its rows are not those of the manifest, and leaves nothing either', async () => {
    const world = await withSet()
    const before = settled(world)
    for (const [name, snapshot] of world.state.snapshots)
      world.state.snapshots.set(name, {...snapshot, canary: 'another'})
    const {good, proof} = must(await runProof(world))
    assert.deepEqual([good, proof?.proven], [false, false])
    assert.match(proof?.reason ?? '', /its canary is another/)
    assert.equal(await provenAt(world), null)
    assert.deepEqual(settled(world), before)
  })

  it('is not proven when CloudFormation cannot make its database', async () => {
    const world = await withSet()
    const before = settled(world)
    const ended = await runProof(
      world,
      {},
      {
        onCall({name, args}) {
          if (name !== 'stacks.createChangeSet') return
          const {stack} = args[0] as {readonly stack: string}
          if (stack.includes('-proof-')) world.fail(stack, 'create', {logicalId: 'Instance', reason: 'no capacity'})
        },
      },
    )
    const {proof} = must(ended)
    assert.equal(proof?.proven, false)
    assert.match(proof.reason, /no capacity/)
    assert.deepEqual(settled(world), before)
  })

  it('is not begun for a set that is not whole', async () => {
    const world = await withSet()
    world.state.snapshots.clear()
    const before = settled(world)
    const {good, proof} = must(await runProof(world))
    assert.deepEqual([good, proof], [false, undefined])
    assert.deepEqual(settled(world), before)
  })

  it('is refused before anything begins when the account has no instance left', async () => {
    const world = await withSet()
    world.quotas.instances = {used: 40, max: 40}
    const before = settled(world)
    const ended = await runProof(world)
    assert.deepEqual([ended.code, ended.exitCode], ['PREFLIGHT_REFUSED', 12])
    assert.deepEqual(settled(world), before)
  })
})

describe('a trial killed at any call', function () {
  this.timeout(600_000)
  const killed = (world: World, options: RunOptions) => runProof(world, {}, options)

  function hasBegun(world: World): boolean {
    return newest(world).opId.includes('-prove-')
  }

  it('ends, resumed, as an undisturbed one', async () => {
    const start = await withSet()
    const wanted = start.copy()
    must(await killed(wanted, {}))
    const [before, after] = [settled(start), settled(wanted)]
    const kills = await crashMatrix({
      start: () => start.copy(),
      killed,
      then: afterDeath('prove', runResume),
      judge(world, again) {
        must(again)
        assert.deepEqual(settled(world), hasBegun(world) ? after : before)
      },
    })
    assert.ok(kills > 100, `${kills} kills are fewer than a trial has calls`)
  })

  for (const way of ['aborted', 'left to the next collection'] as const) {
    it(`leaves, ${way}, what was there before`, async () => {
      const start = await withSet()
      const wanted = start.copy()
      must(await killed(wanted, {}))
      const [before, after] = [settled(start), settled(wanted)]
      await crashMatrix({
        start: () => start.copy(),
        killed,
        then: way === 'aborted' ? afterDeath('prove', runAbort) : (world) => runGc(world),
        judge(world, again) {
          must(again)
          const isProven = JSON.stringify(settled(world)).includes('snapshots/proofs')
          assert.deepEqual(settled(world), isProven ? after : before)
        },
      })
    })
  }

  it('does not keep the environment from being destroyed', async () => {
    const start = await withSet()
    const undisturbed = await runProof(start.copy())
    for (let call = 20; call < undisturbed.process.calls; call += 25) {
      const world = start.copy()
      await killed(world, {killAt: {call, when: 'after'}})
      world.clock.pass(3_600_000)
      must(await runDestroy(world, {confirm: 'demo'}))
      assert.deepEqual(instances(world), [], `killed after call ${call}`)
    }
  })
})
