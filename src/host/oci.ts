import {createHash} from 'node:crypto'
import {type IncomingMessage, request as httpRequest} from 'node:http'
import {request as httpsRequest} from 'node:https'
import {PassThrough, type Readable, Stream, Transform} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {AccessError, FailedError, NotFoundError} from '../domain/errors.ts'
import type {Descriptor, ImageTransfer, Manifest, RepositoryPlace} from '../flows/mirror/ports.ts'
import {agentFor, authorization, manifestTypes} from './image-registry.ts'

/** A registry that says nothing for so long is gone (ms). */
const silenceMs = 60_000
/** More than any registry takes as a manifest (distribution specification: 4 MiB should be taken). */
const longestManifest = 4 * 1024 * 1024
const mostRedirects = 5

interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | Readable
}

/** Registries by their HTTP API (OCI distribution specification). @param certificates PEM text of further authorities */
export function ociTransfer(certificates?: string): ImageTransfer {
  return new Transfer(certificates)
}

class Transfer implements ImageTransfer {
  readonly #certificates: string | undefined
  /** Repository -> what it was logged in to with. */
  readonly #logins = new Map<string, string>()

  constructor(certificates: string | undefined) {
    this.#certificates = certificates
  }

  async manifest(place: RepositoryPlace, reference: string): Promise<Manifest> {
    const url = at(place, `manifests/${reference}`)
    const response = await this.#ask(place, {method: 'GET', url, headers: {accept: manifestTypes}})
    await this.#require(response, url, [200])
    const bytes = await wholeBody(response, longestManifest)
    const digest = sha256(bytes)
    const said = String(response.headers['docker-content-digest'] ?? digest)
    const wanted = reference.startsWith('sha256:') ? reference : said
    if (digest !== wanted) throw wrongDigest(url, wanted, digest)
    const [mediaType = ''] = (response.headers['content-type'] ?? '').split(';')
    return {bytes, digest, mediaType, size: bytes.byteLength}
  }

  async stored(place: RepositoryPlace, kind: 'blobs' | 'manifests', reference: string): Promise<string | undefined> {
    const url = at(place, `${kind}/${reference}`)
    const response = await this.#ask(place, {method: 'HEAD', url, headers: {accept: manifestTypes}})
    response.resume()
    if (response.statusCode === 404) return undefined
    await this.#require(response, url, [200])
    return String(response.headers['docker-content-digest'] ?? reference)
  }

  async copyBlob(
    from: RepositoryPlace,
    to: RepositoryPlace,
    {digest, size}: Descriptor,
    {onBytes, signal}: {readonly onBytes: (count: number) => void; readonly signal: AbortSignal},
  ): Promise<void> {
    signal.throwIfAborted()
    const source = at(from, `blobs/${digest}`)
    const download = await this.#ask(from, {method: 'GET', url: source})
    await this.#require(download, source, [200])
    const place = await this.#location(to, {method: 'POST', url: at(to, 'blobs/uploads/')}, [202])
    const hash = createHash('sha256')
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk)
        onBytes(chunk.byteLength)
        done(null, chunk)
      },
    })
    const body = new PassThrough()
    const headers = {'content-type': 'application/octet-stream', 'content-length': String(size)}
    // Whichever side fails ends the other one.
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const carried = pipeline(download, counted, body, {signal: either}).catch((cause: unknown) => {
      signal.throwIfAborted()
      throw unreachable(source, cause)
    })
    const [uploaded] = await Promise.all([
      this.#location(to, {method: 'PATCH', url: place, headers, body}, [201, 202, 204]),
      carried,
    ]).catch((error: unknown) => {
      failed.abort()
      signal.throwIfAborted()
      throw error
    })
    const found = `sha256:${hash.digest('hex')}`
    if (found !== digest) {
      // An upload that is not completed is nothing; this only has it forgotten sooner.
      await this.#ask(to, {method: 'DELETE', url: uploaded}).then((answer) => answer.resume())
      throw wrongDigest(source, digest, found)
    }
    uploaded.searchParams.set('digest', digest)
    const done = await this.#ask(to, {method: 'PUT', url: uploaded, headers: {'content-length': '0'}})
    await this.#require(done, uploaded, [201])
    done.resume()
  }

  async putManifest(to: RepositoryPlace, reference: string, {bytes, mediaType}: Manifest): Promise<void> {
    const url = at(to, `manifests/${reference}`)
    const headers = {'content-type': mediaType, 'content-length': String(bytes.byteLength)}
    const response = await this.#ask(to, {method: 'PUT', url, headers, body: bytes})
    await this.#require(response, url, [201])
    response.resume()
  }

  async #location(place: RepositoryPlace, request: Request, wanted: readonly number[]): Promise<URL> {
    const response = await this.#ask(place, request)
    await this.#require(response, request.url, wanted)
    response.resume()
    return new URL(response.headers.location ?? request.url.href, request.url)
  }

  /** Asks with the login of the repository, which is made at the first challenge. A body is sent once: log in before. */
  async #ask(place: RepositoryPlace, request: Request): Promise<IncomingMessage> {
    const key = `${place.url}/${place.path} ${request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'push'}`
    const first = await this.#send(request, this.#logins.get(key))
    // What was sent from a stream cannot be sent again; by then the login is some seconds old at most.
    if (first.statusCode !== 401 || request.body instanceof Stream) return first
    const challenge = first.headers['www-authenticate'] ?? ''
    const login = await authorization(challenge, place.credentials, this.#certificates)
    if (login === undefined) return first
    first.resume()
    this.#logins.set(key, login)
    return this.#send(request, login)
  }

  /** Follows redirects; a login goes to the registry's own host and to nobody else. */
  async #send(request: Request, login: string | undefined): Promise<IncomingMessage> {
    let {url} = request
    for (let hops = 0; ; hops += 1) {
      const own = url.host === request.url.host && login !== undefined ? {authorization: login} : {}
      const response = await this.#once({...request, url, headers: {...request.headers, ...own}})
      const {location} = response.headers
      const moved = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0)
      if (!moved || location === undefined || request.body !== undefined || hops === mostRedirects) return response
      response.resume()
      url = new URL(location, url)
    }
  }

  #once({method, url, headers, body}: Request): Promise<IncomingMessage> {
    const secure = url.protocol === 'https:'
    const agent = agentFor(secure, this.#certificates)
    return new Promise((resolve, reject) => {
      const failed = (cause: Error): void => {
        reject(unreachable(url, cause))
      }
      const sent = (secure ? httpsRequest : httpRequest)(url, {
        method,
        headers: {...headers},
        agent,
        timeout: silenceMs,
      })
      sent.on('response', resolve).on('error', failed)
      sent.on('timeout', () => {
        reject(unreachable(url, `no answer within ${silenceMs / 1000} s`))
        sent.destroy()
      })
      if (body === undefined || body instanceof Uint8Array) sent.end(body)
      else body.on('error', (error) => sent.destroy(error)).pipe(sent)
    })
  }

  async #require(response: IncomingMessage, url: URL, wanted: readonly number[]): Promise<void> {
    const status = response.statusCode ?? 0
    if (wanted.includes(status)) return
    const words = Buffer.from(await wholeBody(response, longestManifest).catch(() => new Uint8Array())).toString()
    throw refusal(status, url, response.headers['retry-after'], messageIn(words))
  }
}

