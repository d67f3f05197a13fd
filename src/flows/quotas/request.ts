import {RefusedError, UsageError} from '../../domain/errors.ts'
import {meets} from '../../domain/quotas/judge.ts'
import type {QuotaRow} from '../../domain/quotas/model.ts'
import {quotaModes} from '../../domain/quotas/modes.ts'
import {quotaCalled, quotaRows} from '../../domain/quotas/rows.ts'
import {wanted} from '../../domain/quotas/ways-out.ts'
import {requireAccount} from '../account.ts'
import {readLandscape} from '../landscape.ts'
import {Asked} from './asked.ts'
import type {QuotasCheckPorts} from './check.ts'
import {limitOf} from './facts.ts'
import type {QuotaRequest, ServiceQuotas} from './ports.ts'
import {type QuotaSubject, QuotaSurvey} from './survey.ts'

/** A request, under the quota's key where it is one of ours. */
export interface KnownRequest extends QuotaRequest {
  readonly key?: string
}

export interface QuotasRequestResult {
  readonly key: string
  /** The limit now: the new one where AWS granted it at once. */
  readonly limit: number
  /** False where an open request was found and shown instead of made again. */
  readonly made: boolean
  readonly request: KnownRequest
}

export interface QuotasHistoryResult {
  /** Newest first. */
  readonly requests: readonly KnownRequest[]
}

const open = ['PENDING', 'CASE_OPENED']
const granting = 'APPROVED'

function known(request: QuotaRequest): KnownRequest {
  const row = quotaRows.find(({service, code}) => service === request.service && code === request.code)
  return row === undefined ? request : {...request, key: row.key}
}

/** All requests of the account that concern this region, those for global services included. */
export async function quotasHistory(
  _options: object,
  {serviceQuotas}: {readonly serviceQuotas: ServiceQuotas},
): Promise<QuotasHistoryResult> {
  const lists = await Promise.all([serviceQuotas.requests(false), serviceQuotas.requests(true)])
  // In the region that keeps the global ones both lists are the same.
  const requests = new Map(lists.flat().map((request) => [request.id, known(request)]))
  return {requests: [...requests.values()].toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))}
}

function requireAdjustable(row: QuotaRow): void {
  if (row.adjustable && row.code !== '') return
  throw new RefusedError(
    `${row.title} cannot be raised: ${row.code === '' ? 'Service Quotas does not know this limit' : 'AWS keeps this limit fixed'}.`,
    {code: 'QUOTA_FIXED', suggestions: ['What can be raised: pi-aws quotas list']},
  )
}

async function openRequest(
  row: QuotaRow,
  {serviceQuotas}: {readonly serviceQuotas: ServiceQuotas},
): Promise<QuotaRequest | undefined> {
  const requests = await serviceQuotas.requests(row.global === true)
  return requests.find(
    ({service, code, status}) => service === row.service && code === row.code && open.includes(status),
  )
}

/** The least value that every mode of the environment fits into. */
async function leastValue(
  row: QuotaRow,
  subject: Omit<QuotaSubject, 'landscape'>,
  ports: QuotasCheckPorts,
): Promise<number> {
  const landscape = await readLandscape(ports, subject.environment)
  const survey = await QuotaSurvey.of(ports, {...subject, landscape})
  const findings = await Promise.all(
    quotaModes.map((mode) => survey.weigh(mode, (one, demand) => one.key === row.key && meets(one, demand))),
  )
  return Math.max(0, ...findings.flat().map((finding) => wanted(finding)))
}

/**
 * Asks AWS for a higher limit, unless a request for it is open already: then that one is shown.
 * @param options.to undefined for the least value that every mode of the environment fits into
 * @throws NotFoundError UNKNOWN_QUOTA; RefusedError QUOTA_FIXED, QUOTA_UNKNOWN; UsageError QUOTA_VALUE_TOO_LOW
 */
export async function quotasRequest(
  options: Omit<QuotaSubject, 'landscape'> & {readonly key: string; readonly to: number | undefined},
  ports: QuotasCheckPorts,
): Promise<QuotasRequestResult> {
  const row = quotaCalled(options.key)
  requireAdjustable(row)
  requireAccount(await ports.identity.caller(), options.environment, options.configuration.account)
  const found = await limitOf(row, new Asked(ports))
  if (found.value === undefined || found.failure !== undefined) {
    throw new RefusedError(`The limit of ${row.title} cannot be told: ${found.failure ?? 'no source knows it'}.`, {
      code: 'QUOTA_UNKNOWN',
      suggestions: ['pi-aws quotas list'],
    })
  }
  const limit = found.value
  const before = await openRequest(row, ports)
  if (before !== undefined) return {key: row.key, limit, made: false, request: known(before)}
  const to = options.to ?? (await leastValue(row, options, ports))
  if (to <= limit) throw tooLow(row, to, limit, options.to === undefined)
  const request = await ports.serviceQuotas.request(
    {service: row.service, code: row.code, global: row.global === true},
    to,
  )
  const made = request === undefined ? await openRequest(row, ports) : await asOfNow(request, row, ports)
  if (made === undefined) {
    throw new RefusedError(`A request for ${row.title} is open already, and AWS does not show it.`, {
      code: 'QUOTA_REQUEST_HIDDEN',
      suggestions: ['pi-aws quotas history'],
    })
  }
  const granted = made.status === granting ? Math.max(limit, made.desired) : limit
  return {key: row.key, limit: granted, made: request !== undefined, request: known(made)}
}

/** AWS grants what is modest by itself, some of it at once. */
async function asOfNow(
  request: QuotaRequest,
  row: QuotaRow,
  {serviceQuotas}: {readonly serviceQuotas: ServiceQuotas},
): Promise<QuotaRequest> {
  const requests = await serviceQuotas.requests(row.global === true)
  return requests.find(({id}) => id === request.id) ?? request
}

function tooLow(row: QuotaRow, to: number, limit: number, computed: boolean): UsageError {
  return new UsageError(
    computed
      ? `Nothing to ask for: ${row.title} are at ${limit} and the environment needs ${to} at most.`
      : `Invalid value: ${to} is not above the ${limit} that ${row.title} are at now.`,
    {code: 'QUOTA_VALUE_TOO_LOW', suggestions: [`Name more than ${limit} with --to`]},
  )
}
