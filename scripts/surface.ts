import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Config, type Interfaces, Plugin} from '@oclif/core'

/**
 * The command line as its sources define it, without a build: the commands are read from src/commands.
 * @param root folder of the project
 */
export async function loadSurface(
  root: string,
): Promise<{readonly config: Config; readonly manifest: Interfaces.Manifest}> {
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Interfaces.PJSON
  pjson.oclif.commands = {strategy: 'pattern', target: './src/commands'}
  const options = {root, pjson, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true}
  const plugin = new Plugin({...options, respectNoCacheDefault: true})
  await plugin.load()
  const config = await Config.load(options)
  return {config, manifest: plugin.manifest}
}

/** The manifest as the package ships it: commands sorted, each in its place in dist/. */
export function shippedManifest(manifest: Interfaces.Manifest): Interfaces.Manifest {
  const commands = Object.entries(manifest.commands).map(([id, command]) => {
    const relativePath = command.relativePath?.map((name, index) =>
      index === 0 ? 'dist' : name.replace(/\.ts$/, '.js'),
    )
    return [id, {...command, ...(relativePath === undefined ? {} : {relativePath})}] as const
  })
  return {...manifest, commands: Object.fromEntries(commands.toSorted(([a], [b]) => (a < b ? -1 : 1)))}
}
