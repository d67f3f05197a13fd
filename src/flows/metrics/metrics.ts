import {NotFoundError} from '../../domain/errors.ts'
import {type MetricDefinition, metricsOf} from '../../domain/metrics/catalogue.ts'
import {beginsOf, type Periods, periodsOf} from '../../domain/metrics/periods.ts'
import {mergedOutputs, readLandscape} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {MetricPoint, MetricSeries, MetricsOptions, MetricsResult} from './options.ts'

/** CloudWatch itself says `p50` of seconds; `bytes/s` it leaves to whoever asks for a sum. */
function pointsOf(
  {unit, sparse}: MetricDefinition,
  values: ReadonlyMap<number, number>,
  periods: Periods,
): readonly MetricPoint[] {
  const divisor = unit === 'bytes/s' ? periods.seconds : 1
  // A metric that never had a value may not be there at all: then nothing is known, zero included.
  const absent = sparse && values.size > 0 ? 0 : undefined
  return beginsOf(periods).flatMap((begin) => {
    const value = values.get(begin) ?? absent
    return value === undefined ? [] : [{at: new Date(begin).toISOString(), value: value / divisor}]
  })
}

/**
 * Values of what tells how an environment fares, in periods of equal length.
 * @throws NotFoundError NO_METRICS where nothing of that is deployed
 */
export async function metrics(
  {environment, services, span}: MetricsOptions,
  ports: Pick<Ports, 'stacks' | 'objects' | 'metrics' | 'clock'>,
): Promise<MetricsResult> {
  const all = metricsOf(mergedOutputs(await readLandscape(ports, environment)))
  const wanted = all.filter(({service}) => services.length === 0 || services.includes(service))
  const missing = services.filter((service) => !all.some((one) => one.service === service))
  if (wanted.length === 0 || missing.length > 0) {
    const what = missing.length === 0 ? 'nothing of it is deployed' : `${missing.join(' and ')} is not deployed`
    throw new NotFoundError(`${environment} has no such metrics: ${what}.`, {
      code: 'NO_METRICS',
      suggestions: [`pi-aws status ${environment}`],
    })
  }
  const now = ports.clock.now().getTime()
  const periods = periodsOf(span.from, span.to ?? now, now)
  const values = await ports.metrics.series(wanted, periods)
  return {
    environment,
    from: new Date(periods.from).toISOString(),
    to: new Date(periods.to).toISOString(),
    periodSeconds: periods.seconds,
    metrics: wanted.map((definition, index): MetricSeries => {
      const {service, name, title, panel, unit, statistic} = definition
      const points = pointsOf(definition, values[index] ?? new Map(), periods)
      return {service, name, title, panel, unit, statistic, points}
    }),
  }
}
