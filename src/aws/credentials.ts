import type {FromTemporaryCredentialsOptions} from '@aws-sdk/credential-providers'
import {AccessError} from '../domain/errors.ts'
import {accountGuard} from './account-guard.ts'
import {isNamed} from './errors.ts'
import {present} from './present.ts'

type Provider = ReturnType<(typeof import('@aws-sdk/credential-providers'))['fromTemporaryCredentials']>
type Credentials = Awaited<ReturnType<Provider>>
type CallerProperties = Parameters<Provider>[0]
/** How the calls that get credentials are made: like all others. */
type Means = Required<Pick<NonNullable<FromTemporaryCredentialsOptions['clientConfig']>, 'requestHandler' | 'logger'>>

/** The part of the settings that says whose credentials are used. */
interface CredentialSettings {
  readonly region: string
  readonly endpointUrl?: string
  readonly profile?: string
  readonly roleArn?: string
  readonly local: boolean
}

/** Accounts of the embedded AWS are told apart by the key that signs (local-aws/README.md). */
const ownKey = 'local'

const refreshMarginMs = 5 * 60_000

/**
 * The credentials of a command, shared by all its clients, so that a role is assumed and a credential process is run once.
 * Renewed ones must be of the same account as the first.
 * Local: made up, whatever the operator has; a role is an account of the embedded AWS. Otherwise: the usual chain (with `profile` if given), then `roleArn`.
 */
export function credentialsOf(settings: CredentialSettings, means: Means): Credentials | Provider {
  if (settings.local) {
    const account = settings.roleArn?.split(':')[4] ?? ''
    return {accessKeyId: /^\d{12}$/.test(account) ? account : ownKey, secretAccessKey: 'local'}
  }
  let held: Credentials | undefined
  const guard = accountGuard((credentials: Credentials) => accountOf(credentials, settings, means))
  let pending: Promise<Credentials> | undefined
  const renew = async (caller: CallerProperties): Promise<Credentials> => {
    const got = await resolve(settings, means, caller)
    await guard.admit(got)
    return got
  }
  return async (caller) => {
    if (held !== undefined && !endsSoon(held)) return held
    pending ??= renew(caller).finally(() => {
      pending = undefined
    })
    held = await pending
    return held
  }
}

function endsSoon({expiration}: Credentials): boolean {
  return expiration !== undefined && expiration.getTime() - Date.now() < refreshMarginMs
}

/** Loads the providers only now: a local command never needs them. */
async function resolve(settings: CredentialSettings, means: Means, caller: CallerProperties): Promise<Credentials> {
  const {fromNodeProviderChain, fromTemporaryCredentials} = await import('@aws-sdk/credential-providers')
  // Without a region: a profile's own SSO region must win over that of the environment.
  const chain = fromNodeProviderChain({
    clientConfig: means,
    logger: means.logger,
    ...present({profile: settings.profile}),
  })
  const profile = settings.profile ?? process.env['AWS_PROFILE']
  const own: Provider = async (properties) => {
    try {
      return await chain(properties)
    } catch (error) {
      throw profile === undefined || profile === '' ? error : profileUnusable(profile, error)
    }
  }
  if (settings.roleArn === undefined) return own(caller)
  const assumed = fromTemporaryCredentials({
    masterCredentials: own,
    clientConfig: {...means, region: settings.region, ...present({endpoint: settings.endpointUrl})},
    params: {RoleArn: settings.roleArn, RoleSessionName: 'pi-aws'},
  })
  return assumed(caller)
}

/** Whose credentials these are, by STS. */
async function accountOf(credentials: Credentials, settings: CredentialSettings, means: Means): Promise<string> {
  const {GetCallerIdentityCommand, STSClient} = await import('@aws-sdk/client-sts')
  const place = {region: settings.region, ...present({endpoint: settings.endpointUrl})}
  const {Account: account = ''} = await new STSClient({...means, ...place, credentials}).send(
    new GetCallerIdentityCommand({}),
  )
  return account
}

/** The chain's own sentence names everything that it tried, and not the profile that was meant. */
function profileUnusable(profile: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !isNamed(cause, 'CredentialsProviderError', 'TokenProviderError')) return cause
  return new AccessError(`The profile "${profile}" gives no credentials: ${cause.message}`, {
    code: 'PROFILE_UNUSABLE',
    suggestions: ['aws configure list-profiles', `aws sso login --profile ${profile}`],
    cause,
  })
}
