import type {MetricUnit} from '../../../domain/metrics/catalogue.ts'
import type {MetricSeries, MetricsResult} from '../../../flows/metrics/options.ts'

/** A curve of a panel. */
export interface Curve {
  readonly label: string
  /** In the order of time; undefined where nothing is known. */
  readonly points: readonly {readonly at: number; readonly value: number | undefined}[]
}

/** A diagram with one axis of values. */
export interface Panel {
  readonly title: string
  readonly unit: MetricUnit
  readonly curves: readonly Curve[]
}

/** How a curve is called beside those of its panel: by what tells it apart. */
function labelOf({service, title}: MetricSeries, beside: readonly MetricSeries[]): string {
  const services = new Set(beside.map((one) => one.service)).size
  const titles = new Set(beside.map((one) => one.title)).size
  if (services > 1) return titles > 1 ? `${service} ${title}` : service
  return title
}

function curveOf(
  series: MetricSeries,
  beside: readonly MetricSeries[],
  {from, to, periodSeconds}: MetricsResult,
): Curve {
  const known = new Map(series.points.map(({at, value}) => [Date.parse(at), value]))
  const [begin, step] = [Date.parse(from), periodSeconds * 1000]
  const count = Math.round((Date.parse(to) - begin) / step)
  const points = Array.from({length: count}, (_, index) => {
    const at = begin + index * step
    return {at, value: known.get(at)}
  })
  return {label: labelOf(series, beside), points}
}

/** The diagrams of a result, those without any value left out. */
export function panelsOf(result: MetricsResult): readonly Panel[] {
  const shown = result.metrics.filter(({points}) => points.length > 0)
  return [...Map.groupBy(shown, ({panel}) => panel)].map(([title, members]) => ({
    title,
    unit: (members[0] as MetricSeries).unit,
    curves: members.map((series) => curveOf(series, members, result)),
  }))
}
