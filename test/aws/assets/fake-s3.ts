import {createHash, createHmac} from 'node:crypto'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface Put {
  /** Decoded once. */
  readonly key: string
  /** As it came. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** What the server does with a request instead of storing it. */
export type Trouble =
  | {readonly status: number; readonly code: string; readonly headers?: Record<string, string>}
  | 'reset'
  | 'cut'
  | undefined

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const hash = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

/** The signature that a request should have, computed by the rules of SigV4 and not by the SDK. */
function signatureOf(request: IncomingMessage, secret: string): string {
  const authorization = request.headers.authorization ?? ''
  const [, scope = '', signed = ''] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(authorization) ?? []
  const headers = signed.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const canonical = [
    request.method,
    path,
    query,
    headers.join(''),
    signed,
    request.headers['x-amz-content-sha256'],
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, hash(canonical).toString('hex')].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secret}`)
  return hmac(key, text).toString('hex')
}

function refuse(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {'content-type': 'application/xml', 'x-amz-request-id': 'R1', ...headers})
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>about &quot;${code}&quot;</Message></Error>`)
}

/** A bucket on the loopback that takes PUT, and verifies signature and checksum as S3 does. */
export async function fakeS3(trouble: (put: Put, number: number) => Trouble = () => undefined, versioned = true) {
  const puts: Put[] = []
  const stored = new Map<string, Buffer>()
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const url = request.url ?? ''
      const put = {key: decodeURIComponent(url.replace('/bucket/', '')), url, headers: request.headers, body}
      puts.push(put)
      const what = trouble(put, puts.length)
      if (what === 'reset') {
        request.socket.resetAndDestroy()
        return
      }
      if (what === 'cut') {
        response.writeHead(200, {'content-length': '10'})
        response.write('half')
        response.on('close', () => undefined)
        setImmediate(() => request.socket.destroy())
        return
      }
      if (what !== undefined) {
        refuse(response, what.status, what.code, what.headers)
        return
      }
      const signature = /Signature=(\w+)/.exec(request.headers.authorization ?? '')?.[1]
      if (signature !== signatureOf(request, 'local')) {
        refuse(response, 403, 'SignatureDoesNotMatch')
        return
      }
      if (request.headers['x-amz-content-sha256'] !== hash(body).toString('hex')) {
        refuse(response, 400, 'XAmzContentSHA256Mismatch')
        return
      }
      if (request.headers['x-amz-checksum-sha256'] !== hash(body).toString('base64')) {
        refuse(response, 400, 'BadDigest')
        return
      }
      stored.set(put.key, body)
      response.writeHead(200, {etag: '"e"', ...(versioned ? {'x-amz-version-id': `v${puts.length}`} : {})}).end()
      return
    })
  })
  server.on('connection', () => (connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    puts,
    stored,
    connections: () => connections,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
