import {CloudWatchClient, GetMetricDataCommand, paginateDescribeAlarms} from '@aws-sdk/client-cloudwatch'
import type {FiringAlarm, Metrics} from '../flows/telemetry/ports.ts'
import {readSeries} from './cloudwatch/series.ts'
import {translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** Length of the periods that are asked for, s: what most services give for nothing. */
const period = 300

/** CloudWatch by its API. */
export function createMetrics(config: ClientConfig): Metrics {
  const client = new CloudWatchClient(config)
  return translateErrors<Metrics>({
    async firing(prefix) {
      const alarms: FiringAlarm[] = []
      for await (const page of paginateDescribeAlarms({client}, {AlarmNamePrefix: prefix, StateValue: 'ALARM'})) {
        for (const alarm of page.MetricAlarms ?? []) {
          alarms.push({
            name: alarm.AlarmName ?? '',
            description: alarm.AlarmDescription ?? '',
            reason: alarm.StateReason ?? '',
            since: alarm.StateUpdatedTimestamp?.toISOString() ?? '',
          })
        }
      }
      return alarms
    },
    async latest(queries, from, to) {
      const answer = await client.send(
        new GetMetricDataCommand({
          StartTime: from,
          EndTime: to,
          ScanBy: 'TimestampDescending',
          MetricDataQueries: queries.map(({namespace, metric, dimension: [Name, Value], statistic}, index) => ({
            Id: `m${index}`,
            MetricStat: {
              Metric: {Namespace: namespace, MetricName: metric, Dimensions: [{Name, Value}]},
              Period: period,
              Stat: statistic,
            },
          })),
        }),
      )
      return queries.map((_, index) => answer.MetricDataResults?.find(({Id}) => Id === `m${index}`)?.Values?.[0])
    },
    series: (queries, periods) => readSeries(client, queries, periods),
  })
}
