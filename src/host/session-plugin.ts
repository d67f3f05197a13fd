import {spawn} from 'node:child_process'
import {createInterface} from 'node:readline'
import type {JoinedSession, SessionPlugin} from '../flows/exec/ports.ts'
import {runChild} from './child.ts'

const program = 'session-manager-plugin'
/** The plugin reads the session from this variable when its first argument is the variable's name. */
const variable = 'AWS_SSM_START_SESSION_RESPONSE'
/** How long the plugin may take to end when it is asked to. */
const secondsToEnd = 5

/** AWS's Session Manager plugin, as it is found on the PATH. */
export const sessionPlugin: SessionPlugin = {
  system: process.platform,
  async version() {
    const {code, lines} = await runChild({file: program, args: ['--version'], timeoutMs: 10_000})
    return code === 0 ? (lines.find((line) => line.trim() !== '')?.trim() ?? '') : undefined
  },
  join(session) {
    const child = spawn(program, argumentsOf(session), {stdio: 'inherit', env: withGrant(session)})
    // Ctrl-C belongs to what runs in the container: the plugin passes it on, and we outlive it.
    const stay = (): void => undefined
    process.on('SIGINT', stay)
    return new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => {
        process.off('SIGINT', stay)
        resolve(code ?? 1)
      })
    })
  },
  async forward(session, {stop, onLine}) {
    const child = spawn(program, argumentsOf(session), {
      ...{stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true, env: withGrant(session)},
    })
    let patience: NodeJS.Timeout | undefined
    const end = (): void => {
      child.kill()
      patience = setTimeout(() => child.kill('SIGKILL'), secondsToEnd * 1000)
    }
    stop.addEventListener('abort', end, {once: true})
    // The streams may end after the process: its last words must have been heard when we say that it is over.
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({input: stream}).on('line', (line) => {
        if (line.trim() !== '') onLine(line.trim())
      })
    }
    try {
      return await new Promise<number>((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code) => {
          resolve(code ?? 1)
        })
      })
    } finally {
      clearTimeout(patience)
      stop.removeEventListener('abort', end)
    }
  },
}

function argumentsOf({region, request, endpoint}: JoinedSession): readonly string[] {
  return [variable, region, 'StartSession', '', JSON.stringify(request), endpoint]
}

function withGrant({grant}: JoinedSession): NodeJS.ProcessEnv {
  return {...process.env, [variable]: JSON.stringify(grant)}
}
