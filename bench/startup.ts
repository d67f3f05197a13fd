/**
 * Start-up as times of `node -e 0` of the same Node: median of 21 pairs, each pair run back to back so that a busy
 * machine slows both. `first byte` is the time until a command's first request reaches a sink on loopback. Beside it
 * `aws --version`, where PI_AWS_BENCH_AWS or PATH has an aws.
 *
 *   node bench/startup.ts
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

const root = join(import.meta.dirname, '..')
const pairs = 21

/** What is aimed at, in times of `node -e 0`. */
const limits = {'--version': 1.5, '--help': 4, 'deploy --help': 4, 'first byte': 6} as const

async function run(argv: readonly string[], env: NodeJS.ProcessEnv, command = process.execPath): Promise<number> {
  const begun = performance.now()
  const child = spawn(command, argv, {env, stdio: 'ignore'})
  await once(child, 'exit')
  return performance.now() - begun
}

/** Lets a command end at a sink that refuses everything: only at its end Node writes the compiled code it keeps. */
async function warmUp(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const server = createServer((_request, response) => response.writeHead(403).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  try {
    await run([...argv, '--endpoint-url', `http://127.0.0.1:${port}`], env)
  } finally {
    server.close()
  }
}

/** A sink that answers nothing and says when the first request came. */
async function firstByte(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  const begun = performance.now()
  const child = spawn(process.execPath, [...argv, '--endpoint-url', `http://127.0.0.1:${port}`], {env, stdio: 'ignore'})
  const arrived = once(server, 'request').then(() => performance.now() - begun)
  const died = once(child, 'exit').then(() => {
    throw new Error('the command ended before its first request')
  })
  try {
    return await Promise.race([arrived, died])
  } finally {
    died.catch(() => undefined)
    child.kill('SIGKILL')
    server.closeAllConnections()
    server.close()
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Median time of pairs, and of its ratio to an empty Node beside it. */
async function compare(measure: () => Promise<number>): Promise<{readonly ratio: number; readonly own: number}> {
  await measure()
  const ratios: number[] = []
  const own: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const floor = await run(['-e', '0'], env)
    const time = await measure()
    ratios.push(time / floor)
    own.push(time)
  }
  return {ratio: median(ratios), own: median(own)}
}

function tell(name: string, ratio: number, remark: string): void {
  process.stdout.write(`${name.padEnd(16)} ${ratio.toFixed(2).padStart(6)}  (${remark})\n`)
}

const cache = await mkdtemp(join(tmpdir(), 'pi-aws-bench-'))
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PI_AWS_CACHE: cache,
  PI_AWS_CONFIG: join(root, 'examples', 'pi-aws.yaml'),
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
}
// Each costs every Node process some 70 ms and would make our share look smaller than it is.
delete env['NODE_EXTRA_CA_CERTS']
delete env['AWS_CA_BUNDLE']

const cli = join(root, 'bin', 'run.js')
const cases: Record<keyof typeof limits, () => Promise<number>> = {
  '--version': () => run([cli, '--version'], env),
  '--help': () => run([cli, '--help'], env),
  'deploy --help': () => run([cli, 'deploy', '--help'], env),
  'first byte': () => firstByte([cli, 'status', 'demo'], env),
}

let missed = 0
try {
  await warmUp([cli, 'status', 'demo'], env)
  process.stdout.write(`node ${process.version}, median of ${pairs} pairs, times of node -e 0\n`)
  for (const [name, measure] of Object.entries(cases) as [keyof typeof limits, () => Promise<number>][]) {
    const {ratio, own} = await compare(measure)
    if (ratio > limits[name]) missed += 1
    tell(name, ratio, `at most ${limits[name]}; ${own.toFixed(0)} ms`)
  }
  const aws = process.env['PI_AWS_BENCH_AWS'] || 'aws'
  try {
    tell('aws --version', (await compare(() => run(['--version'], env, aws))).ratio, 'the peer')
  } catch {
    process.stdout.write(`no ${aws} here: set PI_AWS_BENCH_AWS to compare\n`)
  }
} finally {
  await rm(cache, {recursive: true, force: true})
}
process.exitCode = missed === 0 ? 0 : 1
