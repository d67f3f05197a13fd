import type {LimitSource} from '../../domain/quotas/model.ts'
import {quotaRows} from '../../domain/quotas/rows.ts'
import {Asked} from './asked.ts'
import {type Limit, limitOf} from './facts.ts'
import type {Inventory, ServiceQuotas} from './ports.ts'

export interface ListedQuota {
  readonly key: string
  readonly title: string
  /** Code of the service in Service Quotas. */
  readonly service: string
  /** Empty where Service Quotas does not know the quota. */
  readonly code: string
  readonly scope: string
  /** Null where it hangs on the configuration, or nobody tells it. */
  readonly limit: number | null
  readonly limitSource: LimitSource
  /** Why no better source answered. */
  readonly failure?: string
  /** AWS's default as it ships with this version. */
  readonly default: number | null
  /** Whether AWS raises it on request. */
  readonly adjustable: boolean
  readonly source: string
  readonly asOf: string
}

export interface QuotasListResult {
  readonly region: string
  readonly rows: readonly ListedQuota[]
}

/** Every quota that pi-aws knows, with the limit of this account and region. */
export async function quotasList(
  options: {readonly region: string},
  ports: {readonly serviceQuotas: ServiceQuotas; readonly inventory: Inventory},
): Promise<QuotasListResult> {
  const asked = new Asked(ports)
  const rows = await Promise.all(
    quotaRows.map(async (row): Promise<ListedQuota> => {
      const {key, title, service, code, scope, fallback, adjustable, source, asOf} = row
      const limit: Limit = row.limits === undefined ? await limitOf(row, asked) : {value: undefined, source: 'template'}
      return {
        ...{key, title, service, code, scope, limit: limit.value ?? null, limitSource: limit.source},
        ...(limit.failure === undefined ? {} : {failure: limit.failure}),
        ...{default: fallback ?? null, adjustable, source, asOf},
      }
    }),
  )
  return {region: options.region, rows}
}
