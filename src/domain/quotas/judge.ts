import {anew, type Demand} from './demand.ts'
import {anywhere, total} from './amounts.ts'
import type {Amounts, LimitSource, QuotaRow, QuotaVerdict, Thing} from './model.ts'

/** One line of an answer. Numbers are in the quota's unit; null is what nobody could tell. */
export interface QuotaFinding {
  readonly key: string
  /** Code of the service in Service Quotas. */
  readonly service: string
  /** Code of the quota there; empty where Service Quotas does not know it. */
  readonly code: string
  readonly scope: string
  readonly limit: number | null
  readonly limitSource: LimitSource
  readonly used: number | null
  /** What other environments will take that were named and do not stand yet; absent where none was named. */
  readonly planned?: number
  /** What the mode adds to what is used. */
  readonly need: number
  /** What would be left; below 0 is short. */
  readonly headroom: number | null
  readonly verdict: QuotaVerdict
  readonly reason: string
}

/** Something that could be asked, or why it could not. */
export type Answer<T> = {readonly value: T} | {readonly failure: string}

/** What an account says on one quota. */
export interface QuotaFacts {
  readonly limit: {readonly value: number | undefined; readonly source: LimitSource; readonly failure?: string}
  readonly used: Answer<Amounts>
  /** Things of the quota's list, for limits that follow from them. */
  readonly things: readonly Thing[]
  /** What a usage metric counts; undefined where it has no value. */
  readonly metric?: Answer<number | undefined>
  /** What other environments will take here. */
  readonly planned?: Amounts
}

/** Beyond this share of a limit it is TIGHT. */
export const tightShare = 0.8

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** Amounts of what a row's list counts. */
export function usedOf(row: QuotaRow, things: readonly Thing[], beside: readonly Thing[]): Amounts {
  return row.counts === undefined ? anywhere(total(things)) : row.counts(things, beside)
}

interface Place {
  readonly where: string
  readonly need: number
  readonly used: number
  readonly planned: number
  readonly limit: number | undefined
}

/** The place that is nearest to its limit. */
function worst(places: readonly Place[]): Place | undefined {
  const share = ({used, planned, need, limit}: Place): number => {
    const all = used + planned + need
    return limit === undefined || limit === 0 ? all : all / limit
  }
  return places.toSorted((a, b) => share(b) - share(a))[0]
}

function placesOf(row: QuotaRow, demand: Demand, facts: QuotaFacts, used: Amounts): readonly Place[] {
  const limits = row.limits?.(demand, facts.things)
  const whole = wherever(row, demand)
  return whole.map(([reference, need]) => {
    const physical = demand.standing.physical.get(reference)
    const where = physical ?? reference
    const limit = limits === undefined ? facts.limit.value : (limits.get(where) ?? limits.get(reference))
    const metric = facts.metric !== undefined && 'value' in facts.metric ? (facts.metric.value ?? 0) : 0
    return {where, need, used: Math.max(used.get(where) ?? 0, metric), planned: facts.planned?.get(where) ?? 0, limit}
  })
}

/** Where the environment counts, with what is to be added there: also places where nothing is. */
function wherever(row: QuotaRow, demand: Demand): readonly (readonly [string, number])[] {
  const adds = row.need(demand)
  const whole = row.need(anew(demand))
  return [...new Set([...whole.keys(), ...adds.keys()])].map((where) => [where, adds.get(where) ?? 0])
}

/** True where the whole environment takes anything of a quota. */
export function meets(row: QuotaRow, demand: Demand): boolean {
  const of = (amounts: Amounts): boolean => [...amounts.values()].some((amount) => amount > 0)
  return of(row.need(anew(demand)))
}

/** True where a mode adds to what is used. */
export function adds(row: QuotaRow, demand: Demand): boolean {
  return [...row.need(demand).values()].some((amount) => amount > 0)
}

function named(where: string, reference: boolean): string {
  if (where === '') return ''
  return reference ? 'in a new one: ' : `${where}: `
}

/**
 * Weighs one quota: the worst place decides. What could not be asked is UNKNOWN and never OK, unless what is known is
 * short already.
 */
