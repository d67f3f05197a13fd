import {spawn} from 'node:child_process'
import {createInterface} from 'node:readline'

export interface ChildRequest {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Ends the process; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void
}

export interface ChildResult {
  /** 0 is success; undefined when it could not be started or was ended by a signal. */
  readonly code: number | undefined
  /** stdout and stderr, in the order they came. */
  readonly lines: readonly string[]
}

/** Runs a short program to its end without a shell. Rejects only because of the signal. */
export async function runChild({file, args, env, signal, timeoutMs, onLine}: ChildRequest): Promise<ChildResult> {
  signal?.throwIfAborted()
  const ends = [
    ...(signal === undefined ? [] : [signal]),
    ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)]),
  ]
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    ...(env === undefined ? {} : {env}),
    // Not spawn's own `timeout`: its timer outlives a program that could not be started, and keeps Node waiting.
    ...(timeoutMs === undefined ? {} : {killSignal: 'SIGKILL' as const}),
    ...(ends.length === 0 ? {} : {signal: AbortSignal.any(ends)}),
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({input: stream}).on('line', (line) => {
      lines.push(line)
      onLine?.(line)
    })
  }
  const code = await new Promise<number | undefined>((resolve) => {
    child.on('error', (error) => {
      if (child.pid !== undefined) return
      lines.push(error.message)
      resolve(undefined)
    })
    child.on('close', (exitCode) => resolve(exitCode ?? undefined))
  })
  signal?.throwIfAborted()
  return {code, lines}
}
