import {UsageError} from '../domain/errors.ts'
import type {ExecResult} from '../flows/exec/options.ts'
import type {CommandOutput} from '../flows/exec/ports.ts'
import type {OpenedSession} from '../flows/exec/session.ts'
import {type OutputKind, schemaVersion} from './output.ts'
import {loadSessionPlugin} from './wire.ts'

/** @throws UsageError NO_TERMINAL, FLAGS_DO_NOT_FIT: a session is for a person */
export function requireTerminal(output: OutputKind, service: string): void {
  if (output !== 'text') {
    throw new UsageError('A session is for a person: it does not fit to JSON.', {
      code: 'FLAGS_DO_NOT_FIT',
      suggestions: [`pi-aws exec ${service} --json -- COMMAND`],
    })
  }
  if (process.stdin.isTTY && process.stdout.isTTY) return
  throw new UsageError('A session needs a terminal, and there is none.', {
    code: 'NO_TERMINAL',
    suggestions: [`pi-aws exec ${service} -- COMMAND`],
  })
}

/** What a command writes goes to stdout as it is; with JSON it is in the result. */
export function commandOutput(output: OutputKind): CommandOutput {
  return {
    write(lines) {
      for (const line of lines) {
        if (output === 'text') process.stdout.write(`${line}\n`)
        if (output === 'ndjson') process.stdout.write(`${JSON.stringify({type: 'output', line})}\n`)
      }
    },
  }
}

/** Prints the result of a command and resolves to its exit code. */
export function printCommand(output: OutputKind, result: ExecResult): number {
  if (result.mode === 'session') return 0
  const {output: lines, ...rest} = result
  if (output === 'json') process.stdout.write(`${JSON.stringify({schemaVersion, ...result}, null, 2)}\n`)
  if (output === 'ndjson')
    process.stdout.write(`${JSON.stringify({schemaVersion, type: 'result', ...rest, output: lines})}\n`)
  return result.exitCode
}

/** Gives this terminal to a session until it ends; resolves to the plugin's exit code. */
export async function joinSession({session, service, task, environment}: OpenedSession): Promise<number> {
  const sessionPlugin = await loadSessionPlugin()
  process.stderr.write(`Session in task ${task} of ${service} of ${environment}; it is recorded.\n`)
  return sessionPlugin.join(session)
}
