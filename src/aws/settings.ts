import {Agent as HttpAgent} from 'node:http'
import {Agent as HttpsAgent, type AgentOptions} from 'node:https'
import {rootCertificates} from 'node:tls'
import {ConfiguredRetryStrategy} from '@smithy/core/retry'
import {credentialsOf} from './credentials.ts'
import {isLoopback} from './endpoints.ts'
import {present} from './present.ts'

/** How AWS is reached: what the command line, pi-aws.yaml and the environment said. */
export interface AwsSettings {
  readonly region: string
  /** Base URL instead of AWS's own, for all services. */
  readonly endpointUrl?: string
  readonly profile?: string
  /** Role to assume on top of the credentials that were found. */
  readonly roleArn?: string
  /** The embedded AWS: made-up credentials, and nothing of the operator's AWS configuration is read. */
  readonly local: boolean
  /** Takes one line per call (`--verbose`): names, status, request id; never an input or output. */
  readonly log?: (line: string) => void
  /** PEM text of authorities to trust beside the usual ones (what AWS_CA_BUNDLE names), for proxies that open TLS. */
  readonly certificates?: string
  /** `pi-aws/<version>` */
  readonly userAgent: string
}

/** Tries of one call, the first included. */
export const maxAttempts = 7
const requestTimeoutMs = 60_000

/** Milliseconds to wait before retry `attempt` (from 1): half fixed, half random, doubling up to a cap; about 45 s over all retries of a call. */
export function retryDelay(attempt: number, local: boolean, random: () => number = Math.random): number {
  const [base, cap] = local ? [25, 400] : [1000, 15_000]
  const ceiling = Math.min(cap, base * 2 ** (attempt - 1))
  return Math.round(ceiling * (0.5 + random() / 2))
}

/**
 * Keep-alive agents. Behind a proxy Node itself honours HTTPS_PROXY, HTTP_PROXY and NO_PROXY through `proxyEnv`
 * (from Node 24.5 and 22.21; older ones connect directly).
 */
function agents(useProxy: boolean, certificates: string | undefined): {httpAgent: HttpAgent; httpsAgent: HttpsAgent} {
  const options: AgentOptions & {proxyEnv?: NodeJS.ProcessEnv} = {
    keepAlive: true,
    maxSockets: 50,
    ...(useProxy ? {proxyEnv: process.env} : {}),
    ...(certificates === undefined ? {} : {ca: [...rootCertificates, certificates]}),
  }
  return {httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options)}
}

/** One line of the SDK's own log entry, without what was sent and received. */
function lineOf(entry: unknown): string {
  const {clientName, commandName, metadata, error} = entry as {
    clientName?: string
    commandName?: string
    metadata?: {httpStatusCode?: number; requestId?: string; attempts?: number}
    error?: {name?: string}
  }
  return [
    `${clientName?.replace(/Client$/, '') ?? 'AWS'} ${commandName?.replace(/Command$/, '') ?? 'call'}`,
    metadata?.httpStatusCode ?? '-',
    ...(error?.name === undefined ? [] : [error.name]),
    ...((metadata?.attempts ?? 1) > 1 ? [`attempts=${metadata?.attempts}`] : []),
    `request=${metadata?.requestId ?? '-'}`,
  ].join(' ')
}

/** The SDK's logger; it always gets one, since without it the SDK writes warnings to the console. */
function loggerOf(log: ((line: string) => void) | undefined) {
  const nothing = (): void => undefined
  const call = log === undefined ? nothing : (entry: unknown) => log(lineOf(entry))
  const warning = log === undefined ? nothing : (text: unknown) => log(`warning: ${String(text)}`)
  return {trace: nothing, debug: nothing, info: call, warn: warning, error: call}
}

/** Answers to what the SDK would otherwise look up in ~/.aws/config, so that it never opens it. */
function nothingFromFiles() {
  const defaultsMode = 'standard' as const
  const whenSupported = 'WHEN_SUPPORTED' as const
  const noNames: string[] = []
  return {
    defaultsMode,
    retryMode: 'standard',
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    userAgentAppId: '',
    authSchemePreference: noNames,
    sigv4aSigningRegionSet: noNames,
    disableClockSkewCorrection: false,
    // What S3 alone asks for.
    requestChecksumCalculation: whenSupported,
    responseChecksumValidation: whenSupported,
    disableS3ExpressSessionAuth: false,
    useArnRegion: false,
  }
}

/** What every client is made with; adapters add what only their service knows. */
export function clientConfig(settings: AwsSettings) {
  const {region, endpointUrl, local} = settings
  const direct = local || (endpointUrl !== undefined && isLoopback(new URL(endpointUrl).hostname))
  const requestHandler = {
    connectionTimeout: 5000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    ...agents(!direct, settings.certificates),
  }
  const logger = loggerOf(settings.log)
  return {
    region,
    ...present({endpoint: endpointUrl}),
    ...(local ? nothingFromFiles() : {}),
    ...(settings.profile === undefined || local ? {} : {profile: settings.profile}),
    credentials: credentialsOf(settings, {requestHandler, logger}),
    maxAttempts,
    retryStrategy: new ConfiguredRetryStrategy(maxAttempts, (attempt) => retryDelay(attempt, local)),
    requestHandler,
    customUserAgent: settings.userAgent,
    logger,
  }
}

export type ClientConfig = ReturnType<typeof clientConfig>
