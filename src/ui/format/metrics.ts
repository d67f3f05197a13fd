import {beginsOf} from '../../domain/metrics/periods.ts'
import type {MetricUnit} from '../../domain/metrics/catalogue.ts'
import {blockLevels, plainLevels, type Reading, sparkline} from '../../domain/metrics/sparkline.ts'
import type {MetricSeries, MetricsResult} from '../../flows/metrics/options.ts'
import {formatBytes, type Layout} from './layout.ts'

/** Columns of a curve: where nothing says how wide a line may be, at least, and at most. */
const [curve, narrowest, widest] = [24, 8, 48] as const
/** Between two columns of a table. */
const gap = 2

function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)}G`
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)}M`
  if (size >= 10_000) return `${(value / 1e3).toFixed(1)}k`
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0)
  return value.toFixed(size >= 10 ? 1 : 2)
}

/** A number of a metric with its unit: `41.5 %`, `0.73 s`, `15.2 GiB`. */
export function formatReading(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(Math.round(value))
    case 'bytes/s':
      return `${formatBytes(Math.round(value))}/s`
    case 'count':
    case 'credits':
      return short(value)
    default:
      return `${short(value)} ${unit}`
  }
}

/** Values in the order of the periods; undefined where there is none. */
function readingsOf({points}: MetricSeries, {from, to, periodSeconds}: MetricsResult): readonly Reading[] {
  const known = new Map(points.map(({at, value}) => [Date.parse(at), value]))
  const periods = {seconds: periodSeconds, from: Date.parse(from), to: Date.parse(to)}
  return beginsOf(periods).map((begin) => known.get(begin))
}

/** What stands left and right of the curve. */
interface Row {
  readonly names: readonly [service: string, title: string]
  readonly numbers: readonly string[]
}

const heads = ['Last', 'Least', 'Mean', 'Most'] as const

function rowOf({service, title, unit, points}: MetricSeries): Row {
  const values = points.map(({value}) => value)
  const last = values.at(-1)
  if (last === undefined) return {names: [service, title], numbers: ['no data', '', '', '']}
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const numbers = [last, Math.min(...values), mean, Math.max(...values)].map((value) => formatReading(value, unit))
  return {names: [service, title], numbers}
}

/** What a line has room for. */
interface Room {
  /** Columns of the curve: cut off, it would lack what is newest. */
  readonly curve: number
  /** Which of the numbers are shown. */
  readonly numbers: readonly number[]
}

function roomFor(rows: readonly Row[], {traits}: Layout): Room {
  const all = [0, 1, 2, 3]
  if (!traits.isTTY) return {curve, numbers: all}
  const widths = ['Service', 'Metric', ...heads].map(
    (head, index) =>
      gap + Math.max(head.length, ...rows.map(({names, numbers}) => [...names, ...numbers][index]?.length ?? 0)),
  )
  const left = (numbers: readonly number[]): number =>
    traits.width - 1 - [0, 1, ...numbers.map((number) => number + 2)].reduce((sum, at) => sum + (widths[at] ?? 0), 0)
  // On a narrow line the least and the mean give way to the curve, which shows both.
  const numbers = left(all) >= curve ? all : [0, 3]
  return {curve: Math.max(narrowest, Math.min(widest, left(numbers))), numbers}
}

function lengthOf(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return `${seconds / 60} min`
}

export function formatMetrics(result: MetricsResult, layout: Layout): string {
  const {environment, from, to, periodSeconds, metrics, file} = result
  const levels = layout.traits.unicode ? blockLevels : plainLevels
  const rows = metrics.map(rowOf)
  const room = roomFor(rows, layout)
  const shown = (all: readonly string[]): readonly string[] => room.numbers.map((number) => all[number] ?? '')
  const lines = rows.map(({names: [service, title], numbers}, index) => {
    const series = metrics[index] as MetricSeries
    const line = series.points.length === 0 ? '' : sparkline(readingsOf(series, result), room.curve, levels)
    return [service === rows[index - 1]?.names[0] ? '' : service, title, line, ...shown(numbers)]
  })
  const empty = metrics.every(({points}) => points.length === 0)
  return [
    layout.heading(`Metrics of ${environment}`) +
      `${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z, a value each ${lengthOf(periodSeconds)}\n`,
    layout.table(
      [
        {head: 'Service'},
        {head: 'Metric'},
        {head: 'Curve'},
        ...shown(heads).map((head) => ({head, align: 'right' as const})),
      ],
      lines,
    ),
    ...(empty ? ['CloudWatch has no values of this span.\n'] : []),
    ...(file === undefined ? [] : [`Written to ${file.path} (${formatBytes(file.bytes)}).\n`]),
  ].join('\n')
}
