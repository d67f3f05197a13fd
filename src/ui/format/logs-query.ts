import type {LogsQueriesResult, LogsQueryResult} from '../../flows/logs/query.ts'
import {type Layout, plural} from './layout.ts'
import {oneLine} from './visible.ts'

const gigabyte = 1e9
/** Dollars of a GB in most regions (CloudWatch pricing, Logs Insights queries). */
const price = 0.005

/** What a query cost: AWS bills what it read and not what it found. */
export function costOf(bytesScanned: number): string {
  const dollars = (bytesScanned / gigabyte) * price
  const sum = dollars < 0.01 ? 'less than 0.01' : `about ${dollars.toFixed(2)}`
  return `${(bytesScanned / gigabyte).toFixed(3)} GB scanned, ${sum} USD at ${price} USD a GB`
}

export function formatLogsQuery(result: LogsQueryResult, layout: Layout): string {
  const {fields, rows, recordsMatched, recordsScanned, bytesScanned} = result
  const numbers = `${plural(rows.length, 'row')} of ${recordsMatched} that fit, ${recordsScanned} lines read`
  const table =
    rows.length === 0
      ? ''
      : `${layout.table(
          fields.map((head) => ({head})),
          rows.map((row) => fields.map((field) => oneLine(row[field] ?? ''))),
        )}\n`
  return `${table}${numbers}; ${costOf(bytesScanned)}.\n`
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180, values exactly as they are. */
export function csvOf({fields, rows}: LogsQueryResult): string {
  const lines = [fields.map(cell), ...rows.map((row) => fields.map((field) => cell(row[field] ?? '')))]
  return fields.length === 0 ? '' : `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`
}

export function formatLogsQueries({environment, queries}: LogsQueriesResult, layout: Layout): string {
  if (queries.length === 0) return `${environment} keeps no queries: they come with the part operations.\n`
  return layout.table(
    [{head: 'Query', wraps: true}, {head: 'In the console'}],
    queries.map(({key, name}) => [key, name]),
  )
}
