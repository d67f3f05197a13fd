import type {LimitCall, OwnLimit, Thing, ThingList} from '../../domain/quotas/model.ts'

/** Where CloudWatch counts the use of a quota. */
export interface UsageMetric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
}

/** A quota as Service Quotas tells it. */
export interface QuotaValue {
  readonly code: string
  /** Absent where Service Quotas could not find it out. */
  readonly value?: number
  readonly metric?: UsageMetric
}

export interface QuotaRequest {
  readonly id: string
  readonly service: string
  readonly code: string
  readonly name: string
  readonly desired: number
  /** PENDING and CASE_OPENED are open. */
  readonly status: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  readonly caseId?: string
}

/** Which quota is meant; those of global services are kept in one region of the partition. */
export interface QuotaAddress {
  readonly service: string
  readonly global: boolean
}

/** Service Quotas. Every list is empty for a service that it does not know in the region. */
export interface ServiceQuotas {
  /** Values in force. A quota without one of its own is missing. */
  applied(of: QuotaAddress): Promise<readonly QuotaValue[]>
  /** AWS's defaults. */
  defaults(of: QuotaAddress): Promise<readonly QuotaValue[]>
  /** Every request of the account, newest first. */
  requests(global: boolean): Promise<readonly QuotaRequest[]>
  /**
   * Asks for a higher value.
   * @returns undefined where an open request is there already
   */
  request(quota: QuotaAddress & {readonly code: string}, value: number): Promise<QuotaRequest | undefined>
}

/** What an account has, and what its services say of their limits themselves. */
export interface Inventory {
  /** @param parents those whose lists are asked, for lists that AWS gives only by parent */
  list(what: ThingList, parents: readonly string[]): Promise<readonly Thing[]>
  ownLimits(call: LimitCall): Promise<Readonly<Record<string, OwnLimit>>>
  /** Highest value of the last quarter of an hour; undefined where there is none, which is not 0. */
  highest(metric: UsageMetric): Promise<number | undefined>
  /** Requests that this process has sent so far. */
  requests(): number
}
