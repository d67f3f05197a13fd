import type {QuotaVerdict} from '../../domain/quotas/model.ts'
import type {QuotasCheckResult} from '../../flows/quotas/check.ts'
import type {QuotasListResult} from '../../flows/quotas/list.ts'
import type {KnownRequest, QuotasHistoryResult, QuotasRequestResult} from '../../flows/quotas/request.ts'
import {type Layout, plural} from './layout.ts'

function number(value: number | null): string {
  return value === null ? '-' : String(value)
}

function painted({theme}: Layout, verdict: QuotaVerdict): (text: string) => string {
  switch (verdict) {
    case 'OK':
      return theme.ok
    case 'SHORT':
      return theme.bad
    default:
      return theme.warn
  }
}

/** @param advice what helps where a quota is short, by key */
export function formatQuotasCheck(
  {mode, verdict, rows}: QuotasCheckResult,
  advice: ReadonlyMap<string, readonly string[]>,
  layout: Layout,
): string {
  const planned = rows.some((row) => row.planned !== undefined)
  const bad = rows.filter((row) => row.verdict === 'SHORT' || row.verdict === 'UNKNOWN')
  const table = layout.table(
    [
      {head: 'Verdict', paint: (text) => painted(layout, text.trim() as QuotaVerdict)(text)},
      {head: 'Quota'},
      {head: 'Limit', align: 'right'},
      {head: 'Used', align: 'right'},
      ...(planned ? [{head: 'Planned', align: 'right'} as const] : []),
      {head: 'Need', align: 'right'},
      {head: 'Left', align: 'right'},
      {head: 'From'},
      {head: 'Of one'},
    ],
    rows.map((row) => [
      row.verdict,
      row.key,
      number(row.limit),
      number(row.used),
      ...(planned ? [number(row.planned ?? 0)] : []),
      number(row.need),
      number(row.headroom),
      row.limitSource,
      row.scope,
    ]),
  )
  const reasons = bad.map(
    (row) =>
      `${painted(layout, row.verdict)(row.verdict)} ${row.key}: ${row.reason}.\n${layout.nextSteps(advice.get(row.key) ?? [])}`,
  )
  return [
    `${layout.heading(`Quotas for ${mode}: ${plural(rows.length, 'limit')} met`)}${painted(layout, verdict)(verdict)}\n`,
    table,
    ...reasons,
  ].join('\n')
}

export function formatQuotasList({region, rows}: QuotasListResult, layout: Layout): string {
  return [
    layout.heading(`Quotas in ${region}`),
    layout.table(
      [
        {head: 'Key'},
        {head: 'Limit', align: 'right'},
        {head: 'From'},
        {head: 'Of one'},
        {head: 'Raised'},
        {head: 'Code'},
        {head: 'What'},
      ],
      rows.map(({key, limit, limitSource, scope, adjustable, service, code, title}) => [
        key,
        number(limit),
        limitSource,
        scope,
        adjustable && code !== '' ? 'on request' : 'no',
        code === '' ? '-' : `${service} ${code}`,
        title,
      ]),
    ),
  ].join('\n')
}

function requestRow(request: KnownRequest): readonly string[] {
  const {key, service, code, desired, status, createdAt, caseId} = request
  return [key ?? '-', `${service} ${code}`, String(desired), status, createdAt, caseId ?? '-']
}

function headingOf(key: string, made: boolean, {desired, status}: KnownRequest): string {
  if (!made) return `A request for ${key} is open already`
  return status === 'APPROVED' ? `AWS granted ${desired} of ${key}` : `AWS was asked for ${desired} of ${key}`
}

export function formatQuotasRequest({key, limit, made, request}: QuotasRequestResult, layout: Layout): string {
  return [
    layout.heading(headingOf(key, made, request)),
    layout.keyValues([
      ['Limit now', String(limit)],
      ['Asked for', String(request.desired)],
      ['Status', request.status],
      ['Since', request.createdAt],
      ['Support case', request.caseId],
      ['Request', request.id],
    ]),
    layout.nextSteps(['pi-aws quotas history']),
  ].join('\n')
}

export function formatQuotasHistory({requests}: QuotasHistoryResult, layout: Layout): string {
  if (requests.length === 0) return 'AWS was asked for no quota here.\n'
  return layout.table(
    [
      {head: 'Key'},
      {head: 'Code'},
      {head: 'Asked for', align: 'right'},
      {head: 'Status'},
      {head: 'Since'},
      {head: 'Case'},
    ],
    requests.map(requestRow),
  )
}
