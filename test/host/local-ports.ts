import {fileURLToPath} from 'node:url'
import type {LocalPorts, SpawnRequest} from '../../src/flows/local/ports.ts'
import {systemClock} from '../../src/host/clock.ts'
import {localServer} from '../../src/host/local-aws/server.ts'
import {LocalFolder} from '../../src/host/local-aws/state.ts'
import {thisMachine} from '../../src/host/machine.ts'

const script = fileURLToPath(new URL('fixtures/server.ts', import.meta.url))

/** The real adapters over a folder, with a script in the server's place and no Python. */
export function localPortsAt(
  dir: string,
  mode = 'good',
  env: NodeJS.ProcessEnv = process.env,
): {readonly ports: LocalPorts; readonly spawned: SpawnRequest[]; killAll(): void} {
  const spawned: SpawnRequest[] = []
  const kills: (() => void)[] = []
  const server = localServer({
    packageRoot: '/package',
    env,
    command: () => [process.execPath, script, mode],
    askTimeoutMs: 1000,
  })
  const never = () => Promise.reject(new TypeError('not used here'))
  const ports: LocalPorts = {
    clock: systemClock,
    machine: thisMachine,
    packageFiles: {version: '0.1.0'},
    state: new LocalFolder(dir, thisMachine, systemClock),
    server: {
      ...server,
      // The usual port may be in use on this machine; a test never touches it.
      isFree: async (port) => port !== 4566 && server.isFree(port),
      async spawn(request) {
        spawned.push(request)
        const child = await server.spawn(request)
        kills.push(child.kill)
        return child
      },
    },
    python: {ready: async () => 'python', plan: never, make: never, remove: async () => []},
  }
  return {ports, spawned, killAll: () => kills.splice(0).forEach((kill) => kill())}
}
