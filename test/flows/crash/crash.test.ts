import assert from 'node:assert/strict'
import {protectingPolicy} from '../../../src/domain/stack-policy.ts'
import {crashMatrix} from '../../helpers/fake-aws/crash-matrix.ts'
import {picture} from '../../helpers/fake-aws/picture.ts'
import {type Ended, must, runDeploy, runDestroy, type RunOptions} from '../../helpers/fake-aws/scenario.ts'
import {World} from '../../helpers/fake-aws/world.ts'

const deploying = (world: World, options: RunOptions) => runDeploy(world, {}, options)
const destroying = (world: World, options: RunOptions) => runDestroy(world, {}, options)
const removing = (world: World, options: RunOptions) =>
  runDestroy(world, {withData: true, confirmData: 'demo'}, options)

/** A deployed environment in which users have worked. */
async function inUse(): Promise<World> {
  const world = new World()
  must(await runDeploy(world))
  for (const instance of world.state.instances.values()) instance.data = 'rows of a customer'
  for (const {generations} of world.state.fileSystems.values()) generations.set(1, 'themes of a customer')
  return world
}

function sameAs(wanted: World): (world: World, again: Ended<unknown>) => void {
  const picked = picture(wanted)
  return (world, again) => {
    must(again)
    assert.deepEqual(picture(world), picked)
  }
}

describe('killed at any call', function () {
  // Some thousand runs; seconds on a quiet machine.
  this.timeout(240_000)

  let used: World
  let destroyed: World

  before(async () => {
    used = await inUse()
    destroyed = used.copy()
    must(await runDestroy(destroyed))
  })

  it('a first deploy ends, run again, as an undisturbed one', async () => {
    const wanted = new World()
    must(await runDeploy(wanted))
    const kills = await crashMatrix({
      start: () => new World(),
      killed: deploying,
      then: deploying,
      judge: sameAs(wanted),
    })
    assert.ok(kills > 300, `${kills} kills are fewer than a deploy has calls`)
  })

  it('a destroy ends, run again, as an undisturbed one', async () => {
    const kills = await crashMatrix({
      start: () => used.copy(),
      killed: destroying,
      then: destroying,
      judge: sameAs(destroyed),
    })
    assert.ok(kills > 200, `${kills} kills are fewer than a destroy has calls`)
  })

  it('a deploy after a destroy brings back the same data', async () => {
    const wanted = destroyed.copy()
    must(await runDeploy(wanted))
    assert.deepEqual(
      [...wanted.state.instances.values()].map(({data}) => data),
      ['rows of a customer'],
    )
    assert.deepEqual(
      [...wanted.state.fileSystems.values()].map(({generations}) => generations.get(1)),
      ['themes of a customer'],
    )
    await crashMatrix({start: () => destroyed.copy(), killed: deploying, then: deploying, judge: sameAs(wanted)})
  })

  it('a destroy is taken back whole by a deploy, with the data and every protection', async () => {
    await crashMatrix({
      start: () => used.copy(),
      killed: destroying,
      then: deploying,
      judge(world, again) {
        must(again)
        assert.deepEqual(wellBeing(world), wellBeing(used))
      },
    })
  })

  it('a removal of everything leaves nothing when it is run again', async () => {
    const wanted = used.copy()
    must(await removing(wanted, {}))
    const {buckets, secrets, instances, snapshots, fileSystems, vaults} = wanted.state
    for (const left of [buckets, secrets, instances, snapshots, fileSystems, vaults]) assert.equal(left.size, 0)
    const picked = picture(wanted)
    await crashMatrix({
      start: () => used.copy(),
      killed: removing,
      then: removing,
      judge(world, again) {
        // Killed behind the last effect: there is nothing left to remove.
        if (again.code !== 'NO_FOUNDATION') must(again)
        assert.deepEqual(picture(world), picked)
      },
    })
  })
})

/** What users notice and what guards their data, whichever generation of the database it is. */
function wellBeing(world: World): unknown {
  world.tick()
  const {state} = world
  const standing = state.stacks.filter(({status}) => status !== 'DELETE_COMPLETE')
  const app = standing.find(({name}) => name === 'pi-demo-app')
  const {Quiesced, DeletionProtection, DatabaseGeneration} = app?.goal?.parameters ?? {}
  const database = standing.find(({name}) => name === `pi-demo-database-${DatabaseGeneration ?? ''}`)
  return {
    parts: standing.map(({name}) => name.replace(/\d+$/, 'n')).sort(),
    unguarded: standing.filter(
      ({terminationProtection, policy}) => !terminationProtection || policy !== protectingPolicy,
    ).length,
    unexecuted: standing.flatMap(({changeSets}) => changeSets.filter(({executed}) => !executed)).length,
    app: {Quiesced, DeletionProtection},
    database: {guarded: database?.goal?.parameters['DeletionProtection'], active: database?.goal?.parameters['Active']},
    instances: [...state.instances.values()].map(({identifier: _, ...rest}) => rest),
    files: [...state.fileSystems.values()],
    functions: state.functions.size,
    services: [...state.services.values()],
    locks: [...state.buckets].flatMap(([, objects]) => [...objects.keys()].filter((key) => key.startsWith('locks/'))),
  }
}
