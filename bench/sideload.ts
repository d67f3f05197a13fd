/**
 * The side-load of the 2,000-file tree by the function's own bundle, in the ranges into which the command line cuts it and in
 * one, beside `cp -r` and a sync of each file on the same disk, and beside two bare loops that tell where the time goes: GETs alone, and GET, hash, write, sync and rename of each file with
 * nothing else. Each a process of its own, in turns; medians. Then 200, 2,000 and 20,000 files.
 *
 *   node bench/sideload.ts [rounds] [folder on the disk to be measured]
 */
import {execFile, spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {promisify} from 'node:util'
import {rangesOf, type KeyRange} from '../src/domain/sideload.ts'
import {bundleLambda} from '../scripts/lambda-zip.ts'
import {measuredFiles, writeFiles} from '../test/helpers/asset-tree.ts'
import {sideload, type Loaded} from './sideload/invoke.ts'

const root = join(import.meta.dirname, '..')
const rounds = Number(process.argv[2] ?? 5)
const run = promisify(execFile)

/** What is aimed at: part of the throughput of `cp -r` and sync, MB of memory. */
const limits = {throughput: 0.7, memory: 256} as const

const folder = await mkdtemp(join(process.argv[3] ?? tmpdir(), 'pi-aws-bench-'))
const bundle = join(folder, 'index.cjs')
await writeFile(bundle, (await bundleLambda(root))[0]?.content ?? '')

const {NODE_EXTRA_CA_CERTS: _slow, ...inherited} = process.env
const whole: readonly KeyRange[] = [{from: '', to: ''}]
let places = 0

interface Server {
  readonly child: ChildProcess
  readonly endpoint: string
}

async function serve(tree: string): Promise<Server> {
  const script = join(import.meta.dirname, 'sideload', 'server.ts')
  const child = spawn(process.execPath, [script, tree], {stdio: ['ignore', 'pipe', 'inherit']})
  const [port] = (await once(createInterface({input: child.stdout}), 'line')) as [string]
  return {child, endpoint: `http://127.0.0.1:${port}`}
}

/** The whole bundle by one invocation, or the ranges into which the command line cuts it. */
async function ours(endpoint: string, place: string, ranges: readonly KeyRange[] = whole): Promise<Loaded> {
  const env = {
    ...inherited,
    FILES_ROOT: place,
    DATA_UID: String(process.getuid?.() ?? 0),
    DATA_GID: String(process.getgid?.() ?? 0),
    ASSETS_BUCKET: 'assets',
    RECORDS_BUCKET: 'records',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'eu-west-1',
    // As templates/files.yaml sets it.
    UV_THREADPOOL_SIZE: '16',
  }
  return sideload(bundle, `bench-${places++}`, ranges, env)
}

async function bare(what: 'get' | 'whole', endpoint: string, tree: string, place: string): Promise<number> {
  const script = join(import.meta.dirname, 'sideload', 'bare-loop.ts')
  const env = {...inherited, UV_THREADPOOL_SIZE: '16'}
  return Number((await run(process.execPath, [script, what, endpoint, tree, place], {env})).stdout)
}

/** `cp -r`, then fsync of each file and folder, as the function does too. */
async function copied(tree: string, place: string): Promise<number> {
  const begun = performance.now()
  await run('cp', ['-r', tree, place])
  await run('find', [place, '-exec', 'sync', '{}', '+'])
  return (performance.now() - begun) / 1000
}

/** What the manifest says of the files, in its order. */
function sortedEntries(files: Iterable<{readonly path: string; readonly bytes: Uint8Array}>): readonly {
  readonly path: string
  readonly size: number
}[] {
  const entries: {readonly path: string; readonly size: number}[] = []
  for (const {path, bytes} of files) entries.push({path, size: bytes.byteLength})
  return entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
}

/** A new place each time, removed at the end: a file system may be slow to give out again what was just removed. */
async function freshPlace(): Promise<string> {
  const place = join(folder, `place-${places++}`)
  await mkdir(place)
  await run('sync', ['-f', folder])
  return place
}

const asked = async (endpoint: string): Promise<{requests: number; bodies: number; bytes: number}> =>
  (await (await fetch(`${endpoint}/_bench`)).json()) as {requests: number; bodies: number; bytes: number}
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const tell = (what: string, value: string): boolean => process.stdout.write(`${what.padEnd(60)}${value.padStart(12)}\n`)

let missed = false
const must = (holds: boolean): void => void (missed ||= !holds)

try {
  const tree = join(folder, 'tree')
  const size = writeFiles(tree, measuredFiles(2000))
  const ranges = rangesOf(sortedEntries(measuredFiles(2000)))
  const {child, endpoint} = await serve(tree)
  const seconds: Record<'cp' | 'get' | 'whole' | 'ours' | 'one' | 'again', number[]> = {
    cp: [],
    get: [],
    whole: [],
    ours: [],
    one: [],
    again: [],
  }
  const memory: number[] = []
  const cpu: number[] = []
  let [bodies, bodiesAgain] = [0, 0]
  for (let round = 0; round < rounds; round++) {
    seconds.cp.push(await copied(tree, join(await freshPlace(), 'tree')))
    seconds.get.push(await bare('get', endpoint, tree, ''))
    seconds.whole.push(await bare('whole', endpoint, tree, await freshPlace()))
    const one = await ours(endpoint, await freshPlace())
    const place = await freshPlace()
    await asked(endpoint)
    const first = await ours(endpoint, place, ranges)
    bodies = Math.max(bodies, (await asked(endpoint)).bodies)
    const again = await ours(endpoint, place, ranges)
    bodiesAgain = Math.max(bodiesAgain, (await asked(endpoint)).bodies)
    for (const {counts} of [one, first]) {
      if (counts['bytes'] !== size || counts['failed'] !== 0) throw new Error(JSON.stringify(counts))
    }
    seconds.ours.push(first.seconds)
    seconds.one.push(one.seconds)
    seconds.again.push(again.seconds)
    memory.push(one.memory)
    cpu.push(one.cpu)
  }
  child.kill()
  const ratio = (of: readonly number[]): number =>
    median(seconds.cp.map((took, round) => took / (of[round] ?? Number.NaN)))
  tell('files, MiB', `2000, ${(size / 1_048_576).toFixed(0)}`)
  tell('cp -r and sync of each file', `${median(seconds.cp).toFixed(2)} s`)
  tell('bare loop, GET alone', `${median(seconds.get).toFixed(2)} s`)
  tell('bare loop, GET, hash, write, sync, rename', `${median(seconds.whole).toFixed(2)} s`)
  tell(`side-load, ${ranges.length} invocations, as the command line does`, `${median(seconds.ours).toFixed(2)} s`)
  tell('side-load, one invocation', `${median(seconds.one).toFixed(2)} s`)
  tell('the same, seconds of CPU with start', `${median(cpu).toFixed(2)} s`)
  tell('side-load again, nothing changed', `${median(seconds.again).toFixed(2)} s`)
  tell(`throughput, part of cp -r and sync (at least ${limits.throughput})`, ratio(seconds.ours).toFixed(2))
  tell('the same of one invocation', ratio(seconds.one).toFixed(2))
  tell('the same of the bare loop', ratio(seconds.whole).toFixed(2))
  tell('bodies read for 2000 files (at most 2000)', String(bodies))
  tell('bodies read again (at most 0)', String(bodiesAgain))
  tell(`memory, MB (at most ${limits.memory})`, Math.max(...memory).toFixed(0))
  must(ratio(seconds.ours) >= limits.throughput)
  must(bodies <= 2000 && bodiesAgain === 0 && Math.max(...memory) < limits.memory)

  for (const count of [200, 2000, 20_000]) {
    const grown = join(folder, `tree-${count}`)
    const bytes = writeFiles(grown, measuredFiles(count))
    const server = await serve(grown)
    const peer = await copied(grown, join(await freshPlace(), 'tree'))
    const {seconds: took, memory: most} = await ours(server.endpoint, await freshPlace())
    server.child.kill()
    tell(
      `side-load of ${count} files, ${(bytes / 1_048_576).toFixed(0)} MiB, in ${most.toFixed(0)} MB of memory`,
      `${took.toFixed(2)} s`,
    )
    const perFile = (took * 1000) / count
    process.stdout.write(
      `${'#'.repeat(Math.max(1, Math.round(perFile * 20)))}  ${perFile.toFixed(2)} ms a file; cp -r and sync ${((peer * 1000) / count).toFixed(2)}\n`,
    )
    must(most < limits.memory)
    await rm(grown, {recursive: true, force: true})
    for (const name of await readdir(folder)) {
      if (name.startsWith('place-')) await rm(join(folder, name), {recursive: true, force: true})
    }
  }
  process.exitCode = missed ? 1 : 0
} finally {
  await rm(folder, {recursive: true, force: true})
}
