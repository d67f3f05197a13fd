import type {EnvironmentConfiguration} from '../configuration.ts'
import {datasheetOf} from '../datasheet.ts'
import type {EnvironmentName} from '../names.ts'
import type {Template} from '../template.ts'

/** What the account may have of what is short most often; absent where nobody could tell. */
export interface KnownLimits {
  readonly vcpu?: number | undefined
  readonly addresses?: number | undefined
}

/** In one line, what a configuration makes and what it takes of the quotas that are short most often. */
export function effectOf(
  environment: EnvironmentName,
  configuration: EnvironmentConfiguration,
  templates: ReadonlyMap<string, Template>,
  limits: KnownLimits,
): string {
  const sheet = datasheetOf(environment, configuration, templates)
  const limit = (what: string): number =>
    Number.parseFloat(sheet.limits.find((row) => row.what === what)?.value ?? '0') || 0
  const of = (need: number, most: number | undefined): string =>
    most === undefined ? '' : need > most ? ` (the account has ${most}: ask for more)` : ` of ${most}`
  const nat = sheet.costs.find(({driver}) => driver === 'NAT gateways')?.max ?? 0
  const vcpu = limit('Quota: Fargate On-Demand vCPU')
  const addresses = limit('Quota: Elastic IP addresses')
  return [
    `${sheet.resources.total} resources in ${sheet.resources.stacks} stacks`,
    ...(vcpu === 0 ? [] : [`${vcpu} Fargate vCPU at a release${of(vcpu, limits.vcpu)}`]),
    `${nat} NAT`,
    ...(addresses === 0 ? [] : [`${addresses} Elastic IP${of(addresses, limits.addresses)}`]),
    `${sheet.database.class}${sheet.database.standby ? ' with standby' : ''}`,
  ].join(', ')
}