function at({url, path}: RepositoryPlace, rest: string): URL {
  return new URL(`/v2/${path}/${rest}`, url)
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

async function wholeBody(stream: IncomingMessage, most: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > most) {
      stream.destroy()
      throw new FailedError(`A registry answered with more than ${most} bytes.`, {code: 'REGISTRY_ANSWER'})
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The first sentence of a registry's errors (distribution specification, "Error Codes"). */
function messageIn(text: string): string {
  try {
    const {errors} = JSON.parse(text) as {errors?: readonly {code?: string; message?: string}[]}
    const [first] = errors ?? []
    return [first?.code, first?.message].filter((word) => word !== undefined && word !== '').join(': ')
  } catch {
    return ''
  }
}

function refusal(status: number, url: URL, retryAfter: string | undefined, words: string): Error {
  const why = words === '' ? '' : ` (${words})`
  if (status === 404) {
    return new NotFoundError(`${url.host} has no ${nameIn(url)}${why}.`, {code: 'IMAGE_NOT_FOUND'})
  }
  if (status === 401 || status === 403) {
    return new AccessError(`${url.host} does not give or take ${nameIn(url)} with this login: HTTP ${status}${why}.`, {
      code: 'REGISTRY_DENIED',
      suggestions: ['pi-aws registry login ENVIRONMENT --username NAME --password-file token.txt'],
    })
  }
  if (status === 429) {
    const wait = retryAfter === undefined ? 'in some hours' : `in ${retryAfter} s`
    return new FailedError(`${url.host} gives no more for now: too many pulls${why}.`, {
      code: 'RATE_LIMITED',
      suggestions: [`Run the same command again ${wait}: it goes on where it was`],
    })
  }
  return new FailedError(`${url.host} answered HTTP ${status} for ${nameIn(url)}${why}.`, {code: 'REGISTRY_ANSWER'})
}

function nameIn(url: URL): string {
  return url.pathname.replace(/^\/v2\//, '')
}

function wrongDigest(url: URL, wanted: string, found: string): FailedError {
  return new FailedError(`${url.host} gave other bytes than ${wanted}: they are ${found}. Nothing of them was kept.`, {
    code: 'WRONG_DIGEST',
  })
}

function unreachable(url: URL, cause: unknown): FailedError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new FailedError(`The image registry ${url.host} cannot be reached: ${why}`, {
    code: 'REGISTRY_UNREACHABLE',
    suggestions: ['Run the same command again: it goes on where it was'],
    cause,
  })
}
