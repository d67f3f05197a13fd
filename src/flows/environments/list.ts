import type {Configuration, EnvironmentConfiguration} from '../../domain/configuration.ts'
import {type EnvironmentState, environmentsAmong, ownStacks, stateOf} from '../../domain/environments.ts'
import {PiError} from '../../domain/errors.ts'
import {type EnvironmentName, parseEnvironmentName} from '../../domain/names.ts'
import type {StackDescription} from '../ports.ts'
import type {CurrentEnvironment, Place} from './ports.ts'

/** One environment, of the file or of the account. */
export interface ListedEnvironment {
  readonly name: string
  /** Whether pi-aws.yaml has it. */
  readonly configured: boolean
  /** Whether `env use` chose it. */
  readonly current: boolean
  readonly region: string
  /** The account that it may live in, or that it was found in. */
  readonly account?: string
  readonly state: EnvironmentState
  /** Release of the platform that is deployed. */
  readonly tag?: string
  /** Why its state is not known. */
  readonly reason?: string
}

/** What scripts get from `env list --json`. */
export interface EnvListResult {
  readonly path: string
  readonly environments: readonly ListedEnvironment[]
}

export interface EnvListOptions {
  readonly path: string
  readonly configuration: Configuration
  /** Whether AWS is asked at all. */
  readonly ask: boolean
}

type Credentials = EnvironmentConfiguration['credentials']
type PlaceOf = (region: string, credentials: Credentials) => Promise<Place>

/** Environments with the same key are asked for together: they are of one region, and reached in one way. */
function keyOf({region, credentials}: Pick<EnvironmentConfiguration, 'region' | 'credentials'>): string {
  return [region, credentials?.profile ?? '', credentials?.roleArn ?? ''].join(' ')
}

/** What one region told: whose it is and what stands there, or why nobody knows. */
type Seen = {readonly account: string; readonly stacks: readonly StackDescription[]} | {readonly reason: string}

/**
 * The environments of a pi-aws.yaml, and those that its credentials, or these, find in the regions that it names. What cannot be
 * asked is said row by row.
 */
export async function listEnvironments(
  {path, configuration, ask}: EnvListOptions,
  placeOf: PlaceOf,
  chosen: CurrentEnvironment,
): Promise<EnvListResult> {
  const entries = Object.entries(configuration.environments)
  const current = await chosen.read(path)
  const places = new Map(entries.map(([, environment]) => [keyOf(environment), environment]))
  const seen = new Map(
    await Promise.all(
      [...places].map(async ([key, place]) => [key, ask ? await look(place, placeOf) : {reason: 'not asked'}] as const),
    ),
  )
  const configured = entries.map(([name, environment]) => {
    const {region, account} = environment
    const found: Seen = seen.get(keyOf(environment)) ?? {reason: 'not asked'}
    return {
      ...rowOf(parseEnvironmentName(name), region, account, found),
      configured: true,
      current: name === current,
    }
  })
  const told = new Set(
    entries.map(([name, environment]) => {
      const found = seen.get(keyOf(environment))
      return `${found === undefined || 'reason' in found ? '' : found.account} ${environment.region} ${name}`
    }),
  )
  const others: ListedEnvironment[] = []
  for (const [key, found] of seen) {
    if ('reason' in found) continue
    const region = places.get(key)?.region ?? ''
    for (const name of environmentsAmong(found.stacks)) {
      // Two ways may lead into one account.
      const place = `${found.account} ${region} ${name}`
      if (told.has(place)) continue
      told.add(place)
      others.push({...rowOf(name, region, undefined, found), configured: false, current: false})
    }
  }
  return {path, environments: [...configured, ...others]}
}

async function look({region, credentials}: EnvironmentConfiguration, placeOf: PlaceOf): Promise<Seen> {
  try {
    const {identity, stacks} = await placeOf(region, credentials)
    const [{account}, all] = await Promise.all([identity.caller(), stacks.list('pi-')])
    return {account, stacks: all}
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    return {reason: error.message}
  }
}

function rowOf(
  name: EnvironmentName,
  region: string,
  account: string | undefined,
  seen: Seen,
): Omit<ListedEnvironment, 'configured' | 'current'> {
  const place = {name, region, ...(account === undefined ? {} : {account})}
  if ('reason' in seen) return {...place, state: 'unknown', reason: seen.reason}
  if (account !== undefined && account !== seen.account)
    return {...place, state: 'elsewhere', reason: `these credentials are of ${seen.account}`}
  const own = ownStacks(name, seen.stacks)
  const tag = own.find((stack) => stack.name.endsWith('-app'))?.parameters['ImageTag']
  const state = stateOf(own)
  return {...place, ...(state === 'absent' ? {} : {account: seen.account}), state, ...(tag === undefined ? {} : {tag})}
}
