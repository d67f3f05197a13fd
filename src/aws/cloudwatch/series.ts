import {
  type CloudWatchClient,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch'
import type {Metrics, SeriesQuery} from '../../flows/telemetry/ports.ts'

/** Most metrics of one call (API reference, GetMetricData). */
const mostMetrics = 500

type Periods = Parameters<Metrics['series']>[1]

function queryOf({namespace, metric, dimensions, statistic}: SeriesQuery, id: string, period: number): MetricDataQuery {
  const Dimensions = dimensions.map(([Name, Value]) => ({Name, Value}))
  return {
    Id: id,
    MetricStat: {Metric: {Namespace: namespace, MetricName: metric, Dimensions}, Period: period, Stat: statistic},
  }
}

function gather(into: ReadonlyMap<string, Map<number, number>>, page: GetMetricDataCommandOutput): void {
  for (const {Id = '', Timestamps = [], Values = []} of page.MetricDataResults ?? []) {
    for (const [index, at] of Timestamps.entries()) {
      const value = Values[index]
      if (value !== undefined) into.get(Id)?.set(at.getTime(), value)
    }
  }
}

/** Values of many metrics, by the begin of their period. */
export async function readSeries(
  client: CloudWatchClient,
  queries: readonly SeriesQuery[],
  {seconds, from, to}: Periods,
): Promise<readonly ReadonlyMap<number, number>[]> {
  const values = new Map(queries.map((_, index) => [`m${index}`, new Map<number, number>()]))
  for (let begin = 0; begin < queries.length; begin += mostMetrics) {
    const some = queries.slice(begin, begin + mostMetrics)
    const input = {
      StartTime: new Date(from),
      EndTime: new Date(to),
      ScanBy: 'TimestampAscending' as const,
      MetricDataQueries: some.map((query, index) => queryOf(query, `m${begin + index}`, seconds)),
    }
    for await (const page of paginateGetMetricData({client}, input)) gather(values, page)
  }
  return [...values.values()]
}
