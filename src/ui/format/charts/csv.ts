import type {MetricsResult} from '../../../flows/metrics/options.ts'

/** A line for each value, for spreadsheets and scripts (RFC 4180); no field of ours needs quotes. */
export function metricsCsv({metrics}: MetricsResult): string {
  const rows = metrics.flatMap(({service, name, statistic, unit, points}) =>
    points.map(({at, value}) => [at, service, name, statistic, unit, String(value)].join(',')),
  )
  return ['at,service,metric,statistic,unit,value', ...rows].map((row) => `${row}\r\n`).join('')
}
