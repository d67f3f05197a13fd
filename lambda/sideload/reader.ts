import {Agent as HttpAgent, type IncomingMessage, request as httpRequest} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'
import {setTimeout as pause} from 'node:timers/promises'
import {GetObjectCommand, type S3Client} from '@aws-sdk/client-s3'
import {getEndpointFromInstructions} from '@smithy/core/endpoints'
import {Buffers} from './buffers.ts'
import {SideloadError} from './errors.ts'
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
const sockets = 64
/** SHA-256 of no bytes: what a GET sends. */
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** Bytes of an error's XML that are read at most. */
const errorBytes = 16_384

const retriedStatuses = [429, 500, 502, 503, 504]

/** What S3 answered instead of an object, in the form in which the SDK throws it. */
export class RefusedRead extends Error {
  readonly $metadata: {readonly httpStatusCode: number}
  /** Milliseconds since 1970, by S3's clock; NaN where it did not say. */
  readonly serverTime: number

  constructor(status: number, body: string, date: string | undefined) {
    super(element(body, 'Message') ?? `HTTP ${status}`)
    this.name = element(body, 'Code') ?? `HTTP ${status}`
    this.$metadata = {httpStatusCode: status}
    this.serverTime = Date.parse(date ?? '')
  }
}

/** A connection on which nothing came for too long, or which broke off in the middle. */
class BrokenOff extends Error {
  override readonly name = 'BrokenOff'
}

/**
 * Reads ranges of objects with little work for each: the SDK's GetObject costs more than a millisecond of CPU, which is more
 * than all else that is done to a small file. Endpoint, credentials and signer are those of the client.
 */
export class Reader {
  readonly #client: S3Client
  readonly #patience: Patience
  readonly #http: HttpAgent
  readonly #https: HttpsAgent
  readonly #buffers = new Buffers()
  readonly #places = new Map<string, Promise<Place>>()
  /** What S3's clock is ahead of ours (ms). */
  #skewMs = 0

  constructor(client: S3Client, patience: Patience) {
    this.#client = client
    this.#patience = patience
    const options = {keepAlive: true, maxSockets: sockets, scheduling: 'lifo', timeout: patience.silence} as const
    this.#http = new HttpAgent(options)
    this.#https = new HttpsAgent(options)
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
    const {url, base, signer, region, service} = await this.#placeOf(source.bucket)
    const path = `${base}/${source.key.split('/').map(encodeName).join('/')}`
    const query: Record<string, string> = source.versionId === undefined ? {} : {versionId: source.versionId}
    const wanted: Record<string, string> = {
      host: url.host,
      range: `bytes=${from}-${to - 1}`,
      'x-amz-content-sha256': emptyHash,
    }
    if (source.etag !== undefined) wanted['if-match'] = source.etag
    const {headers} = await signer.sign(
      {method: 'GET', protocol: url.protocol, hostname: url.hostname, path, query, headers: wanted},
      {signingDate: new Date(Date.now() + this.#skewMs), signingRegion: region, signingService: service},
    )
    const asked = source.versionId === undefined ? path : `${path}?versionId=${encodeName(source.versionId)}`
    const {silence: timeout} = this.#patience
    const options = {
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: asked,
      headers,
      timeout,
      ...(signal === undefined ? {} : {signal}),
    }
    return new Promise<Piece>((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? httpsRequest({...options, agent: this.#https})
          : httpRequest({...options, agent: this.#http})
      request.on('timeout', () => request.destroy(new BrokenOff(`no byte for ${timeout} ms`)))
      request.on('error', reject)
      request.on('response', (response) => collect(response, [from, to], this.#buffers, resolve, reject))
      request.end()
    })
  }

  #placeOf(bucket: string): Promise<Place> {
    const known = this.#places.get(bucket)
    if (known !== undefined) return known
    const place = placeOf(this.#client, bucket)
    this.#places.set(bucket, place)
    // What could not be found out must not be remembered.
    place.catch(() => this.#places.delete(bucket))
    return place
  }
}

/** Takes an answer to its end, so that the connection can be used again. */
function collect(
  response: IncomingMessage,
  range: readonly [number, number],
  buffers: Buffers,
  resolve: (piece: Piece) => void,
  reject: (error: unknown) => void,
): void {
  const {statusCode: status = 0, headers} = response
  response.on('error', reject)
  response.on('aborted', () => reject(new BrokenOff('the answer broke off')))
  if (status !== 200 && status !== 206) {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (text: string) => (body = (body + text).slice(0, errorBytes)))
    response.on('end', () => reject(new RefusedRead(status, body, headers.date)))
    return
  }
  const [from, to] = range
  const length = Number(headers['content-length'] ?? NaN)
  // A server may answer a range with the whole (RFC 9110, 14.2): then the piece is cut out while it passes.
  const isWhole = status === 200
  const total = isWhole ? length : Number(headers['content-range']?.split('/').at(-1) ?? NaN)
  if (!Number.isSafeInteger(length) || !Number.isSafeInteger(total)) {
    reject(new SideloadError('STORE_FAILED', 'the answer does not say how long it is'))
    response.destroy()
    return
  }
  const [skipped, wanted] = isWhole ? [from, Math.max(0, Math.min(to, total) - from)] : [0, length]
  // One buffer of the right size: collecting the chunks and joining them would take the memory twice.
  const {bytes, release} = buffers.take(wanted)
  let passed = -skipped
  const done = (): void => resolve({bytes, total, etag: headers.etag ?? '', release})
  response.on('data', (chunk: Buffer) => {
    const piece =
      passed < 0 || passed + chunk.byteLength > wanted
        ? chunk.subarray(Math.max(0, -passed), Math.max(0, wanted - passed))
        : chunk
    bytes.set(piece, Math.max(0, passed))
    passed += chunk.byteLength
    if (!isWhole || passed < wanted || passed >= length - skipped) return
    // The rest of the whole is nobody's business.
    done()
    response.destroy()
  })
  response.on('end', () => {
    if (passed < wanted) reject(new BrokenOff('the answer broke off'))
    else done()
  })
}

interface Place {
  readonly url: URL
  /** Path of the bucket, without a slash at its end. */
  readonly base: string
  readonly signer: Signer
  readonly region: string
  readonly service: string
}

interface SignedRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
}

interface Signer {
  sign(
    request: SignedRequest,
    options: {readonly signingDate: Date; readonly signingRegion: string; readonly signingService: string},
  ): Promise<SignedRequest>
}

/** Where a bucket is and who signs for it, by the rules of the SDK: partitions, FIPS, dual stack, other endpoints. */
async function placeOf(client: S3Client, bucket: string): Promise<Place> {
  const settings = {...client.config} as unknown as Parameters<typeof getEndpointFromInstructions>[2]
  const found = await getEndpointFromInstructions({Bucket: bucket, Key: 'k'}, GetObjectCommand, settings)
  const [scheme] = (found.properties?.['authSchemes'] ?? []) as readonly {
    signingRegion?: string
    signingName?: string
  }[]
  const make = client.config.signer as unknown as (scheme: unknown) => Promise<Signer>
  const url = new URL(found.url.toString())
  return {
    url,
    base: url.pathname.replace(/\/$/, ''),
    signer: await make(scheme),
    region: scheme?.signingRegion ?? (await client.config.region()),
    service: scheme?.signingName ?? 's3',
  }
}

/** As SigV4 wants the names of a path: everything but letters, digits and `-._~` as bytes of UTF-8. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The text of an element of an S3 error, which has no attributes and no nested element of that name. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  return text
    ?.replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}
