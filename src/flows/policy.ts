import type {EnvironmentConfiguration} from '../domain/configuration.ts'
import {NotFoundError} from '../domain/errors.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {neededActions} from '../domain/permissions/needs.ts'
import {anywhere, type NamedPolicy, policiesFor} from '../domain/permissions/policy.ts'
import {parseTemplate} from '../domain/template.ts'
import type {PackageFiles} from './ports.ts'

export interface PolicyOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** Name of the only one that is wanted. */
  readonly policy: string | undefined
}

/** What scripts get from `policy print --json`. */
export interface PolicyResult {
  readonly environment: string
  readonly policies: readonly NamedPolicy[]
}

/** Partitions by the first letters of their regions; all others are `aws`. */
const partitions: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
]

/**
 * The policies of whoever deploys an environment, from the templates of this version: no AWS is asked.
 * @throws NotFoundError UNKNOWN_POLICY
 */
export async function printPolicy(
  {environment, configuration, policy}: PolicyOptions,
  {packageFiles}: {readonly packageFiles: PackageFiles},
): Promise<PolicyResult> {
  const {region, account, roles} = configuration
  const files = await packageFiles.templates()
  const templates = new Map([...files].map(([file, text]) => [file, parseTemplate(text)] as const))
  const all = policiesFor(neededActions(templates), {
    partition: partitions.find(([prefix]) => region.startsWith(prefix))?.[1] ?? anywhere.partition,
    region,
    account: account ?? anywhere.account,
    environment,
    rolePath: roles.path ?? anywhere.rolePath,
  })
  const policies = policy === undefined ? all : all.filter(({name}) => name === policy)
  if (policies.length > 0) return {environment, policies}
  throw new NotFoundError(`Unknown policy: "${policy}".`, {
    code: 'UNKNOWN_POLICY',
    suggestions: [`Policies: ${all.map(({name}) => name).join(', ')}`],
  })
}
