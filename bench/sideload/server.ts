import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, statSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {createServer as createPlainServer, type AddressInfo, type Socket} from 'node:net'
import {join} from 'node:path'

/**
 * An S3 that holds a folder as a bundle of assets, in memory, and does so little for each request that its reader is what
 * is measured: what only reads is answered off the bare connection, since S3 itself would take no time of the reader's
 * processors. Takes results of slices too. Prints its port, and says at /_bench what was asked for since the last time.
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

type Answer = readonly [head: string, body: Buffer | undefined]

function refusal(status: string, code: string): Answer {
  const body = Buffer.from(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
  return [`HTTP/1.1 ${status}\r\ncontent-type: application/xml\r\ncontent-length: ${body.length}\r\n\r\n`, body]
}

/** What a GET gives: the head, and where there is one the body. */
function answerOf(path: string, range: string): Answer {
  const body = objects.get(path)
  if (body === undefined) return refusal('404 Not Found', 'NoSuchKey')
  if (path.startsWith('/assets/assets/')) bodies += 1
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? []
  const [from, to] = [Number(first ?? 0), Math.min(body.byteLength, Number(last ?? Infinity) + 1)]
  if (first !== undefined && from >= body.byteLength) {
    return refusal('416 Range Not Satisfiable', 'InvalidRange')
  }
  bytes += to - from
  const status = first === undefined ? '200 OK' : `206 Partial Content`
  const told = first === undefined ? '' : `content-range: bytes ${from}-${to - 1}/${body.byteLength}\r\n`
  const head = `HTTP/1.1 ${status}\r\netag: "e"\r\nx-amz-version-id: v1\r\ncontent-length: ${to - from}\r\n${told}\r\n`
  return [head, body.subarray(from, to)]
}

/** A connection on which one GET follows the other. */
function read(socket: Socket, begun: string): void {
  let text = begun
  const answer = (): void => {
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end)
      text = text.slice(end + 4)
      requests += 1
      const [path = ''] = head.slice('GET '.length, head.indexOf(' HTTP/')).split('?')
      const [answerHead, body] = answerOf(decodeURIComponent(path), /^range: *(.+)$/im.exec(head)?.[1]?.trim() ?? '')
      socket.cork()
      socket.write(answerHead, 'latin1')
      if (body !== undefined) socket.write(body)
      socket.uncork()
    }
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    answer()
  })
  answer()
}

const rest = createServer((request, response) => {
  const [rawPath = ''] = (request.url ?? '').split('?')
  if (rawPath === '/_bench') {
    response.end(JSON.stringify({requests, bodies, bytes}))
    ;[bodies, requests, bytes] = [0, 0, 0]
    return
  }
  requests += 1
  const path = decodeURIComponent(rawPath)
  if (request.method === 'PUT') take(path, request, response)
  else refuse(response, 501, 'NotImplemented')
})
rest.keepAliveTimeout = 60_000
const server = createPlainServer({noDelay: true}, (socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', (chunk) => {
    const begun = chunk.toString('latin1')
    if (/^GET \/(?!_bench)/.test(begun)) {
      read(socket, begun)
      return
    }
    socket.unshift(chunk)
    rest.emit('connection', socket)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
