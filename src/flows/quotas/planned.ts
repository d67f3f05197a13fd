import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {UsageError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {parts} from '../../domain/parts.ts'
import {sumOf} from '../../domain/quotas/amounts.ts'
import type {Demand} from '../../domain/quotas/demand.ts'
import type {Amounts, QuotaRow} from '../../domain/quotas/model.ts'
import {readLandscape, stackOf} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import {type QuotaPorts, QuotaSurvey} from './survey.ts'

/** An environment that is to be deployed beside the one that is weighed. */
export interface PlannedEnvironment {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
}

/** @throws UsageError ELSEWHERE where two environments share no quotas */
function requireShared(one: PlannedEnvironment, other: PlannedEnvironment): void {
  const [here, there] = [one.configuration, other.configuration]
  const refuse = (why: string): UsageError =>
    new UsageError(`${other.environment} takes nothing from ${one.environment}: ${why}.`, {
      code: 'ELSEWHERE',
      suggestions: ['Leave it out of --with'],
    })
  if (other.environment === one.environment) throw refuse('it is the one that is weighed')
  if (here.region !== there.region) throw refuse(`it lives in ${there.region}, not in ${here.region}`)
  if (here.account !== undefined && there.account !== undefined && here.account !== there.account)
    throw refuse(`it lives in account ${there.account}, not in ${here.account}`)
}

/** What its parts that do not stand yet will take; what stands is counted among what is used. */
async function missingOf(
  {environment, configuration}: PlannedEnvironment,
  ports: QuotaPorts & Pick<Ports, 'objects'>,
): Promise<Demand | undefined> {
  const landscape = await readLandscape(ports, environment)
  const missing = parts.filter((part) => stackOf(landscape, part) === undefined)
  if (missing.length === 0) return undefined
  const survey = await QuotaSurvey.of(ports, {environment, configuration, landscape}, {parts: missing})
  return survey.demand('deploy')
}

/** What counts in a place that both have: the region, a zone, an existing VPC; not what is an environment's own. */
function shared(row: QuotaRow, demand: Demand): Amounts {
  const own = new Set(demand.all.map(({reference}) => reference))
  return new Map([...row.need(demand)].filter(([where]) => !own.has(where)))
}

/**
 * What other environments will take of each quota before this one.
 * @throws UsageError ELSEWHERE
 */
export async function plannedBy(
  others: readonly PlannedEnvironment[],
  one: PlannedEnvironment,
  ports: QuotaPorts & Pick<Ports, 'objects'>,
): Promise<((row: QuotaRow) => Amounts) | undefined> {
  if (others.length === 0) return undefined
  for (const other of others) requireShared(one, other)
  const demands = (await Promise.all(others.map((other) => missingOf(other, ports)))).filter(
    (demand) => demand !== undefined,
  )
  return (row) => sumOf(demands.flatMap((demand) => [...shared(row, demand)]))
}
