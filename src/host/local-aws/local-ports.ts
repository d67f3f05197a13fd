import type {LocalPorts} from '../../flows/local/ports.ts'
import {systemClock} from '../clock.ts'
import {thisMachine} from '../machine.ts'
import {packageFiles} from '../package-files.ts'
import {folders, localStateDir} from '../paths.ts'
import {PythonCache} from './python-environment.ts'
import {localServer} from './server.ts'
import {LocalFolder} from './state.ts'

/**
 * The embedded AWS of this machine, for its flows.
 * @param packageRoot folder of the package
 */
export function localPorts(packageRoot: string, env: NodeJS.ProcessEnv = process.env): LocalPorts {
  const folder = localStateDir(env)
  return {
    clock: systemClock,
    machine: thisMachine,
    packageFiles: packageFiles(packageRoot),
    state: new LocalFolder(folder, thisMachine, systemClock),
    server: localServer({packageRoot, env}),
    python: new PythonCache({cacheDir: folders(env).cache, packageRoot, env}),
  }
}
