/**
 * What `snapshot create` and `restore run` add to the time that AWS itself takes: wall time of the built command line, less
 * all time in which at least one thing was under way at AWS (a snapshot of RDS, a job of AWS Backup, a task, the change of a
 * stack, an invocation of the function), each from the service's own record of it. Also the calls of each, and how long
 * database and files were captured side by side. Starts an embedded AWS of its own, in a folder of its own, and stops it.
 *
 *   npm run build && node bench/set-overhead.ts [pace]
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {type Call, countedWay} from './quotas/counted-way.ts'
import {ownWork, type Work} from './sets/own-work.ts'

const root = join(import.meta.dirname, '..')
const pace = process.argv[2] ?? '0.05'

/** What is aimed at: seconds in which nothing was under way at AWS. */
const limit = 5

const home = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))

interface Ran {
  readonly out: string
  /** ms since 1970. */
  readonly begun: number
  readonly ended: number
}

async function cli(...argv: readonly string[]): Promise<Ran> {
  const begun = Date.now()
  const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...argv], {
    cwd: root,
    env: {...process.env, PI_AWS_HOME: home},
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [out, [status]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>])
  if (status !== 0) throw new Error(`pi-aws ${argv.join(' ')} ended with ${status}:\n${out}`)
  return {out, begun, ended: Date.now()}
}

/** Time that is in at least one of the spans (ms). */
function covered(spans: readonly Work[]): number {
  let [sum, until] = [0, 0]
  for (const {begun, ended} of spans.toSorted((a, b) => a.begun - b.begun)) {
    sum += Math.max(0, ended - Math.max(begun, until))
    until = Math.max(until, ended)
  }
  return sum
}

/** Where nothing was under way, from the first moment of a run to its last (ms since 1970), each with what it lies behind. */
function gaps(spans: readonly Work[], {begun, ended}: Pick<Ran, 'begun' | 'ended'>): readonly Work[] {
  const found: Work[] = []
  let [until, last] = [begun, 'the start']
  for (const span of [...spans.toSorted((a, b) => a.begun - b.begun), {what: 'the end', begun: ended, ended}]) {
    if (span.begun > until) found.push({what: last, begun: until, ended: span.begun})
    if (span.ended > until) [until, last] = [span.ended, span.what]
  }
  return found
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1)
const tell = (line: string): boolean => process.stdout.write(`${line}\n`)

function together(work: readonly Work[], database: RegExp, files: RegExp): number {
  const of = (kind: RegExp): readonly Work[] => work.filter(({what}) => kind.test(what))
  const [a, b] = [of(database), of(files)]
  return covered(a) + covered(b) - covered([...a, ...b])
}

/** Tells what a run was made of. @returns whether it kept to what is aimed at */
function report(
  name: string,
  ran: Ran,
  calls: readonly Call[],
  all: readonly Work[],
  sides: [RegExp, RegExp],
): boolean {
  const work = all
    .map((one) => ({...one, begun: Math.max(one.begun, ran.begun), ended: Math.min(one.ended, ran.ended)}))
    .filter(({begun, ended}) => ended > begun)
  tell(`${name}: ${seconds(ran.ended - ran.begun)} s, ${calls.length} calls`)
  for (const {what, begun, ended} of work.toSorted((a, b) => a.begun - b.begun)) {
    const from = seconds(begun - ran.begun).padStart(8)
    if (ended - begun >= 100) tell(`  ${what.padEnd(44)}${from} to ${seconds(ended - ran.begun)} s`)
  }
  const byService = new Map<string, number>()
  for (const {service} of calls) byService.set(service, (byService.get(service) ?? 0) + 1)
  const most = [...byService]
    .sort(([, a], [, b]) => b - a)
    .map(([service, count]) => `${service.split(' ')[0]} ${count}`)
  tell(`  calls: ${most.join(', ')}`)
  const idle = gaps(work, ran).filter(({begun, ended}) => ended - begun >= 100)
  tell(
    `  nothing under way: ${idle.map(({what, begun, ended}) => `${seconds(ended - begun)} s after ${what}`).join(', ')}`,
  )
  const both = together(work, ...sides)
  tell(`  database and files side by side: ${seconds(both)} s`)
  const beyond = ran.ended - ran.begun - covered(work)
  tell(`  beyond what AWS takes (at most ${limit} s): ${seconds(beyond)} s`)
  return beyond <= limit * 1000 && both > 0
}

try {
  const local = await cli('local', 'start', '--pace', pace, '--json')
  const {endpoint, stateDir} = JSON.parse(local.out) as {endpoint: string; stateDir: string}
  await cli('deploy', 'demo', '--local', '--yes', '--json')
  const way = await countedWay(endpoint)
  // Commands find the embedded AWS by this record: from now on they go by way of the counter.
  const path = join(stateDir, 'server.json')
  const record = await readFile(path, 'utf8')
  await writeFile(path, JSON.stringify({...(JSON.parse(record) as object), port: Number(new URL(way.url).port)}))
  tell(`node ${process.version}, pace ${pace}`)
  const measured = async (argv: readonly string[]): Promise<readonly [Ran, readonly Call[], readonly Work[]]> => {
    way.taken()
    const ran = await cli(...argv, '--local', '--json')
    const calls = way.taken()
    return [ran, calls, await ownWork(endpoint, calls, ran.begun)]
  }
  const [created, ...how] = await measured(['snapshot', 'create', 'demo'])
  const {id} = JSON.parse(created.out) as {id: string}
  const wellMade = report('snapshot create', created, ...how, [/^RDS/, /^(AWS Backup|function: freeze)/])
  const restored = await measured(['restore', 'run', id, '-e', 'demo', '--safety', 'none', '--confirm', 'demo'])
  const wellRestored = report('restore run', ...restored, [/^stack .*database-2 \(create\)/, /^AWS Backup/])
  process.exitCode = wellMade && wellRestored ? 0 : 1
  await writeFile(path, record)
  way.close()
} finally {
  await cli('local', 'stop')
  await rm(home, {recursive: true, force: true})
}
