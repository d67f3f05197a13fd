import type {Span} from '../../domain/logs/moments.ts'
import type {MetricService, MetricStatistic, MetricUnit} from '../../domain/metrics/catalogue.ts'
import type {EnvironmentName} from '../../domain/names.ts'

export interface MetricsOptions {
  readonly environment: EnvironmentName
  /** None: all that the environment has. */
  readonly services: readonly MetricService[]
  readonly span: Span
}

/** A value of one period. */
export interface MetricPoint {
  /** Begin of the period, ISO 8601 UTC. */
  readonly at: string
  readonly value: number
}

/** One metric over the span. */
export interface MetricSeries {
  readonly service: MetricService
  readonly name: string
  readonly title: string
  /** Metrics of one panel are drawn together. */
  readonly panel: string
  readonly unit: MetricUnit
  readonly statistic: MetricStatistic
  /** Oldest first; a period without a value is absent, which is not zero. */
  readonly points: readonly MetricPoint[]
}

export interface MetricsResult {
  readonly environment: string
  /** Begin of the first and end of the last period, ISO 8601 UTC. */
  readonly from: string
  readonly to: string
  readonly periodSeconds: number
  readonly metrics: readonly MetricSeries[]
  /** With `--out`: what was written. */
  readonly file?: {readonly path: string; readonly bytes: number}
}
