import {beginsOf} from '../../domain/metrics/periods.ts'
import type {MetricUnit} from '../../domain/metrics/catalogue.ts'
import {blockLevels, type Levels, plainLevels, type Reading, sparkline} from '../../domain/metrics/sparkline.ts'
import type {MetricSeries, MetricsResult} from '../../flows/metrics/options.ts'
import {formatBytes, type Layout} from './layout.ts'

/** Columns of a curve. */
const curve = 24

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
export function readingsOf({points}: MetricSeries, {from, to, periodSeconds}: MetricsResult): readonly Reading[] {
  const known = new Map(points.map(({at, value}) => [Date.parse(at), value]))
  const periods = {seconds: periodSeconds, from: Date.parse(from), to: Date.parse(to)}
  return beginsOf(periods).map((begin) => known.get(begin))
}

function rowOf(series: MetricSeries, result: MetricsResult, levels: Levels): readonly string[] {
  const values = series.points.map(({value}) => value)
  const last = values.at(-1)
  if (last === undefined) return [series.service, series.title, '', 'no data', '', '', '']
  const text = (value: number): string => formatReading(value, series.unit)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return [
    ...[series.service, series.title, sparkline(readingsOf(series, result), curve, levels)],
    ...[last, Math.min(...values), mean, Math.max(...values)].map(text),
  ]
}

function lengthOf(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return `${seconds / 60} min`
}

export function formatMetrics(result: MetricsResult, layout: Layout): string {
  const {environment, from, to, periodSeconds, metrics, file} = result
  const levels = layout.traits.unicode ? blockLevels : plainLevels
  let before = ''
  const rows = metrics.map((series) => {
    const [service = '', ...cells] = rowOf(series, result, levels)
    const shown = service === before ? '' : service
    before = service
    return [shown, ...cells]
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
        ...['Last', 'Least', 'Mean', 'Most'].map((head) => ({head, align: 'right' as const})),
      ],
      rows,
    ),
    ...(empty ? ['CloudWatch has no values of this span.\n'] : []),
    ...(file === undefined ? [] : [`Written to ${file.path} (${formatBytes(file.bytes)}).\n`]),
  ].join('\n')
}
