import {setTimeout as pause} from 'node:timers/promises'
import {GetObjectCommand, type S3Client} from '@aws-sdk/client-s3'
import {getEndpointFromInstructions} from '@smithy/core/endpoints'
import {elementOf} from '../../sigv4/error-text.ts'
import {type Place, placeOf, Places} from '../../sigv4/places.ts'
import {emptyHash, encodeName, SigningKeys, type Signed} from '../../sigv4/signing.ts'
import {Buffers} from './buffers.ts'
import {SideloadError} from './errors.ts'
import type {Head, Taker} from './http/answer.ts'
import {Connections} from './http/connections.ts'
import type {Piece, Source} from './store.ts'

/** How often a range is asked for in all, whatever went wrong with it. */
const tries = 4

/** How long the reader waits; milliseconds. */
export interface Patience {
  /** Without a byte, after which a connection is given up. */
  readonly silence: number
  /** Before another try at most; doubled each time. */
  readonly pause: number
}
/** Bytes of an error's XML that are read at most. */
const errorBytes = 16_384

const retriedStatuses = [429, 500, 502, 503, 504]

/** What S3 answered instead of an object, in the form in which the SDK throws it. */
export class RefusedRead extends Error {
  readonly $metadata: {readonly httpStatusCode: number}
  /** Milliseconds since 1970, by S3's clock; NaN where it did not say. */
  readonly serverTime: number

  constructor(status: number, body: string, date: string | undefined) {
    super(elementOf(body, 'Message') ?? `HTTP ${status}`)
    this.name = elementOf(body, 'Code') ?? `HTTP ${status}`
    this.$metadata = {httpStatusCode: status}
    this.serverTime = Date.parse(date ?? '')
  }
}

/**
 * Reads ranges of objects with little work for each: the SDK's GetObject costs more than a millisecond of CPU, which is more
 * than all else that is done to a small file. Endpoint and credentials are those of the client.
 */
export class Reader {
  readonly #client: S3Client
  readonly #patience: Patience
  readonly #buffers = new Buffers()
  readonly #keys = new SigningKeys()
  readonly #places: Places
  readonly #connections = new Map<string, Connections>()
  /** What S3's clock is ahead of ours (ms). */
  #skewMs = 0

  constructor(client: S3Client, patience: Patience) {
    this.#client = client
    this.#places = new Places((bucket) => find(client, bucket))
    this.#patience = patience
  }

  /**
   * The bytes from `from` up to and without `to`, fewer where the object ends before.
   * @throws RefusedRead when S3 refuses, or goes on failing; errors of the network; an AbortError
   */
  async read(source: Source, from: number, to: number, signal: AbortSignal | undefined): Promise<Piece> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#try(source, from, to, signal)
      } catch (error) {
        const isSkewed = error instanceof RefusedRead && error.name === 'RequestTimeTooSkewed'
        if (isSkewed && !Number.isNaN(error.serverTime)) this.#skewMs = error.serverTime - Date.now()
        const mayRetry =
          !(error instanceof RefusedRead) || isSkewed || retriedStatuses.includes(error.$metadata.httpStatusCode)
        if (attempt === tries || !mayRetry || signal?.aborted === true) throw error
        await pause(Math.random() * this.#patience.pause * 2 ** (attempt - 1))
      }
    }
  }

  async #try(source: Source, from: number, to: number, signal: AbortSignal | undefined): Promise<Piece> {
    const place = await this.#places.of(source.bucket)
    const {url, base} = place
    const path = `${base}/${source.key.split('/').map(encodeName).join('/')}`
    const versionId = source.versionId === undefined ? undefined : encodeName(source.versionId)
    const query = versionId === undefined ? '' : `versionId=${versionId}`
    const headers: Record<string, string> = {host: url.host, range: `bytes=${from}-${to - 1}`}
    if (source.etag !== undefined) headers['if-match'] = source.etag
    const at = new Date(Date.now() + this.#skewMs)
    const request = {method: 'GET', path, query, headers, bodyHash: emptyHash, at} as const
    const signed = this.#keys.sign(request, {...place, ...(await this.#client.config.credentials())})
    const piece = new Collector(from, to, this.#buffers)
    try {
      await this.#connectionsTo(url).ask(lines(path, query, signed), piece, signal)
      return piece.whole()
    } catch (error) {
      piece.discard()
      throw error
    }
  }

  #connectionsTo({protocol, hostname, port, origin}: URL): Connections {
    let known = this.#connections.get(origin)
    if (known === undefined) {
      const secure = protocol === 'https:'
      const host = hostname.replace(/^\[|\]$/g, '')
      known = new Connections({secure, host, port: Number(port) || (secure ? 443 : 80)}, this.#patience.silence)
      this.#connections.set(origin, known)
    }
    return known
  }
}

