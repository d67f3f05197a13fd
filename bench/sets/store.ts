import {createHash} from 'node:crypto'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'

/**
 * An S3 of names: lists pages of a thousand, gives and takes objects, and does so little for each request that whoever
 * asks is what is measured. Bodies that nobody reads back are dropped.
 */
export class NameStore {
  readonly #buckets = new Map<string, Map<string, Buffer>>()
  readonly #sorted = new Map<string, readonly string[]>()
  readonly #server = createServer((request, response) => {
    this.requests += 1
    const url = new URL(request.url ?? '/', 'http://s3')
    const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/')
    const key = rest.join('/')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const copied = request.headers['x-amz-copy-source'] !== undefined
      const [status, body] =
        request.method === 'PUT'
          ? this.#take(bucket, key, Buffer.concat(chunks), copied)
          : url.searchParams.has('list-type')
            ? ([200, this.#page(bucket, url.searchParams)] as const)
            : this.#give(bucket, key)
      const type = body.startsWith('<') ? 'application/xml' : 'application/octet-stream'
      const lasting = {etag: '"e"', 'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT', date: new Date().toUTCString()}
      response.writeHead(status, {...lasting, 'content-type': type, 'content-length': Buffer.byteLength(body)})
      response.end(request.method === 'HEAD' ? undefined : body)
    })
  })
  requests = 0

  put(bucket: string, key: string, body = ''): void {
    const objects = this.#buckets.get(bucket) ?? new Map<string, Buffer>()
    this.#buckets.set(bucket, objects.set(key, Buffer.from(body)))
    this.#sorted.delete(bucket)
  }

  #take(bucket: string, key: string, body: Buffer, copied: boolean): readonly [number, string] {
    this.put(bucket, key, body.toString('latin1'))
    const result = `<CopyObjectResult><ETag>"e"</ETag><ChecksumSHA256>${hashOfKey(key)}</ChecksumSHA256></CopyObjectResult>`
    return [200, copied ? result : '']
  }

  #give(bucket: string, key: string): readonly [number, string] {
    const body = this.#buckets.get(bucket)?.get(key)
    return body === undefined ? [404, '<Error><Code>NoSuchKey</Code></Error>'] : [200, body.toString()]
  }

  #page(bucket: string, query: URLSearchParams): string {
    const keys = this.#sorted.get(bucket) ?? [...(this.#buckets.get(bucket)?.keys() ?? [])].sort()
    this.#sorted.set(bucket, keys)
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const rows: string[] = []
    let next = ''
    for (let index = firstAfter(keys, after > prefix ? after : prefix); index < keys.length; index++) {
      const key = keys[index] ?? ''
      if (!key.startsWith(prefix)) break
      if (key === after) continue
      if (rows.length === 1000) {
        next = `<NextContinuationToken>${keys[index - 1] ?? ''}</NextContinuationToken>`
        break
      }
      rows.push(
        `<Contents><Key>${key}</Key><Size>64</Size><ETag>"e"</ETag><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>`,
      )
    }
    const encoding = query.has('encoding-type') ? '<EncodingType>url</EncodingType>' : ''
    const truncated = `<IsTruncated>${next !== ''}</IsTruncated>${next}`
    return `<ListBucketResult>${encoding}${truncated}${rows.join('')}</ListBucketResult>`
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** What S3 says of a copy: our keys are their own hashes. */
function hashOfKey(key: string): string {
  return Buffer.from(key.split('/').at(-1) ?? '', 'hex').toString('base64')
}

function firstAfter(keys: readonly string[], text: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((keys[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}

/** A hash for the n-th asset. */
export function assetHash(n: number): string {
  return createHash('sha256').update(`asset ${n}`).digest('hex')
}
