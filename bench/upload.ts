/**
 * Uploads of the 2,000-file tree by the built command line, beside s5cmd, aws s3 sync and rclone in the same run against the same
 * sink, as far as they are installed: the first upload, one with nothing changed, memory, and how the time grows with 200, 2,000 and 20,000 files. Whole processes,
 * start-up included; medians.
 *
 *   npm run build && PI_AWS_BENCH_S5CMD=/path/to/s5cmd PI_AWS_BENCH_AWS=/path/to/aws node bench/upload.ts [rounds]
 */
import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm, utimes, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {text} from 'node:stream/consumers'
import {measuredFiles, writeFiles} from '../test/helpers/asset-tree.ts'

const root = join(import.meta.dirname, '..')
const rounds = Number(process.argv[2] ?? 5)
const s5cmd = process.env['PI_AWS_BENCH_S5CMD'] ?? 's5cmd'
const aws = process.env['PI_AWS_BENCH_AWS'] ?? 'aws'
const rclone = process.env['PI_AWS_BENCH_RCLONE'] ?? 'rclone'

/** What is aimed at: times `s5cmd sync`, requests, MiB. */
const limits = {first: 0.6, unchanged: 1, requests: 4, memory: 200} as const

const folder = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))
const config = join(folder, 'pi-aws.yaml')
await writeFile(config, 'version: 1\nenvironments:\n  demo:\n    region: eu-west-1\n')

