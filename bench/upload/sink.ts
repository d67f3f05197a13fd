import {createHash} from 'node:crypto'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/**
 * An S3 that drops the bodies of assets and keeps names and sizes: it answers what uploads ask for, and does so little
 * that the uploads are what is measured. Ledger and bundles are kept whole. Also says who calls and where the buckets are.
 */
interface Stored {
  readonly size: number
  readonly etag: string
  readonly at: Date
  readonly body: Buffer | undefined
  /** What the client wants told again (x-amz-meta-*): some keep their times there. */
  readonly notes: Readonly<Record<string, string>>
}

const objects = new Map<string, Stored>()
let requests = 0
let version = 0

const kept = /^\/(records|assets\/bundles)\//
const xml = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, {'content-type': 'application/xml', 'content-length': Buffer.byteLength(body)}).end(body)
}
const error = (response: ServerResponse, status: number, code: string): void =>
  xml(response, status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
const headers = ({etag, size, at, notes}: Stored) => ({
  ...notes,
  etag,
  'content-length': size,
  'last-modified': at.toUTCString(),
  'x-amz-version-id': etag.slice(1, -1),
})

function put(path: string, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  let size = 0
  const keep = kept.test(path)
  request.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (keep) chunks.push(chunk)
  })
  request.on('end', () => {
    const present = objects.get(path)
    const match = request.headers['if-match']
    if (request.headers['if-none-match'] === '*' && present !== undefined) {
      error(response, 412, 'PreconditionFailed')
      return
    }
    if (match !== undefined && match !== present?.etag) {
      error(response, 412, 'PreconditionFailed')
      return
    }
    const real = Number(request.headers['x-amz-decoded-content-length'] ?? size)
    const notes = Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        name.startsWith('x-amz-meta-') && typeof value === 'string' ? [[name, value]] : [],
      ),
    )
    const body = keep ? Buffer.concat(chunks) : undefined
    const stored = {size: real, etag: `"v${++version}"`, at: new Date(), body, notes}
    objects.set(path, stored)
    response.writeHead(200, {etag: stored.etag, 'x-amz-version-id': `v${version}`, 'content-length': 0}).end()
  })
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

function list(bucket: string, query: URLSearchParams, response: ServerResponse): void {
  const url = query.get('encoding-type') === 'url'
  const prefix = `${bucket}/${query.get('prefix') ?? ''}`
  const after = query.get('continuation-token') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const folders = new Set<string>()
  const all = [...objects]
    .filter(([path]) => path.startsWith(prefix) && path > after)
    .filter(([path]) => {
      const end = delimiter === '' ? -1 : path.indexOf(delimiter, prefix.length)
      if (end >= 0) folders.add(path.slice(bucket.length + 1, end + 1))
      return end < 0
    })
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const page = all.slice(0, 1000)
  const told = (key: string): string => (url ? encodeURIComponent(key) : escape(key))
  // All of them on every page: no tree that is measured has more than one.
  const prefixes = [...folders].map((key) => `<CommonPrefixes><Prefix>${told(key)}</Prefix></CommonPrefixes>`)
  const rows = page.map(([path, {size, etag, at}]) => {
    const key = path.slice(bucket.length + 1)
    return `<Contents><Key>${told(key)}</Key><Size>${size}</Size><ETag>${escape(etag)}</ETag><LastModified>${at.toISOString()}</LastModified></Contents>`
  })
  const next =
    all.length > page.length ? `<NextContinuationToken>${escape(page.at(-1)?.[0] ?? '')}</NextContinuationToken>` : ''
  const body = `<ListBucketResult><IsTruncated>${all.length > page.length}</IsTruncated><KeyCount>${page.length}</KeyCount>${next}${url ? '<EncodingType>url</EncodingType>' : ''}${rows.join('')}${prefixes.join('')}</ListBucketResult>`
  xml(response, 200, body)
}

const stack = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>pi-demo-foundation</StackName><StackId>arn:aws:cloudformation:eu-west-1:000000000000:stack/pi-demo-foundation/1</StackId><CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member><OutputKey>AssetsBucket</OutputKey><OutputValue>assets</OutputValue></member><member><OutputKey>RecordsBucket</OutputKey><OutputValue>records</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:user/bench</Arn><UserId>U</UserId><Account>000000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`

const server = createServer((request, response) => {
  const [rawPath = '', query = ''] = (request.url ?? '').split('?')
  if (rawPath === '/_bench') {
    const names = createHash('sha256')
      .update(
        [...objects]
          .filter(([path]) => !kept.test(path))
          .map(([path, {size}]) => `${path} ${size}`)
          .sort()
          .join('\n'),
      )
      .digest('hex')
    response.end(JSON.stringify({requests, names}))
    if (query === 'forget') objects.clear()
    requests = 0
    return
  }
  requests += 1
  const path = decodeURIComponent(rawPath)
  const [, bucket = '', first] = path.split('/')
  if (request.method === 'PUT') {
    put(path, request, response)
    return
  }
  if (request.method === 'POST') {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () =>
      xml(response, 200, Buffer.concat(chunks).toString().includes('GetCallerIdentity') ? identity : stack),
    )
    return
  }
  request.resume()
  if (first === undefined || first === '') {
    if (request.method === 'HEAD') response.end()
    else list(`/${bucket}`, new URLSearchParams(query), response)
    return
  }
  const stored = objects.get(path)
  if (request.method === 'DELETE') {
    objects.delete(path)
    return void response.writeHead(204).end()
  }
  if (stored === undefined) {
    error(response, 404, 'NoSuchKey')
    return
  }
  response.writeHead(200, headers(stored)).end(request.method === 'HEAD' ? undefined : stored.body)
})

server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
