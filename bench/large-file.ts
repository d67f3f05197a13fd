/**
 * One file of 6 GiB through the function's own bundle: slices, seconds, the most memory. The object is made of zeros where it is
 * asked for; what was written is hashed by another program.
 *
 *   node bench/large-file.ts [GiB] [folder with room for it]
 */
import {execFile} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {bundleLambda} from '../scripts/lambda-zip.ts'
import {sideload} from './sideload/invoke.ts'

const gibibytes = Number(process.argv[2] ?? 6)
const memoryLimit = 256
const size = gibibytes * 2 ** 30
const zeros = Buffer.alloc(8 * 2 ** 20)
const run = promisify(execFile)

const hash = createHash('sha256')
for (let at = 0; at < size; at += zeros.byteLength)
  hash.update(zeros.subarray(0, Math.min(zeros.byteLength, size - at)))
const sha256 = hash.digest('hex')

const head = {schemaVersion: 1, id: 'bench', createdAt: '2026-01-01T00:00:00Z', count: 1}
const entry = {
  path: 'images/large',
  kind: 'file',
  key: 'assets/images/large',
  versionId: 'v1',
  size,
  sha256,
  mode: 0o644,
}
const stored = new Map([
  ['/assets/bundles/bench.ndjson', Buffer.from(`${JSON.stringify(head)}\n${JSON.stringify(entry)}\n`)],
])

const server = createServer((request, response) => {
  const path = (request.url ?? '').split('?')[0] ?? ''
  if (request.method === 'PUT') {
    request.resume()
    request.on('end', () => response.writeHead(200, {etag: '"r"', 'content-length': 0}).end())
    return
  }
  const text = stored.get(path)
  const total = path.endsWith('/large') ? size : text?.byteLength
  if (total === undefined) {
    response.writeHead(404).end()
    return
  }
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  const [from, to] = [Number(first), Math.min(total, Number(last) + 1)]
  const headers = {etag: '"e"', 'content-length': to - from, 'content-range': `bytes ${from}-${to - 1}/${total}`}
  response.writeHead(206, headers).end(text?.subarray(from, to) ?? zeros.subarray(0, to - from))
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

const folder = await mkdtemp(join(process.argv[3] ?? tmpdir(), 'pi-aws-bench-'))
try {
  const bundle = join(folder, 'index.cjs')
  await writeFile(bundle, (await bundleLambda(join(import.meta.dirname, '..')))[0]?.content ?? '')
  const env = {
    ...process.env,
    FILES_ROOT: folder,
    DATA_UID: String(process.getuid?.() ?? 0),
    DATA_GID: String(process.getgid?.() ?? 0),
    ASSETS_BUCKET: 'assets',
    RECORDS_BUCKET: 'records',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_REGION: 'eu-west-1',
    UV_THREADPOOL_SIZE: '16',
  }
  const {seconds, slices, memory, counts} = await sideload(bundle, 'large', [{from: '', to: ''}], env)
  const [written] = (await run('sha256sum', [join(folder, 'gen/1/images/large')])).stdout.split(' ')
  process.stdout.write(
    `${gibibytes} GiB in ${seconds.toFixed(0)} s and ${slices} slices, ${memory.toFixed(0)} MB of memory, the hash is ${written === sha256 ? 'right' : 'wrong'}\n`,
  )
  process.exitCode = written === sha256 && counts['copied'] === 1 && memory < memoryLimit ? 0 : 1
} finally {
  server.close()
  await rm(folder, {recursive: true, force: true})
}
