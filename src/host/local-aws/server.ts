import {execFile, spawn} from 'node:child_process'
import {closeSync, openSync} from 'node:fs'
import {readFile, rename} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {LocalServer, SpawnedServer, SpawnRequest} from '../../flows/local/ports.ts'
import {processExists} from '../machine.ts'
import {ask, freePort, isFree, loopback, tell} from './loopback.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface ServerSettings {
  readonly packageRoot: string
  readonly env: Environment
  /** What is run instead of `PYTHON -m pi_local_aws`. */
  readonly command?: (python: string) => readonly string[]
  readonly askTimeoutMs?: number
}

const usualCommand = (python: string): readonly string[] => [python, '-m', 'pi_local_aws']

/** The command line of a process; '' when it is gone, undefined where it cannot be asked. */
async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const asked = promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
  return asked.then(({stdout}) => stdout).catch(() => '')
}

/**
 * The environment of the server, and through it of functions and tasks: nothing of the operator's AWS set-up, no
 * other Python's modules, and no proxy between it and itself.
 */
export function serverEnvironment(env: Environment, packageRoot: string, node: string): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(AWS_|PYTHON)/.test(name))
  const direct = [env['NO_PROXY'] ?? env['no_proxy'], loopback, 'localhost'].filter(Boolean).join(',')
  return {
    ...Object.fromEntries(kept),
    NO_PROXY: direct,
    no_proxy: direct,
    PYTHONPATH: join(packageRoot, 'local-aws'),
    PYTHONNOUSERSITE: '1',
    PYTHONUNBUFFERED: '1',
    PI_AWS_NODE: node,
  }
}

function argumentsOf({port, stateDir, region, instanceId, pace}: SpawnRequest): string[] {
  const pairs = {port, 'state-dir': stateDir, region, 'instance-id': instanceId, pace}
  return Object.entries(pairs).flatMap(([name, value]) => [`--${name}`, String(value)])
}

async function start(settings: ServerSettings, request: SpawnRequest): Promise<SpawnedServer> {
  const logFile = join(request.stateDir, 'server.log')
  await rename(logFile, join(request.stateDir, 'server.previous.log')).catch(() => undefined)
  const log = openSync(logFile, 'a', 0o600)
  const [file = '', ...before] = (settings.command ?? usualCommand)(request.python)
  let how: string | undefined
  const child = spawn(file, [...before, ...argumentsOf(request)], {
    cwd: request.stateDir,
    env: serverEnvironment(settings.env, settings.packageRoot, process.execPath),
    // A session of its own: it outlives this command and does not hear the terminal's Ctrl-C.
    detached: true,
    stdio: ['ignore', log, log],
    windowsHide: true,
  })
  closeSync(log)
  child.on('error', (error) => (how ??= error.message))
  child.on('exit', (code, signal) => (how ??= signal === null ? `exit code ${code}` : `signal ${signal}`))
  child.unref()
  return {ended: () => how, kill: () => how === undefined && child.kill('SIGKILL')}
}

/** Processes and ports of the embedded AWS on this machine. */
export function localServer(settings: ServerSettings): LocalServer {
  return {
    ask: (port) => ask(port, settings.askTimeoutMs ?? 2000),
    async runs(pid, instanceId) {
      if (!processExists(pid)) return false
      const line = await commandLine(pid)
      return line === undefined || line.includes(instanceId)
    },
    isFree,
    freePort,
    spawn: (request) => start(settings, request),
    terminate(pid) {
      // One that has just ended by itself is what was wanted.
      if (processExists(pid)) process.kill(pid, 'SIGTERM')
    },
    setPace: (port, pace) => tell({port, method: 'POST', path: '/_pi/pace', body: {pace}, timeoutMs: 5000}),
    async reset(port) {
      await tell({port, method: 'POST', path: '/_ministack/reset', timeoutMs: 60_000})
      await tell({port, method: 'DELETE', path: '/_pi/faults', timeoutMs: 5000})
    },
  }
}
