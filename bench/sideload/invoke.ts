import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {text} from 'node:stream/consumers'
import type {KeyRange} from '../../src/domain/sideload.ts'

export interface Loaded {
  /** From the first invocation's begin to the last one's end. */
  readonly seconds: number
  readonly slices: number
  readonly counts: Readonly<Record<string, number>>
  /** MiB at most of one invocation. */
  readonly memory: number
  /** Seconds of CPU of all of them, with the starts of their processes. */
  readonly cpu: number
}

/** Runs a side-load in as many processes as there are ranges, as Lambda would for the command line. */
export async function sideload(
  bundle: string,
  opId: string,
  ranges: readonly KeyRange[],
  env: NodeJS.ProcessEnv,
): Promise<Loaded> {
  const script = join(import.meta.dirname, 'function.ts')
  const children = []
  for (const [index, {from, to}] of ranges.entries()) {
    const child = spawn(process.execPath, [script, bundle, opId, String(index), from, to], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({input: child.stdout})
    // One after the other: each prepares the generation, unless it stands.
    await once(lines, 'line')
    lines.close()
    children.push(child)
  }
  const begun = performance.now()
  const answers = await Promise.all(
    children.map(async (child) => {
      child.stdin.end('go\n')
      return text(child.stdout)
    }),
  )
  const all = answers.map((answer) => JSON.parse(answer) as Omit<Loaded, 'seconds'> & {readonly endedAt: number})
  const counts: Record<string, number> = {}
  for (const one of all) {
    for (const [name, count] of Object.entries(one.counts)) counts[name] = (counts[name] ?? 0) + count
  }
  return {
    seconds: (Math.max(...all.map(({endedAt}) => endedAt)) - performance.timeOrigin - begun) / 1000,
    slices: all.reduce((sum, {slices}) => sum + slices, 0),
    counts,
    memory: Math.max(...all.map(({memory}) => memory)),
    cpu: all.reduce((sum, {cpu}) => sum + cpu, 0),
  }
}
