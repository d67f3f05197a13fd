import {AccessError, FailedError, PiError} from '../domain/errors.ts'
import {isLoopback} from './endpoints.ts'

/** What SDK and Node errors may carry; everything is optional, since anything can be thrown. */
interface SdkError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly address?: string
  readonly hostname?: string
  readonly errors?: readonly unknown[]
  readonly $fault?: string
  readonly $metadata?: {readonly requestId?: string; readonly httpStatusCode?: number; readonly attempts?: number}
}

const missingCredentials = ['CredentialsProviderError', 'TokenProviderError']
const expired = ['ExpiredToken', 'RequestExpired', 'TokenRefreshRequired', 'ExpiredTokenException']
const refused = [
  'InvalidClientTokenId',
  'UnrecognizedClient',
  'InvalidAccessKeyId',
  'AuthFailure',
  'SignatureDoesNotMatch',
  'InvalidSignature',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'InvalidToken',
  'NotSignedUp',
  'OptInRequired',
  'SubscriptionRequired',
]
const skewed = ['RequestTimeTooSkewed', 'RequestInTheFuture']
const denied = [
  'AccessDenied',
  'UnauthorizedOperation',
  'AuthorizationError',
  'NotAuthorized',
  'Forbidden',
  'KMSAccessDenied',
]
const throttled = [
  'Throttling',
  'Throttled',
  'TooManyRequests',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'BandwidthLimitExceeded',
  'PriorRequestNotComplete',
  'EC2Throttled',
]
const networkCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_PROXY_TUNNEL',
]

/** Names of the same error differ by protocol: `DBSnapshotNotFound`, `...Fault`, `...Exception`. */
function bare(name: string): string {
  return name.replace(/(Exception|Fault)$/, '')
}

/** True for an SDK error of one of these names, with or without AWS's endings. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.some((name) => bare(name) === bare(error.name))
}

/** The HTTP status of an SDK error: some answers come without the body that names them. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error ? (error as SdkError).$metadata?.httpStatusCode : undefined
}

/** CloudFormation has no error of its own for a stack that is not there: a ValidationError says so in words. */
export function saysNotThere(error: unknown): boolean {
  return error instanceof Error && isNamed(error, 'ValidationError') && error.message.includes('does not exist')
}

/** Port method -> IAM action, for services whose refusals do not name it. */
export type Actions = Readonly<Record<string, string>>

/** Wraps a port so that each of its methods fails only with errors of ours. */
export function translateErrors<P extends object>(port: P, actions: Actions = {}): P {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args)
        if (!(answer instanceof Promise)) return answer
        return answer.catch((error: unknown) => {
          throw translate(error, typeof name === 'string' ? actions[name] : undefined)
        })
      }
    },
  })
}

/**
 * An error of the SDK as one of ours. Ours and aborts pass as they are.
 * @param action the IAM action of the call, if AWS does not name it itself
 */
export function translate(error: unknown, action?: string): unknown {
  if (!(error instanceof Error) || error instanceof PiError || error.name === 'AbortError') return error
  const sdk: SdkError & Error = error
  if (isNamed(sdk, ...missingCredentials)) return noCredentials(sdk)
  if (isNamed(sdk, ...expired)) {
    return new AccessError('The AWS credentials have expired.', {
      code: 'CREDENTIALS_EXPIRED',
      suggestions: ['aws sso login', 'Or renew the session token in the environment, then run the same command again'],
      cause: sdk,
    })
  }
  if (isNamed(sdk, ...refused)) {
    return new AccessError(`AWS does not accept the credentials: ${sentence(sdk)}`, {
      code: 'CREDENTIALS_REFUSED',
      suggestions: [
        'aws sts get-caller-identity',
        'Check --profile and the AWS_* variables, and that the region is enabled for the account',
      ],
      cause: sdk,
    })
  }
  if (isNamed(sdk, ...skewed)) {
    return new AccessError(`AWS refuses requests from this machine because its clock is wrong: ${sentence(sdk)}`, {
      code: 'CLOCK_SKEWED',
      suggestions: ["Set the machine's clock by NTP, then run the same command again"],
      cause: sdk,
    })
  }
  const status = statusOf(sdk)
  if (isNamed(sdk, ...throttled) || status === 429) {
    return new FailedError(`AWS kept refusing the call because there were too many: ${sentence(sdk)}`, {
      code: 'THROTTLED',
      suggestions: ['Run the same command again in a few minutes'],
      cause: sdk,
    })
  }
  if (isNamed(sdk, ...denied) || status === 403) return accessDenied(sdk, action)
  const network = networkCause(sdk)
  if (network !== undefined) return unreachable(network, sdk)
  return unknownError(sdk)
}