const sink = spawn(process.execPath, [join(import.meta.dirname, 'upload', 'sink.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [port] = (await once(createInterface({input: sink.stdout}), 'line')) as [string]
const endpoint = `http://127.0.0.1:${port}`

const {NODE_EXTRA_CA_CERTS: _slow, AWS_CA_BUNDLE: _unneeded, ...inherited} = process.env
const env = {
  ...inherited,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_REGION: 'eu-west-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  HOME: folder,
  CI: 'true',
}

interface Measured {
  readonly seconds: number
  readonly requests: number
  /** Of all names and sizes that the sink holds. */
  readonly names: string
  readonly out: string
}

async function ask(query = ''): Promise<{requests: number; names: string}> {
  return (await (await fetch(`${endpoint}/_bench${query}`)).json()) as {requests: number; names: string}
}

/** A tool that is at odds with the sink may say so without end. */
async function beginning(stream: NodeJS.ReadableStream): Promise<string> {
  let said = ''
  for await (const chunk of stream) if (said.length < 2000) said += String(chunk)
  return said.slice(0, 2000)
}

async function measure(file: string, args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Measured> {
  await ask()
  const begun = performance.now()
  const child = spawn(file, args, {env: {...env, ...more}, stdio: ['ignore', 'pipe', 'pipe']})
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    beginning(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  const seconds = (performance.now() - begun) / 1000
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}:\n${out.slice(0, 2000)}${err}`)
  return {seconds, out, ...(await ask())}
}

/** Ours under /usr/bin/time where there is one, for its memory. */
const ours = (tree: string, home: string): Promise<Measured> =>
  measure(
    process.execPath,
    [
      join(root, 'bin', 'run.js'),
      'upload',
      'assets',
      tree,
      '-e',
      'demo',
      '--config',
      config,
      '--endpoint-url',
      endpoint,
      '--json',
    ],
    {PI_AWS_HOME: home},
  )
const theirs = (command: string, tree: string): Promise<Measured> =>
  measure(s5cmd, [
    '--endpoint-url',
    endpoint,
    '--log',
    'error',
    command,
    ...(command === 'cp' ? [`${tree}/`] : [`${tree}/`]),
    's3://assets/assets/',
  ])

/** Other tools, which do not decide whether a target is met. */
const others: Readonly<Record<string, {readonly file: string; readonly args: (tree: string) => readonly string[]}>> = {
  'aws s3 sync': {
    file: aws,
    args: (tree) => ['--endpoint-url', endpoint, 's3', 'sync', '--only-show-errors', tree, 's3://assets/assets/'],
  },
  'rclone copy, 32 transfers': {
    file: rclone,
    args: (tree) => [
      'copy',
      '--transfers=32',
      '--s3-no-check-bucket',
      tree,
      `:s3,provider=Other,env_auth=true,endpoint="${endpoint}":assets/assets`,
    ],
  },
}

/** The first line with which a tool tells its version; undefined of one that is not there. */
function versionOf(file: string): string | undefined {
  const asked = spawnSync(file, [file === aws ? '--version' : 'version'], {env, encoding: 'utf8'})
  return asked.status === 0 ? asked.stdout.split('\n')[0] : undefined
}

async function treeOf(count: number): Promise<string> {
  const tree = join(folder, `tree-${count}`)
  writeFiles(tree, measuredFiles(count))
  return tree
}

async function memoryOf(tree: string): Promise<number | undefined> {
  await ask('?forget')
  const home = join(folder, 'home-memory')
  const script = `import {createRequire} from 'node:module'\nprocess.on('exit', () => process.stderr.write('rss ' + process.resourceUsage().maxRSS + '\\n'))`
  const hook = join(folder, 'rss.mjs')
  await writeFile(hook, script)
  const child = spawn(
    process.execPath,
    [
      '--import',
      hook,
      join(root, 'bin', 'run.js'),
      'upload',
      'assets',
      tree,
      '-e',
      'demo',
      '--config',
      config,
      '--endpoint-url',
      endpoint,
      '--json',
    ],
    {env: {...env, PI_AWS_HOME: home}, stdio: ['ignore', 'ignore', 'pipe']},
  )
  const kibibytes = /rss (\d+)/.exec(await text(child.stderr))?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const tell = (what: string, value: string): boolean => process.stdout.write(`${what.padEnd(52)}${value.padStart(12)}\n`)

try {
  const tree = await treeOf(2000)
  // A tree as it lies there for longer: what was touched just now is read again.
  const old = new Date(Date.now() - 3_600_000)
  await utimes(tree, old, old)
  await new Promise((resolve) => setTimeout(resolve, 3000))
  const seconds: Record<'first' | 'unchanged' | 'sync' | 'syncAgain' | 'cp', number[]> = {
    first: [],
    unchanged: [],
    sync: [],
    syncAgain: [],
    cp: [],
  }
  const present = Object.entries(others).filter(([, {file}]) => versionOf(file) !== undefined)
  const otherSeconds = new Map(present.map(([name]) => [name, {first: [] as number[], again: [] as number[]}]))
  let requests = 0
  const names = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    await ask('?forget')
    const home = join(folder, `home-${round}`)
    const first = await ours(tree, home)
    const unchanged = await ours(tree, home)
    await ask('?forget')
    const sync = await theirs('sync', tree)
    const syncAgain = await theirs('sync', tree)
    await ask('?forget')
    const cp = await theirs('cp', tree)
    for (const one of [first, sync, cp]) names.add(one.names)
    for (const [name, {file, args}] of present) {
      await ask('?forget')
      const other = await measure(file, args(tree))
      names.add(other.names)
      otherSeconds.get(name)?.first.push(other.seconds)
      otherSeconds.get(name)?.again.push((await measure(file, args(tree))).seconds)
    }
    requests = Math.max(requests, unchanged.requests)
    for (const [name, {seconds: took}] of Object.entries({first, unchanged, sync, syncAgain, cp}))
      seconds[name as 'first'].push(took)
  }
  if (names.size !== 1) throw new Error('the tools did not bring the same names and sizes')
  const medians = Object.fromEntries(Object.entries(seconds).map(([name, values]) => [name, median(values)])) as Record<
    keyof typeof seconds,
    number
  >
  const first = median(seconds.first.map((took, round) => took / (seconds.sync[round] ?? Number.NaN)))
  const unchanged = median(seconds.unchanged.map((took, round) => took / (seconds.syncAgain[round] ?? Number.NaN)))
  const memory = await memoryOf(tree)
  for (const [name, took] of Object.entries(medians)) tell(name, `${took.toFixed(2)} s`)
  for (const [name, {file}] of Object.entries(others)) {
    const took = otherSeconds.get(name)
    if (took === undefined) tell(name, 'absent')
    else {
      tell(`${name} (${versionOf(file) ?? ''})`.slice(0, 51), `${median(took.first).toFixed(2)} s`)
      tell(`${name}, nothing changed`, `${median(took.again).toFixed(2)} s`)
    }
  }
  tell(`first upload, times s5cmd sync (at most ${limits.first})`, first.toFixed(2))
  tell('s5cmd cp, times s5cmd sync', (medians.cp / medians.sync).toFixed(2))
  tell(`nothing changed, times s5cmd sync (at most ${limits.unchanged})`, unchanged.toFixed(2))
  tell(`requests with nothing changed (at most ${limits.requests})`, String(requests))
  tell(`memory, MiB (at most ${limits.memory})`, memory === undefined ? 'unknown' : memory.toFixed(0))

  for (const count of [200, 2000, 20_000]) {
    await ask('?forget')
    const {seconds: took} = await ours(await treeOf(count), join(folder, `home-growth-${count}`))
    tell(`first upload of ${count} files`, `${took.toFixed(2)} s`)
    process.stdout.write(
      `${'#'.repeat(Math.max(1, Math.round(took * 3)))}  ${((took * 1000) / count).toFixed(2)} ms a file\n`,
    )
    await rm(join(folder, `tree-${count}`), {recursive: true, force: true})
  }
  const missed =
    first > limits.first || unchanged > limits.unchanged || requests > limits.requests || (memory ?? 0) > limits.memory
  process.exitCode = missed ? 1 : 0
} finally {
  sink.kill()
  await rm(folder, {recursive: true, force: true})
}
