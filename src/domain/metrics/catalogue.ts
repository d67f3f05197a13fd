import {serviceNames} from '../configuration.ts'
import {capital} from '../parameters.ts'

/** What `metrics` can be asked for, in the order in which it is shown. */
export const metricServices = [...serviceNames, 'loadbalancer', 'database', 'files', 'sideload'] as const
export type MetricService = (typeof metricServices)[number]

/** What a number counts. `bytes/s` comes as a sum of bytes and is divided by the period. */
export type MetricUnit = '%' | 'count' | 's' | 'ms' | 'bytes' | 'bytes/s' | 'credits'

export type MetricStatistic = 'Average' | 'Minimum' | 'Maximum' | 'Sum' | 'p50' | 'p95'

/** A metric of one service, as CloudWatch knows it and as people read it. */
export interface MetricDefinition {
  readonly service: MetricService
  /** Stable name in JSON and CSV. */
  readonly name: string
  readonly title: string
  /** Metrics that are drawn into one panel of a chart. */
  readonly panel: string
  readonly unit: MetricUnit
  readonly namespace: string
  readonly metric: string
  readonly statistic: MetricStatistic
  readonly dimensions: readonly (readonly [name: string, value: string])[]
  /** Counters that CloudWatch writes only when something happened: a period without a value is none, not unknown. */
  readonly sparse: boolean
}

type Row = readonly [
  name: string,
  title: string,
  panel: string,
  unit: MetricUnit,
  metric: string,
  statistic: MetricStatistic,
  sparse?: 'sparse',
]

// Metrics, units and dimensions: user guides of ECS, Elastic Load Balancing, RDS, EFS and Lambda, chapters on CloudWatch.
const containerRows: readonly Row[] = [
  ['cpu', 'CPU', 'CPU of services', '%', 'CPUUtilization', 'Average'],
  ['memory', 'Memory', 'Memory of services', '%', 'MemoryUtilization', 'Maximum'],
]

const balancerRows: readonly Row[] = [
  ['requests', 'Requests', 'Requests', 'count', 'RequestCount', 'Sum', 'sparse'],
  ['latency-p50', 'Answer p50', 'Time to answer', 's', 'TargetResponseTime', 'p50'],
  ['latency-p95', 'Answer p95', 'Time to answer', 's', 'TargetResponseTime', 'p95'],
  ['errors-4xx', '4xx of services', 'Errors', 'count', 'HTTPCode_Target_4XX_Count', 'Sum', 'sparse'],
  ['errors-5xx', '5xx of services', 'Errors', 'count', 'HTTPCode_Target_5XX_Count', 'Sum', 'sparse'],
  ['balancer-5xx', '5xx of its own', 'Errors', 'count', 'HTTPCode_ELB_5XX_Count', 'Sum', 'sparse'],
]

const databaseRows: readonly Row[] = [
  ['cpu', 'CPU', 'CPU of the database', '%', 'CPUUtilization', 'Average'],
  ['connections', 'Connections', 'Connections', 'count', 'DatabaseConnections', 'Maximum'],
  ['free-storage', 'Free storage', 'Free storage', 'bytes', 'FreeStorageSpace', 'Minimum'],
  ['cpu-credits', 'CPU credits', 'CPU credits of the database', 'credits', 'CPUCreditBalance', 'Minimum'],
]

const fileRows: readonly Row[] = [
  ['throughput', 'Throughput', 'Throughput of the files', 'bytes/s', 'TotalIOBytes', 'Sum', 'sparse'],
  ['io-limit', 'I/O limit used', 'I/O limit of the files', '%', 'PercentIOLimit', 'Maximum'],
  ['burst-credits', 'Burst credits', 'Burst credits of the files', 'bytes', 'BurstCreditBalance', 'Minimum'],
]

const functionRows: readonly Row[] = [
  ['runs', 'Runs', 'Runs of the function', 'count', 'Invocations', 'Sum', 'sparse'],
  ['errors', 'Errors', 'Runs of the function', 'count', 'Errors', 'Sum', 'sparse'],
  ['duration-p95', 'Duration p95', 'Duration of runs', 'ms', 'Duration', 'p95'],
]

function definitions(
  service: MetricService,
  namespace: string,
  dimensions: MetricDefinition['dimensions'],
  rows: readonly Row[],
): readonly MetricDefinition[] {
  return rows.map(([name, title, panel, unit, metric, statistic, sparse]) => ({
    ...{service, name, title, panel, unit, namespace, metric, statistic, dimensions},
    sparse: sparse !== undefined,
  }))
}

type Outputs = Readonly<Record<string, string>>

function ofService(service: (typeof serviceNames)[number], outputs: Outputs): readonly MetricDefinition[] {
  const {ClusterName: cluster, [`${capital(service)}ServiceName`]: name} = outputs
  if (cluster === undefined || name === undefined) return []
  const dimensions = [['ClusterName', cluster] as const, ['ServiceName', name] as const]
  return definitions(service, 'AWS/ECS', dimensions, containerRows)
}

/** `arn:...:loadbalancer/app/name/id` -> `app/name/id`, which is the dimension. */
function balancerName(arn: string): string {
  return arn.slice(arn.indexOf('loadbalancer/') + 'loadbalancer/'.length)
}

/** The metrics that an environment has by its outputs, services in their order. */
export function metricsOf(outputs: Outputs): readonly MetricDefinition[] {
  const {LoadBalancerArn, DatabaseIdentifier, FileSystemId, SideloadFunctionName} = outputs
  const of = (
    service: MetricService,
    namespace: string,
    [name, value]: readonly [name: string, value: string | undefined],
    rows: readonly Row[],
  ): readonly MetricDefinition[] => (value === undefined ? [] : definitions(service, namespace, [[name, value]], rows))
  const balancer = LoadBalancerArn === undefined ? undefined : balancerName(LoadBalancerArn)
  return [
    ...serviceNames.flatMap((service) => ofService(service, outputs)),
    ...of('loadbalancer', 'AWS/ApplicationELB', ['LoadBalancer', balancer], balancerRows),
    ...of('database', 'AWS/RDS', ['DBInstanceIdentifier', DatabaseIdentifier], databaseRows),
    ...of('files', 'AWS/EFS', ['FileSystemId', FileSystemId], fileRows),
    ...of('sideload', 'AWS/Lambda', ['FunctionName', SideloadFunctionName], functionRows),
  ]
}
