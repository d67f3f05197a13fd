import type {OpId} from '../../../src/domain/names.ts'
import type {SideloadOptions, SideloadResult} from '../../../src/flows/sideload/options.ts'
import {sideload} from '../../../src/flows/sideload/start.ts'
import {verify, type VerifyResult} from '../../../src/flows/sideload/verify.ts'
import {uploadAssets} from '../../../src/flows/assets/upload.ts'
import {FakeFolder} from './fake-assets.ts'
import {demo, type Ended, must, runDeploy, runFlow, type RunOptions} from './scenario.ts'
import {World} from './world.ts'

/** Side-loads as a process of its own. */
export function runSideload(
  world: World,
  more: Partial<SideloadOptions> = {},
  options: RunOptions = {},
): Promise<Ended<SideloadResult>> {
  const asked = {environment: demo, account: undefined, prune: false, wait: true, resume: undefined, ...more}
  return runFlow(world, (ports, run) => sideload(asked, ports, run), options)
}

export function runVerify(world: World, resume?: OpId, options: RunOptions = {}): Promise<Ended<VerifyResult>> {
  const asked = {environment: demo, account: undefined, thorough: true, resume}
  return runFlow(world, (ports, run) => verify(asked, ports, run), options)
}

/** Uploads a folder as a process of its own. */
export async function upload(world: World, folder: FakeFolder, prune = false): Promise<void> {
  must(
    await runFlow(world, (ports, run, process) =>
      uploadAssets(
        {
          ...{environment: demo, account: undefined, folder: '/assets', dryRun: false, resume: undefined},
          ...{categories: [], prune, checksum: false, followSymlinks: false},
        },
        {...ports, ...folder.ports(world, process)},
        run,
      ),
    ),
  )
}

export const someFiles = {
  'images/a b.svg': 'one',
  'locale/de.properties': 'two',
  'themes/x/theme.css': 'three',
  'themes/x/theme.json': 'four',
}

/** A deployed environment with a bundle that nobody has side-loaded. */
export async function uploaded(files: Readonly<Record<string, string>> = someFiles): Promise<{
  readonly world: World
  readonly folder: FakeFolder
}> {
  const world = new World()
  must(await runDeploy(world))
  const folder = new FakeFolder(files)
  await upload(world, folder)
  world.log = []
  return {world, folder}
}

/** What lies in the only file system. */
export function loadedIn(world: World): ReadonlyMap<string, string> {
  return [...world.state.fileSystems.values()][0]?.assets ?? new Map<string, string>()
}
