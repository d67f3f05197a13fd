/**
 * A whole deploy on the embedded AWS at a pace, by the built command line: wall time beside the sum of all stacks'
 * durations and beside the critical path of their graph, both from the stacks' own events; then a second deploy with
 * nothing to change. Starts an embedded AWS of its own, in a folder of its own, and stops it again.
 *
 *   npm run build && node bench/deploy-local.ts [pace]
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'

const root = join(import.meta.dirname, '..')
const pace = process.argv[2] ?? '0.05'

/** What is aimed at, in seconds. */
const limits = {beyondCriticalPath: 5, nothingToChange: 5} as const

interface Event {
  readonly type: string
  readonly step?: string
  readonly durationMs?: number
  readonly stack?: string
  readonly logicalId?: string
  readonly status?: string
  readonly at?: string
}

const home = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))
const env = {...process.env, PI_AWS_HOME: home}

async function cli(...argv: readonly string[]): Promise<{readonly seconds: number; readonly events: readonly Event[]}> {
  const begun = performance.now()
  const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...argv], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [out, [status]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>])
  if (status !== 0) throw new Error(`pi-aws ${argv.join(' ')} ended with ${status}:\n${out}`)
  const seconds = (performance.now() - begun) / 1000
  const lines = out.split('\n').filter((line) => line.startsWith('{'))
  return {seconds, events: argv.includes('ndjson') ? lines.map((line) => JSON.parse(line) as Event) : []}
}

const partOfStack = /^pi-demo-(foundation|network|files|database|app|operations)(-\d+)?$/

/** Seconds of each operation of each part's stack, by its own events; several of one stack in their order. */
function stackDurations(events: readonly Event[]): Map<string, readonly number[]> {
  const durations = new Map<string, number[]>()
  const begun = new Map<string, number>()
  for (const {type, stack = '', logicalId, status = '', at = ''} of events) {
    const name = partOfStack.exec(stack)?.[1]
    if (type !== 'stack.event' || name === undefined || logicalId !== stack) continue
    if (/^(CREATE|UPDATE)_IN_PROGRESS$/.test(status)) begun.set(name, Date.parse(at))
    else if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) {
      const seconds = (Date.parse(at) - (begun.get(name) ?? Number.NaN)) / 1000
      durations.set(name, [...(durations.get(name) ?? []), seconds])
    }
  }
  return durations
}

/** Seconds of the steps between stacks: Lambda's and ECS's work, as long as the flow waited for it. */
function stepSeconds(events: readonly Event[], step: string): number {
  return (events.find((event) => event.type === 'step.finished' && event.step === step)?.durationMs ?? 0) / 1000
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const tell = (what: string, seconds: number): boolean =>
  process.stdout.write(`${what.padEnd(44)}${seconds.toFixed(1).padStart(8)} s\n`)

try {
  await cli('local', 'start', '--pace', pace)
  const {seconds, events} = await cli('deploy', 'demo', '--local', '--yes', '--output', 'ndjson')
  const stacks = stackDurations(events)
  const of = (name: string): number => sum(stacks.get(name) ?? [Number.NaN])
  const prepare = stepSeconds(events, 'prepare')
  const tasks = stepSeconds(events, 'database-user') + stepSeconds(events, 'seed')
  const data = Math.max(of('files') + prepare, of('database'))
  const critical = of('foundation') + of('network') + data + of('app') + tasks + of('operations')
  process.stdout.write(`node ${process.version}, pace ${pace}\n`)
  for (const [name, values] of stacks) tell(`  stack ${name} (${values.length} operations)`, sum(values))
  tell('  prepare of the files', prepare)
  tell('  tasks: database user, seed', tasks)
  tell('all stacks, one after the other', sum([...stacks.values()].flat()) + prepare + tasks)
  tell('critical path of the graph', critical)
  tell('wall time', seconds)
  tell(`beyond the critical path (at most ${limits.beyondCriticalPath})`, seconds - critical)
  const again = await cli('deploy', 'demo', '--local', '--yes', '--json')
  tell(`again, nothing to change (at most ${limits.nothingToChange})`, again.seconds)
  const missed = !(seconds - critical <= limits.beyondCriticalPath) || again.seconds > limits.nothingToChange
  process.exitCode = missed ? 1 : 0
} finally {
  await cli('local', 'stop')
  await rm(home, {recursive: true, force: true})
}
