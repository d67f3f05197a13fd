import type {MetricSeries, MetricsResult} from '../../src/flows/metrics/options.ts'

const begin = Date.parse('2026-11-22T09:00:00Z')

/** A metric with a value a minute; undefined leaves one out. */
export function series(more: Partial<MetricSeries>, values: readonly (number | undefined)[]): MetricSeries {
  return {
    ...{service: 'dashboard', name: 'cpu', title: 'CPU', panel: 'CPU of services', unit: '%', statistic: 'Average'},
    ...more,
    points: values.flatMap((value, index) =>
      value === undefined ? [] : [{at: new Date(begin + index * 60_000).toISOString(), value}],
    ),
  }
}

/** What `metrics` found, a value a minute. */
export function result(metrics: readonly MetricSeries[], periods = 5): MetricsResult {
  return {
    environment: 'demo',
    from: new Date(begin).toISOString(),
    to: new Date(begin + periods * 60_000).toISOString(),
    periodSeconds: 60,
    metrics,
  }
}