function lines(path: string, query: string, headers: Signed): string {
  const all = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path}${query === '' ? '' : `?${query}`} HTTP/1.1\r\n${all.join('')}\r\n`
}

/** Takes an answer to its end, so that the connection can be used again. */
class Collector implements Taker {
  readonly #from: number
  readonly #to: number
  readonly #buffers: Buffers
  #head: Head | undefined
  #refusal = ''
  #into: {readonly bytes: Uint8Array; readonly release: () => void} | undefined
  #total = 0
  /** Bytes of the piece that have passed; negative while what lies before it passes. */
  #passed = 0

  constructor(from: number, to: number, buffers: Buffers) {
    this.#from = from
    this.#to = to
    this.#buffers = buffers
  }

  begin(head: Head): void {
    this.#head = head
    if (head.status !== 200 && head.status !== 206) return
    const length = Number(head.headers.get('content-length') ?? NaN)
    // A server may answer a range with the whole (RFC 9110, 14.2): then the piece is cut out while it passes.
    const isWhole = head.status === 200
    this.#total = isWhole ? length : Number(head.headers.get('content-range')?.split('/').at(-1) ?? NaN)
    if (!Number.isSafeInteger(length) || !Number.isSafeInteger(this.#total)) {
      throw new SideloadError('STORE_FAILED', 'the answer does not say how long it is')
    }
    if (isWhole) this.#passed = -this.#from
    // One buffer of the right size: collecting the chunks and joining them would take the memory twice.
    const wanted = isWhole ? Math.max(0, Math.min(this.#to, this.#total) - this.#from) : length
    this.#into = this.#buffers.take(wanted)
  }

  take(chunk: Uint8Array): boolean {
    if (this.#into === undefined) {
      this.#refusal += Buffer.from(chunk).toString('utf8')
      return this.#refusal.length > errorBytes
    }
    const {bytes} = this.#into
    const from = Math.max(0, -this.#passed)
    const to = Math.min(chunk.byteLength, bytes.byteLength - this.#passed)
    if (to > from)
      bytes.set(from === 0 && to === chunk.byteLength ? chunk : chunk.subarray(from, to), this.#passed + from)
    this.#passed += chunk.byteLength
    // The rest of the whole is nobody's business.
    return this.#passed >= bytes.byteLength
  }

  /** @throws RefusedRead */
  whole(): Piece {
    const {status = 0, headers} = this.#head ?? {}
    if (this.#into === undefined) throw new RefusedRead(status, this.#refusal, headers?.get('date'))
    return {...this.#into, total: this.#total, etag: headers?.get('etag') ?? ''}
  }

  discard(): void {
    this.#into?.release()
  }
}

async function find(client: S3Client, bucket: string): Promise<Place> {
  const settings = {...client.config} as unknown as Parameters<typeof getEndpointFromInstructions>[2]
  const found = await getEndpointFromInstructions({Bucket: bucket, Key: 'k'}, GetObjectCommand, settings)
  const place = placeOf(found, await client.config.region())
  if (place.signature === 'sigv4') return place
  throw new SideloadError('STORE_FAILED', `the bucket ${bucket} wants signatures by ${place.signature}`)
}
