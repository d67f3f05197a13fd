import {Args, Flags} from '@oclif/core'
import {UsageError} from '../domain/errors.ts'
import {type MetricService, metricServices} from '../domain/metrics/catalogue.ts'
import {nearest} from '../domain/nearest.ts'

/** What a chart may be written as. */
export type ChartKind = 'svg' | 'png' | 'csv'
const chartKinds: readonly ChartKind[] = ['svg', 'png', 'csv']

/** Services whose metrics are wanted, as many as are. */
export const metricServicesArgument = Args.custom<MetricService>({
  description: `Services; all of them by default: ${metricServices.join(', ')}`,
  parse: async (text) => {
    const found = metricServices.find((service) => service === text)
    if (found !== undefined) return found
    const near = nearest(text, metricServices)
    throw new UsageError(`Unknown service: "${text}".`, {
      code: 'UNKNOWN_SERVICE',
      suggestions: [
        ...(near === undefined ? [] : [`Did you mean ${near}?`]),
        `Services: ${metricServices.join(', ')}`,
        'The environment is given by --environment',
      ],
    })
  },
})

export const chartFlag = Flags.string({
  description: 'Draw into this file, replacing what is there: .svg or .png; or its values: .csv',
  env: 'PI_AWS_METRICS_OUT',
  helpValue: 'FILE',
})

/** What a file is to become, by its ending. @throws UsageError UNKNOWN_CHART */
export function chartKindOf(path: string): ChartKind {
  const kind = chartKinds.find((each) => path.toLowerCase().endsWith(`.${each}`))
  if (kind !== undefined) return kind
  throw new UsageError(`Unknown kind of chart: "${path.slice(0, 100)}" ends neither in .svg, .png nor .csv.`, {
    code: 'UNKNOWN_CHART',
    suggestions: ['Name the file for what it shall be: --out metrics.png'],
  })
}
