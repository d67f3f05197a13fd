import {homedir} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import envPaths from 'env-paths'

/** Where pi-aws keeps what belongs to the machine; absolute paths, nothing is made. */
export interface Folders {
  /** What must not be lost: $PI_AWS_HOME, else the state folder of the platform. */
  readonly state: string
  /** What can be made again: $PI_AWS_CACHE, else the cache folder of the platform. */
  readonly cache: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** An XDG base folder; the specification has relative values ignored. */
function xdg(env: Environment, variable: string, fallback: readonly string[]): string {
  const value = env[variable]
  return value !== undefined && isAbsolute(value) ? value : join(env['HOME'] || homedir(), ...fallback)
}

function platformFolders(env: Environment, platform: NodeJS.Platform): Folders {
  if (platform === 'darwin' || platform === 'win32') {
    const {data, cache} = envPaths('pi-aws', {suffix: ''})
    return {state: data, cache}
  }
  return {
    state: join(xdg(env, 'XDG_STATE_HOME', ['.local', 'state']), 'pi-aws'),
    cache: join(xdg(env, 'XDG_CACHE_HOME', ['.cache']), 'pi-aws'),
  }
}

/** The folders of pi-aws for these environment variables. */
export function folders(env: Environment = process.env, platform: NodeJS.Platform = process.platform): Folders {
  const usual = platformFolders(env, platform)
  return {
    state: resolve(env['PI_AWS_HOME'] || usual.state),
    cache: resolve(env['PI_AWS_CACHE'] || usual.cache),
  }
}

/** The folder of the embedded AWS: its records, objects, file systems and log. */
export function localStateDir(env: Environment = process.env): string {
  return join(folders(env).state, 'local')
}
