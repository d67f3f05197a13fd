/**
 * Many sets and many assets: how long it takes to list 10,000 sets, and to put 100,000 asset objects into a set, with the
 * memory of the process that does it and its calls, against an S3 of the bench that does next to nothing for a request.
 * Start-up of the command line is not in it; bench/startup.ts has that.
 *
 *   node bench/sets.ts
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {createObjects} from '../src/aws/s3.ts'
import {clientConfig} from '../src/aws/settings.ts'
import {manifestKey as bundleKey, pointerKey, serialiseBundle} from '../src/domain/assets/bundle.ts'
import {sha256} from '../src/domain/content.ts'
import type {EnvironmentName} from '../src/domain/names.ts'
import {copyAssets} from '../src/flows/snapshot/capture-assets.ts'
import {readSets} from '../src/flows/snapshot/sets.ts'
import type {Site} from '../src/flows/snapshot/site.ts'
import {assetHash, NameStore} from './sets/store.ts'

/** What is aimed at. */
const limits = {list: 1, assets: 10, memory: 300} as const
const [sets, assets] = [10_000, 100_000]
const demo = 'demo' as EnvironmentName

interface Measured {
  readonly seconds: number
  /** Seconds of processor time: what it would take at least on a machine with nothing else to do. */
  readonly busy: number
  readonly mebibytes: number
  readonly found: number
}

/** The measured half, in a process of its own. */
async function work(what: string, endpoint: string): Promise<void> {
  const settings = {region: 'eu-west-1', local: true, userAgent: 'bench/0.0.0', endpointUrl: endpoint}
  const objects = createObjects(clientConfig(settings))
  const site = {
    environment: demo,
    caller: {account: '111122223333'},
    assetsBucket: 'assets',
    recordsBucket: 'records',
  } as unknown as Site
  const before = process.cpuUsage()
  const begun = performance.now()
  const found =
    what === 'list' ? (await readSets(objects, 'records')).sets.length : countOf(await copyAssets(objects, site))
  const seconds = (performance.now() - begun) / 1000
  const {user, system} = process.cpuUsage(before)
  const busy = (user + system) / 1e6
  const measured: Measured = {seconds, busy, mebibytes: process.resourceUsage().maxRSS / 1024, found}
  process.stdout.write(JSON.stringify(measured))
}

function countOf(copied: Awaited<ReturnType<typeof copyAssets>>): number {
  return copied === 'none' ? 0 : copied.count
}

async function measure(store: NameStore, what: string, endpoint: string): Promise<Measured & {readonly calls: number}> {
  const before = store.requests
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sets.ts'), what, endpoint], {
    env: {...process.env, AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench'},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [out, [status]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number | null]>])
  if (status !== 0) throw new Error(`${what} ended with ${status}`)
  return {...(JSON.parse(out) as Measured), calls: store.requests - before}
}

function fillSets(store: NameStore): void {
  for (let n = 0; n < sets; n++) {
    const at = new Date(Date.UTC(2024, 0, 1) + n * 5_400_000)
    const id = `${at
      .toISOString()
      .replaceAll(/[-:]|\.\d+/g, '')
      .toLowerCase()}-${n.toString(16).padStart(6, '0')}`
    const summary = {
      createdAt: at.toISOString(),
      consistency: 'strict',
      skewMs: 0,
      bytes: 21_474_836_480 + n,
      note: `before release ${n}`,
      tags: ['nightly'],
    }
    store.put('records', `snapshots/manifests/${id}.json`)
    store.put('records', `snapshots/plans/${id}.json`)
    store.put('records', `snapshots/catalogue/${id}.${Buffer.from(JSON.stringify(summary)).toString('base64url')}`)
    if (n % 10 === 0) store.put('records', `snapshots/proofs/${id}.${at.getTime()}.600000`)
  }
}

function fillAssets(store: NameStore): void {
  for (let n = 0; n < assets; n++) store.put('records', `objects/${assetHash(n)}`)
  const entries = Array.from({length: assets}, (_, n) => {
    const path = `images/${String(n).padStart(6, '0')} of a customer.png`
    return {
      path,
      key: `assets/${path}`,
      versionId: 'v1',
      size: 4096,
      sha256: assetHash(n),
      mode: 0o644,
      kind: 'file',
    } as const
  })
  const createdAt = '2026-01-01T00:00:00Z'
  const body = serialiseBundle({head: {schemaVersion: 1, id: 'bench', createdAt, count: assets}, entries})
  const key = bundleKey(demo, 'bench')
  store.put('assets', key, Buffer.from(body).toString())
  const pointer = {
    schemaVersion: 1,
    id: 'bench',
    key,
    etag: '"e"',
    sha256: sha256(body),
    count: assets,
    bytes: 4096 * assets,
    createdAt,
  }
  store.put('assets', pointerKey(demo), JSON.stringify(pointer))
}

function tell(what: string, {seconds, busy, mebibytes, calls}: Measured & {readonly calls: number}): void {
  process.stdout.write(
    `${what.padEnd(52)}${seconds.toFixed(2).padStart(8)} s (busy ${busy.toFixed(2)} s)${mebibytes.toFixed(0).padStart(6)} MiB${String(calls).padStart(8)} calls\n`,
  )
}

const [what = '', endpoint = ''] = process.argv.slice(2)
if (what !== '') await work(what, endpoint)
else {
  const store = new NameStore()
  try {
    const url = await store.listen()
    fillSets(store)
    const listed = await measure(store, 'list', url)
    fillAssets(store)
    const again = await measure(store, 'assets', url)
    if (listed.found !== sets || again.found !== assets) throw new Error('not all were found')
    process.stdout.write(`node ${process.version}\n`)
    tell(`${sets} sets listed (at most ${limits.list} s)`, listed)
    tell(`${assets} assets that another set has (at most ${limits.assets} s, ${limits.memory} MiB)`, again)
    const missed = listed.seconds > limits.list || again.seconds > limits.assets || again.mebibytes > limits.memory
    process.exitCode = missed ? 1 : 0
  } finally {
    store.close()
  }
}
