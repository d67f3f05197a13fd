import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'

/**
 * An S3 that holds a folder as a bundle of assets, in memory, and does so little for each request that its reader is what
 * is measured. Takes results of slices too. Prints its port, and says at /_bench what was asked for since the last time.
 */
const folder = process.argv[2] ?? ''
const objects = new Map<string, Buffer>()
let [bodies, requests, bytes] = [0, 0, 0]

const paths = (readdirSync(folder, {recursive: true}) as string[])
  .map((path) => ({path, kind: statSync(join(folder, path)).isDirectory() ? 'directory' : 'file'}))
  .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
const entries = paths.map(({path, kind}) => {
  if (kind === 'directory') return {path, kind, key: '', versionId: '', size: 0, sha256: '', mode: 0o755}
  const body = readFileSync(join(folder, path))
  const key = `assets/${path}`
  objects.set(`/assets/${key}`, body)
  const sha256 = createHash('sha256').update(body).digest('hex')
  return {path, kind, key, versionId: 'v1', size: body.byteLength, sha256, mode: 0o644}
})
const head = {schemaVersion: 1, id: 'bench', createdAt: '2026-01-01T00:00:00Z', count: entries.length}
const manifest = [head, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('')
objects.set('/assets/bundles/bench.ndjson', Buffer.from(manifest))

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<Error><Code>${code}</Code><Message>${code}</Message></Error>`
  response.writeHead(status, {'content-type': 'application/xml', 'content-length': body.length}).end(body)
}

function take(path: string, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (objects.has(path)) {
      refuse(response, 412, 'PreconditionFailed')
      return
    }
    objects.set(path, Buffer.concat(chunks))
    response.writeHead(200, {etag: '"r"', 'content-length': 0}).end()
  })
}

function give(path: string, request: IncomingMessage, response: ServerResponse): void {
  const body = objects.get(path)
  if (body === undefined) {
    refuse(response, 404, 'NoSuchKey')
    return
  }
  if (path.startsWith('/assets/assets/')) bodies += 1
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  const [from, to] = [Number(first ?? 0), Math.min(body.byteLength, Number(last ?? Infinity) + 1)]
  if (first !== undefined && from >= body.byteLength) {
    refuse(response, 416, 'InvalidRange')
    return
  }
  bytes += to - from
  const range = first === undefined ? {} : {'content-range': `bytes ${from}-${to - 1}/${body.byteLength}`}
  const headers = {etag: '"e"', 'x-amz-version-id': 'v1', 'content-length': to - from, ...range}
  response.writeHead(first === undefined ? 200 : 206, headers).end(body.subarray(from, to))
}

const server = createServer((request, response) => {
  const [rawPath = ''] = (request.url ?? '').split('?')
  if (rawPath === '/_bench') {
    response.end(JSON.stringify({requests, bodies, bytes}))
    ;[bodies, requests, bytes] = [0, 0, 0]
    return
  }
  requests += 1
  const path = decodeURIComponent(rawPath)
  if (request.method === 'PUT') take(path, request, response)
  else give(path, request, response)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
