import type {Configuration} from '../../domain/configuration.ts'
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

/** What one region told: whose it is and what stands there, or why nobody knows. */
type Seen = {readonly account: string; readonly stacks: readonly StackDescription[]} | {readonly reason: string}

/**
 * The environments of a pi-aws.yaml, and those that these credentials find in the regions that it names. What cannot be
 * asked is said row by row.
 */
export async function listEnvironments(
  {path, configuration, ask}: EnvListOptions,
  placeOf: (region: string) => Promise<Place>,
  chosen: CurrentEnvironment,
): Promise<EnvListResult> {
  const entries = Object.entries(configuration.environments)
  const current = await chosen.read(path)
  const regions = [...new Set(entries.map(([, {region}]) => region))]
  const seen = new Map(
    await Promise.all(
      regions.map(async (region) => [region, ask ? await look(region, placeOf) : {reason: 'not asked'}] as const),
    ),
  )
  const configured = entries.map(([name, {region, account}]) => {
    const found: Seen = seen.get(region) ?? {reason: 'not asked'}
    return {
      ...rowOf(parseEnvironmentName(name), region, account, found),
      configured: true,
      current: name === current,
    }
  })
  const known = new Set(entries.map(([name, {region}]) => `${region} ${name}`))
  const others = [...seen].flatMap(([region, found]) =>
    'reason' in found
      ? []
      : environmentsAmong(found.stacks)
          .filter((name) => !known.has(`${region} ${name}`))
          .map((name) => ({...rowOf(name, region, undefined, found), configured: false, current: false})),
  )
  return {path, environments: [...configured, ...others]}
}

async function look(region: string, placeOf: (region: string) => Promise<Place>): Promise<Seen> {
  try {
    const {identity, stacks} = await placeOf(region)
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