function noCredentials(error: Error): AccessError {
  return new AccessError(`There are no usable AWS credentials: ${sentence(error)}`, {
    code: 'CREDENTIALS_MISSING',
    suggestions: [
      'aws sso login --profile NAME, then --profile NAME',
      'Or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      'Or add --local to work with the embedded AWS',
    ],
    cause: error,
  })
}

/** AWS's sentence is `User: ARN is not authorized to perform: ACTION on resource: ARN because ...`; S3 and old EC2 calls leave it out. */
function accessDenied(error: Error, fallback: string | undefined): AccessError {
  const action = /not authorized to perform:? \[?([A-Za-z0-9-]+:[A-Za-z0-9*]+)/.exec(error.message)?.[1] ?? fallback
  const resource = /on resource:? "?([^\s"]+?)"?(?:[\s,.]*$|\s)/.exec(error.message)?.[1]
  const who = /User:? (arn:\S+)/.exec(error.message)?.[1]
  const why = /(because .+)$/.exec(error.message)?.[1]
  const what =
    action === undefined ? `a call: ${sentence(error)}` : `${action}${resource === undefined ? '' : ` on ${resource}`}`
  const text = why === undefined || action === undefined ? what : `${what} ${why}`
  return new AccessError(`AWS denies ${text}${text.endsWith('.') ? '' : '.'}`, {
    code: 'ACCESS_DENIED',
    suggestions: [
      action === undefined
        ? 'Ask for the permission that the message names'
        : `Allow ${action} for ${who ?? 'the identity in use'}`,
      'aws sts get-caller-identity',
    ],
    cause: error,
  })
}

/** The network error in an error: itself, or one of those that a host with several addresses gives. */
function networkCause(error: SdkError): SdkError | undefined {
  if (error.code !== undefined && networkCodes.includes(error.code)) {
    const inner = error.errors?.find((one): one is SdkError & Error => one instanceof Error && 'address' in one)
    return inner ?? error
  }
  return error.name === 'TimeoutError' || error.name === 'RequestTimeout' ? error : undefined
}

function unreachable(network: SdkError, cause: Error): FailedError {
  const host = network.address ?? network.hostname
  if (network.code === 'ECONNREFUSED' && host !== undefined && isLoopback(host)) {
    return new FailedError('Nothing answers at the local AWS endpoint.', {
      code: 'ENDPOINT_UNREACHABLE',
      suggestions: ['pi-aws local start'],
      cause,
    })
  }
  // A region that nobody has gives names that nobody knows.
  const region = network.code === 'ENOTFOUND' ? /\.([a-z]+(?:-[a-z]+)+-\d+)\.\w/.exec(host ?? '')?.[1] : undefined
  return new FailedError(`AWS cannot be reached: ${sentence(cause)}`, {
    code: 'NETWORK_UNREACHABLE',
    suggestions: [
      'Check the network and HTTPS_PROXY, then run the same command again',
      ...(region === undefined ? [] : [`Or there is no region ${region}: look at how pi-aws.yaml spells it`]),
    ],
    cause,
  })
}

function unknownError(error: SdkError & Error): unknown {
  if (error.$metadata === undefined && error.$fault === undefined) return error
  const {requestId: request, httpStatusCode: status} = error.$metadata ?? {}
  // The SDK's name for an answer without a body.
  const answer = error.name.startsWith('Unknown') ? `HTTP ${status ?? 'nothing'}` : `${error.name}: ${sentence(error)}`
  const code = bare(error.name)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
  return new FailedError(`AWS answered ${answer}${request === undefined ? '' : ` (request ${request})`}`, {
    code: `AWS_${code}`,
    cause: error,
  })
}

function sentence(error: Error): string {
  const text = error.message.trim()
  return text === '' ? error.name : text
}
