import {FakeFolder} from './fake-assets.ts'
import {inUse} from './in-use.ts'
import {configured, must, runDeploy, runSnapshot} from './scenario.ts'
import {settled} from './settled.ts'
import {loadedIn, runSideload, upload} from './sideloading.ts'
import type {World} from './world.ts'

const good = {'themes/a.css': 'red', 'images/logo.svg': 'round', 'images/old.svg': 'old'}
const bad = {'themes/a.css': 'broken', 'images/new.svg': 'new'}

/** An environment whose assets were replaced by others after a set. */
export async function replaced(): Promise<{
  world: World
  then: ReadonlyMap<string, string>
  now: ReadonlyMap<string, string>
}> {
  const world = await inUse()
  await upload(world, new FakeFolder(good))
  must(await runSideload(world))
  const then = new Map(loadedIn(world))
  world.clock.pass(1000)
  must(await runSnapshot(world))
  world.clock.pass(1000)
  await upload(world, new FakeFolder(bad), true)
  must(await runSideload(world, {prune: true}))
  world.clock.pass(1000)
  world.log = []
  return {world, then, now: new Map(loadedIn(world))}
}

/** An environment that was configured otherwise after a set. */
export async function changed(): Promise<World> {
  const world = await inUse()
  must(await runDeploy(world, {configuration: configured({services: {dashboard: {environment: {PI_A: '1'}}}})}))
  world.clock.pass(1000)
  must(await runSnapshot(world))
  world.clock.pass(1000)
  const other = {
    images: {tag: '2026_99'},
    database: {class: 'db.t4g.large'},
    network: {nat: 'per-zone'},
    services: {dashboard: {environment: {PI_A: '2'}}},
  }
  must(await runDeploy(world, {configuration: configured(other)}))
  world.clock.pass(1000)
  world.log = []
  return world
}

/** What lasts; of assets what the bundle names and what was loaded, whatever versions lie beside them in the bucket. */
export function lasting(world: World): unknown {
  const picture = settled(world) as {objects: [string, [string, unknown][]][]}
  const objects = picture.objects.map(([bucket, rows]) => [
    bucket,
    rows
      .filter(([key]) => !key.startsWith('assets/'))
      .map(([key, text]) => [key, JSON.stringify(text).replaceAll(/etag\W+\w+-\d+/g, 'etag')]),
  ])
  return {...picture, objects}
}
