import type {EnvironmentName} from '../../../src/domain/names.ts'
import {restoreInto} from '../../../src/flows/restore/into.ts'
import type {RestoreOptions, RestoreResult} from '../../../src/flows/restore/options.ts'
import {copySnapshot, type SnapshotCopyOptions, type SnapshotCopyResult} from '../../../src/flows/snapshot/copy.ts'
import {FakeFolder} from './fake-assets.ts'
import {inUse} from './in-use.ts'
import {
  configured,
  demo,
  type Ended,
  must,
  restoreOptions,
  runDeploy,
  runFlow,
  type RunOptions,
  runSnapshot,
} from './scenario.ts'
import {runSideload, upload} from './sideloading.ts'
import type {World} from './world.ts'

/** The environment beside `demo`. */
export const other = 'other' as EnvironmentName

/** Two environments; the first has a set with assets. */
export async function two(): Promise<World> {
  const world = await inUse()
  must(await runDeploy(world, {environment: other, configuration: configured({}, 'other')}))
  await upload(world, new FakeFolder({'themes/a.css': 'red'}))
  must(await runSideload(world))
  world.clock.pass(1000)
  must(await runSnapshot(world))
  world.clock.pass(1000)
  world.log = []
  return world
}

export const copyOptions = {
  environment: demo,
  account: undefined,
  ref: {kind: 'latest'},
  target: {environment: other, account: undefined},
} as const

/** `snapshot copy` from the first environment into the other one. */
export function runCopy(
  world: World,
  options: RunOptions = {},
  more: Partial<SnapshotCopyOptions> = {},
): Promise<Ended<SnapshotCopyResult>> {
  return runFlow(
    world,
    (ports, run) => copySnapshot({...copyOptions, ...more}, {source: ports, target: ports}, run),
    options,
  )
}

/** `restore run --into` the other environment. */
export function runInto(
  world: World,
  more: Partial<RestoreOptions> = {},
  options: RunOptions = {},
): Promise<Ended<RestoreResult>> {
  const asked = {...restoreOptions({safety: 'none'}), environment: other, confirm: 'other', ...more}
  const from = {environment: demo, account: undefined}
  return runFlow(world, (ports, run) => restoreInto(from, asked, {source: ports, target: ports}, run), options)
}
