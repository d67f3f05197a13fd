import {type ClientRequest, type IncomingMessage, request as httpRequest} from 'node:http'
import {request as httpsRequest} from 'node:https'
import {setTimeout as pause} from 'node:timers/promises'
import {PutObjectCommand, type S3Client} from '@aws-sdk/client-s3'
import {getEndpointFromInstructions} from '@smithy/core/endpoints'
import {elementOf} from '../../../sigv4/error-text.ts'
import {type Place, placeOf, Places} from '../../../sigv4/places.ts'
import {encodeName, SigningKeys} from '../../../sigv4/signing.ts'
import {isLoopback} from '../endpoints.ts'
import {type ClientConfig, maxAttempts, retryDelay} from '../settings.ts'

/** Silence (ms) on a connection after which a try is given up. */
const silenceMs = 60_000

/** An answer of S3 that is no success, in the form in which the SDK throws it. */
export class S3AnswerError extends Error {
  readonly $fault: 'client' | 'server'
  readonly $metadata: {readonly httpStatusCode: number; readonly requestId?: string; readonly attempts: number}
  /** By S3's clock. */
  readonly serverTime: Date | undefined

  constructor(answer: Answer, attempts: number) {
    super(elementOf(answer.body, 'Message') ?? `HTTP ${answer.status}`)
    this.name = elementOf(answer.body, 'Code') ?? `HTTP ${answer.status}`
    this.$fault = answer.status >= 500 ? 'server' : 'client'
    const requestId = answer.headers['x-amz-request-id']
    this.$metadata = {httpStatusCode: answer.status, attempts, ...(typeof requestId === 'string' ? {requestId} : {})}
    const date = new Date(answer.headers.date ?? NaN)
    this.serverTime = Number.isNaN(date.getTime()) ? undefined : date
  }
}

/** A try during which nothing came for too long. */
class SilenceError extends Error {
  override readonly name = 'TimeoutError'
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface PutRequest {
  readonly bucket: string
  readonly owner: string
  readonly key: string
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, hex: signed with the request, and compared by S3 with what arrived. */
  readonly sha256: string
}

export interface PutAnswer {
  readonly etag: string
  /** Absent in a bucket without versions. */
  readonly versionId?: string
}

const retriedStatuses = [429, 500, 502, 503, 504]
/** Answers of 4xx that another try may turn: S3 was in a hurry, or what arrived is not what was sent. */
const retriedCodes = [
  'RequestTimeout',
  'SlowDown',
  'OperationAborted',
  'ConditionalRequestConflict',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
  'RequestTimeTooSkewed',
]

/**
 * Puts small objects with little work for each: the SDK spends several milliseconds of CPU on a PutObject, most of it on
 * middleware that a plain PUT of known bytes does not need. Endpoint, credentials and signer are those of the client, and
 * so is the way to try again.
 */
export class Sender {
  readonly #client: S3Client
  readonly #config: ClientConfig
  readonly #random: () => number
  readonly #keys = new SigningKeys()
  readonly #places: Places
  /** What S3's clock is ahead of ours. Milliseconds. */
  #skewMs = 0

  constructor(client: S3Client, config: ClientConfig, random: () => number = Math.random) {
    this.#client = client
    this.#places = new Places((bucket) => find(client, bucket))
    this.#config = config
    this.#random = random
  }

  /** @throws S3AnswerError when S3 refuses, or goes on failing; network errors of Node when it cannot be reached */
  async put(request: PutRequest): Promise<PutAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#try(request)
        if (answer.status === 200) return accepted(answer)
        throw new S3AnswerError(answer, attempt)
      } catch (error) {
        if (error instanceof S3AnswerError && error.name === 'RequestTimeTooSkewed' && error.serverTime !== undefined) {
          this.#skewMs = error.serverTime.getTime() - Date.now()
        }
        if (attempt === maxAttempts || !mayRetry(error)) throw error
        await pause(retryDelay(attempt, await this.#isNear(request.bucket), this.#random))
      }
    }
  }

  /** True for a service on this machine, which needs no long pauses. */
  async #isNear(bucket: string): Promise<boolean> {
    return isLoopback((await this.#places.of(bucket)).url.hostname)
  }

  async #try({bucket, owner, key, bytes, sha256}: PutRequest): Promise<Answer> {
    const place = await this.#places.of(bucket)
    const {url, base} = place
    const path = `${base}/${key.split('/').map(encodeName).join('/')}`
    const headers = {
      host: url.host,
      'content-length': String(bytes.byteLength),
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
      'x-amz-expected-bucket-owner': owner,
    }
    const at = new Date(Date.now() + this.#skewMs)
    const request = {method: 'PUT', path, query: '', headers, bodyHash: sha256, at} as const
    const signed = this.#keys.sign(request, {...place, ...(await this.#client.config.credentials())})
    return exchange(url, path, {...signed, 'user-agent': this.#config.customUserAgent}, bytes, this.#config)
  }
}

async function find(client: S3Client, bucket: string): Promise<Place> {
  const settings = {...client.config} as unknown as Parameters<typeof getEndpointFromInstructions>[2]
  const found = await getEndpointFromInstructions({Bucket: bucket, Key: 'k'}, PutObjectCommand, settings)
  return placeOf(found, await client.config.region())
}

function exchange(
  url: URL,
  path: string,
  headers: Record<string, string>,
  bytes: Uint8Array,
  {requestHandler: {httpAgent, httpsAgent}}: ClientConfig,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {method: 'PUT', hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, path, headers}
    const send = (): ClientRequest =>
      url.protocol === 'https:'
        ? httpsRequest({...options, agent: httpsAgent})
        : httpRequest({...options, agent: httpAgent})
    const request = send()
    request.setTimeout(silenceMs, () => request.destroy(new SilenceError(`no answer for ${silenceMs / 1000} s`)))
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('aborted', () => {
        reject(Object.assign(new SilenceError('the connection broke off'), {code: 'ECONNRESET'}))
      })
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    request.end(bytes)
  })
}

function accepted({headers}: Answer): PutAnswer {
  const versionId = headers['x-amz-version-id']
  return {etag: headers.etag ?? '', ...(typeof versionId === 'string' ? {versionId} : {})}
}

function mayRetry(error: unknown): boolean {
  if (!(error instanceof S3AnswerError)) return isNetworkError(error)
  return retriedStatuses.includes(error.$metadata.httpStatusCode) || retriedCodes.includes(error.name)
}

const networkCodes = [
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]

function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || networkCodes.includes((error as NodeJS.ErrnoException).code ?? '')
}
