import {Agent as HttpAgent, type IncomingMessage, request as httpRequest} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'
import {rootCertificates} from 'node:tls'
import {FailedError} from '../domain/errors.ts'
import type {ImageTags} from '../flows/init/ports.ts'
import type {ImageRegistry, ImageRequest} from '../flows/preflight/ports.ts'

/** Manifests of single images and of lists of them (OCI image and distribution specifications; Docker's older names). */
export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')
const timeoutMs = 15_000
const longestBody = 1_048_576

interface Answered {
  readonly status: number
  readonly challenge: string
  /** The digest of what was answered (distribution specification, pulling manifests). */
  readonly digest: string
  readonly body: string
}

/**
 * Registries by HTTPS, plain HTTP on the loopback alone. Proxies are those of the environment.
 * @param certificates PEM text of authorities to trust beside the usual ones
 */
export function httpImageRegistry(certificates?: string): ImageRegistry {
  return {
    async manifest(request) {
      const {registry, repository, tag} = request
      const [host = '', ...path] = registry.split('/')
      const url = new URL(`/v2/${[...path, repository].join('/')}/manifests/${tag}`, `${schemeOf(host)}://${host}`)
      const first = await get(url, undefined, certificates)
      const answer =
        first.status === 401
          ? await get(url, await authorization(first.challenge, request.credentials, certificates), certificates)
          : first
      if (answer.status === 200) return {found: true, ...(isDigest(answer.digest) ? {digest: answer.digest} : {})}
      if (answer.status === 404) return {found: false, why: 'missing', status: 404}
      if (answer.status === 401 || answer.status === 403) return {found: false, why: 'denied', status: answer.status}
      throw new FailedError(`The image registry ${host} answered HTTP ${answer.status}.`, {code: 'REGISTRY_ANSWER'})
    },
  }
}

/** Longest that anybody waits for a list that they can do without, in ms. */
const listTimeoutMs = 4000

/**
 * Tags by the same registries, without credentials; the newest release comes first where names tell.
 * @param certificates as for `httpImageRegistry`
 */
export function httpImageTags(certificates?: string): ImageTags {
  return {
    async tags(registry, repository) {
      const [host = '', ...path] = registry.split('/')
      const name = [...path, repository].join('/')
      const url = new URL(`/v2/${name}/tags/list?n=1000`, `${schemeOf(host)}://${host}`)
      const first = await get(url, undefined, certificates, listTimeoutMs)
      const answer =
        first.status === 401
          ? await get(url, await authorization(first.challenge, undefined, certificates), certificates, listTimeoutMs)
          : first
      if (answer.status !== 200)
        throw new FailedError(`${host} answered HTTP ${answer.status}.`, {code: 'REGISTRY_ANSWER'})
      const {tags} = parsed(answer.body)
      return [...(tags ?? [])]
        .filter((tag) => /^\w[\w.-]{0,127}$/.test(tag))
        .toSorted((a, b) => b.localeCompare(a, 'en', {numeric: true}))
    },
  }
}

function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

/** Plain HTTP is for this machine alone. */
export function schemeOf(host: string): 'http' | 'https' {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host) ? 'http' : 'https'
}

/** What the registry's challenge asks for: the credentials themselves, or a token that they buy. */
export async function authorization(
  challenge: string,
  credentials: ImageRequest['credentials'],
  certificates: string | undefined,
): Promise<string | undefined> {
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`
  if (!/^bearer /i.test(challenge)) return basic
  const {realm, service, scope} = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  )
  if (realm === undefined || !URL.canParse(realm)) return basic
  const url = new URL(realm)
  // The password must not travel in the clear, whatever a registry says.
  if (url.protocol !== 'https:' && schemeOf(url.host) !== 'http') return undefined
  for (const [key, value] of Object.entries({service, scope})) if (value !== undefined) url.searchParams.set(key, value)
  const {status, body} = await get(url, basic, certificates)
  if (status !== 200) return basic
  const {token, access_token: accessToken} = parsed(body)
  return `Bearer ${token ?? accessToken ?? ''}`
}

interface Parsed {
  readonly token?: string
  readonly access_token?: string
  readonly tags?: readonly string[] | null
}

function parsed(body: string): Parsed {
  try {
    return JSON.parse(body) as Parsed
  } catch {
    return {}
  }
}

/** Connections by the proxies of the environment, trusting a company's authorities too. */
export function agentFor(secure: boolean, certificates: string | undefined): HttpAgent {
  if (!secure) return new HttpAgent()
  const trusted = certificates === undefined ? {} : {ca: [...rootCertificates, certificates]}
  const proxied = {proxyEnv: process.env}
  return new HttpsAgent({...proxied, ...trusted})
}

function get(
  url: URL,
  credentials: string | undefined,
  certificates: string | undefined,
  limitMs = timeoutMs,
): Promise<Answered> {
  const headers = {accept: manifestTypes, ...(credentials === undefined ? {} : {authorization: credentials})}
  const secure = url.protocol === 'https:'
  const agent = agentFor(secure, certificates)
  const send = secure ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const unreachable = (why: string, cause?: Error): void => {
      reject(
        new FailedError(`The image registry ${url.host} cannot be reached: ${why}`, {
          code: 'REGISTRY_UNREACHABLE',
          suggestions: ['Check the network and HTTPS_PROXY, or pass the check over: --skip registry'],
          cause,
        }),
      )
    }
    const failed = (cause: Error): void => {
      unreachable(cause.message, cause)
    }
    const sent = send(url, {headers, agent, timeout: limitMs}, (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        if (body.length < longestBody) body += text
      })
      response.on('error', failed)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          challenge: response.headers['www-authenticate'] ?? '',
          digest: String(response.headers['docker-content-digest'] ?? ''),
          body,
        })
      })
    })
    sent.on('timeout', () => {
      unreachable(`no answer within ${limitMs / 1000} s`)
      sent.destroy()
    })
    sent.on('error', failed)
    sent.end()
  })
}
