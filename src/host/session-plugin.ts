import {spawn} from 'node:child_process'
import type {SessionPlugin} from '../flows/exec/ports.ts'
import {runChild} from './child.ts'

const program = 'session-manager-plugin'
/** The plugin reads the session from this variable when its first argument is the variable's name. */
const variable = 'AWS_SSM_START_SESSION_RESPONSE'

/** AWS's Session Manager plugin, as it is found on the PATH. */
export const sessionPlugin: SessionPlugin = {
  system: process.platform,
  async version() {
    const {code, lines} = await runChild({file: program, args: ['--version'], timeoutMs: 10_000})
    return code === 0 ? (lines.find((line) => line.trim() !== '')?.trim() ?? '') : undefined
  },
  join({grant, region, target, endpoint}) {
    const args = [variable, region, 'StartSession', '', JSON.stringify({Target: target}), endpoint]
    const child = spawn(program, args, {
      stdio: 'inherit',
      env: {...process.env, [variable]: JSON.stringify(grant)},
    })
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
}