export function judge(row: QuotaRow, demand: Demand, facts: QuotaFacts): QuotaFinding {
  const used = 'value' in facts.used ? facts.used.value : new Map<string, number>()
  const place = worst(placesOf(row, demand, facts, used)) ?? {
    ...{where: '', need: 0, used: 0, planned: 0},
    limit: facts.limit.value,
  }
  const limit = place.limit === undefined ? null : rounded(place.limit)
  const need = rounded(place.need)
  const known = 'failure' in facts.used ? null : rounded(place.used)
  const planned = rounded(place.planned)
  const headroom = limit === null || known === null ? null : rounded(limit - known - planned - need)
  const failures = [
    ...('failure' in facts.used ? [`what is used could not be counted: ${facts.used.failure}`] : []),
    ...(facts.metric !== undefined && 'failure' in facts.metric
      ? [`its usage metric could not be read: ${facts.metric.failure}`]
      : []),
    ...(facts.limit.failure === undefined || row.limits !== undefined
      ? []
      : [`the limit could not be read: ${facts.limit.failure}`]),
    ...(limit === null && facts.limit.failure === undefined ? ['AWS tells no limit'] : []),
  ]
  const verdict = verdictOf({
    limit,
    used: known,
    planned,
    need,
    headroom,
    failures,
    stale: facts.limit.failure !== undefined,
  })
  const isNew = place.where !== '' && demand.all.some(({reference}) => reference === place.where)
  const numbers = sentence(row, {limit, used: known, planned, need, headroom, verdict})
  return {
    ...{key: row.key, service: row.service, code: row.code, scope: row.scope},
    ...{limit, limitSource: row.limits === undefined ? facts.limit.source : 'template'},
    used: known,
    ...(facts.planned === undefined ? {} : {planned}),
    ...{need, headroom, verdict},
    reason: verdict === 'UNKNOWN' ? failures.join('; ') : `${named(place.where, isNew)}${numbers}`,
  }
}

interface Weighed {
  readonly limit: number | null
  readonly used: number | null
  readonly planned: number
  readonly need: number
  readonly headroom: number | null
}

function verdictOf({
  limit,
  used,
  planned,
  need,
  headroom,
  failures,
  stale,
}: Weighed & {readonly failures: readonly string[]; readonly stale: boolean}): QuotaVerdict {
  // A limit that somebody has exceeded already takes nothing from what needs no more.
  const short = !stale && need > 0 && (headroom === null ? limit !== null && planned + need > limit : headroom < 0)
  if (short) return 'SHORT'
  if (failures.length > 0 || limit === null || used === null) return 'UNKNOWN'
  return used + planned + need > limit * tightShare ? 'TIGHT' : 'OK'
}

function sentence(row: QuotaRow, weighed: Weighed & {readonly verdict: QuotaVerdict}): string {
  const {limit, used, planned, need, headroom, verdict} = weighed
  const unit = row.unit === undefined ? '' : ` ${row.unit}`
  const taken = `${used ?? 'an unknown part'} of ${limit ?? '?'}${unit} ${used === 1 ? 'is' : 'are'} used`
  const more = need === 0 ? 'no more is needed' : `${need} more ${need === 1 ? 'is' : 'are'} needed`
  const end = verdict === 'SHORT' && headroom !== null ? `, ${rounded(-headroom)} too many` : ''
  const others = planned === 0 ? '' : `${planned} more ${planned === 1 ? 'is' : 'are'} planned, `
  return `${taken}, ${others}${more}${end}`
}

const order: readonly QuotaVerdict[] = ['SHORT', 'UNKNOWN', 'TIGHT', 'OK']

/** The share of its limit that a finding comes to; what nobody knows comes first. */
function share({limit, used, planned = 0, need}: QuotaFinding): number {
  if (limit === null || used === null) return Number.POSITIVE_INFINITY
  return (used + planned + need) / Math.max(limit, Number.EPSILON)
}

/** Worst first. */
export function byUrgency(a: QuotaFinding, b: QuotaFinding): number {
  return order.indexOf(a.verdict) - order.indexOf(b.verdict) || share(b) - share(a) || (a.key < b.key ? -1 : 1)
}

/** The verdict on all: the worst. */
export function overall(findings: readonly QuotaFinding[]): QuotaVerdict {
  return order.find((verdict) => findings.some((finding) => finding.verdict === verdict)) ?? 'OK'
}
