import type {LimitCall, OwnLimit, Thing, ThingList} from '../../../src/domain/quotas/model.ts'
import {quotaRows} from '../../../src/domain/quotas/rows.ts'
import type {Inventory, QuotaRequest, QuotaValue, ServiceQuotas, UsageMetric} from '../../../src/flows/quotas/ports.ts'
import type {Answers} from './answers.ts'

/** Quotas and things of an account, as a test sets them. */
export class FakeAccount {
  /** Applied values by code. A code without one has AWS's default. */
  readonly applied = new Map<string, number>()
  /** Codes that Service Quotas knows nothing of. */
  readonly unknown = new Set<string>()
  readonly metrics = new Map<string, UsageMetric>()
  /** Values of usage metrics, by the metric's name. */
  readonly highest = new Map<string, number>()
  readonly things = new Map<ThingList, readonly Thing[]>()
  readonly own = new Map<LimitCall, Readonly<Record<string, OwnLimit>>>()
  /** Questions that fail, such as `applied vpc`, `list vpcs`, `own rds`, `requests`. */
  readonly failures = new Map<string, Error>()
  readonly requests: QuotaRequest[] = []
  /** Requests are granted as soon as they are made. */
  grants = false
  /** Everything that was asked, in order. */
  readonly asked: string[] = []
  readonly ports: {readonly serviceQuotas: Answers<ServiceQuotas>; readonly inventory: Answers<Inventory>}

  constructor() {
    this.ports = {
      serviceQuotas: {
        applied: ({service}) =>
          this.#answer(`applied ${service}`, () => this.#values(service, (code) => this.applied.get(code))),
        defaults: ({service}) =>
          this.#answer(`defaults ${service}`, () =>
            this.#values(service, (code) => quotaRows.find((row) => row.code === code)?.fallback),
          ),
        requests: (global) => this.#answer('requests', () => (global ? [] : [...this.requests])),
        request: ({service, code}, desired) =>
          this.#answer('request', () => {
            if (this.requests.some((one) => one.code === code && one.status === 'PENDING')) return undefined
            const id = `request-${this.requests.length + 1}`
            const made = {
              id,
              service,
              code,
              name: code,
              desired,
              status: 'PENDING',
              createdAt: '2026-01-01T00:00:00.000Z',
            }
            if (this.grants) this.applied.set(code, desired)
            this.requests.push(this.grants ? {...made, status: 'APPROVED'} : made)
            return made
          }),
      },
      inventory: {
        list: (what, parents) =>
          this.#answer(`list ${what}`, () =>
            (this.things.get(what) ?? []).filter(({within}) => parents.length === 0 || parents.includes(within)),
          ),
        ownLimits: (call) => this.#answer(`own ${call}`, () => this.own.get(call) ?? {}),
        highest: ({name}) => this.#answer(`metric ${name}`, () => this.highest.get(name)),
        requests: () => this.asked.length,
      },
    }
  }

  #answer<T>(question: string, answer: () => T): T {
    this.asked.push(question)
    const failure = this.failures.get(question)
    if (failure !== undefined) throw failure
    return answer()
  }

  #values(service: string, valueOf: (code: string) => number | undefined): QuotaValue[] {
    return quotaRows
      .filter((row) => row.service === service && row.code !== '' && !this.unknown.has(row.code))
      .flatMap(({code}) => {
        const value = valueOf(code)
        const metric = this.metrics.get(code)
        return value === undefined ? [] : [{code, value, ...(metric === undefined ? {} : {metric})}]
      })
  }
}
