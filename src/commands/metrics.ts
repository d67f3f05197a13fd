import {AwsCommand} from '../cli/aws-command.ts'
import {metricSpanFlags, spanOfFlags, zoneOf} from '../cli/log-flags.ts'
import {writeChart} from '../cli/metric-chart.ts'
import {chartFlag, chartKindOf, metricServicesArgument} from '../cli/metric-flags.ts'
import {metrics} from '../flows/metrics/metrics.ts'
import type {MetricsResult} from '../flows/metrics/options.ts'
import {formatMetrics} from '../ui/format/metrics.ts'

export default class Metrics extends AwsCommand {
  static override summary = 'Show how services, load balancer, database and files fared'

  static override description =
    'CPU and memory of the services, requests, times and errors at the load balancer, what the database and the file system use and have left, and runs of the side-load function. The longer the span, the longer the periods; CloudWatch keeps minutes for 15 days. A curve begins at 0; where nothing is known it shows a dot. CloudWatch bills GetMetricData by the metric.'

  static override examples = [
    '<%= config.bin %> metrics --environment demo --local',
    {
      description: 'The night of the incident, as a picture',
      command: '<%= config.bin %> metrics --since "2026-11-21 22:00" --until "2026-11-22 04:00" --out night.png',
    },
    {description: 'One service, for a script', command: '<%= config.bin %> metrics database --since 7d --output json'},
  ]

  static override args = {service: metricServicesArgument({multiple: true})}
  static override flags = {...metricSpanFlags, out: chartFlag}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Metrics)
    const span = spanOfFlags(flags, zoneOf(flags.utc))
    const {out} = flags
    const kind = out === undefined ? undefined : chartKindOf(out)
    await this.perform<MetricsResult>(flags, {
      interrupt: 'cancel',
      format: formatMetrics,
      work: async (_run, reporter) => {
        const {environment, ports} = await this.open(flags, undefined, reporter)
        const result = await metrics({environment, services: args.service ?? [], span}, ports)
        return out === undefined || kind === undefined ? result : writeChart(result, out, kind, this.config.root)
      },
    })
  }
}
