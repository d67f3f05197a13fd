import type {MetricUnit} from '../../../domain/metrics/catalogue.ts'

/** In what an axis counts: values are divided by `divisor`, labels end in `suffix`. */
export interface AxisUnit {
  readonly divisor: number
  readonly suffix: string
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const decimal = ['', 'k', 'M', 'G', 'T']

function powerOf(base: number, names: readonly string[], most: number): AxisUnit {
  let power = 0
  while (most >= base ** (power + 1) && power < names.length - 1) power += 1
  return {divisor: base ** power, suffix: names[power] ?? ''}
}

/** The unit in which the largest value of an axis is a short number. */
export function axisUnit(unit: MetricUnit, most: number): AxisUnit {
  switch (unit) {
    case 'bytes':
    case 'bytes/s': {
      const {divisor, suffix} = powerOf(1024, binary, most)
      return {divisor, suffix: ` ${suffix}${unit === 'bytes/s' ? '/s' : ''}`}
    }
    case 'count':
    case 'credits':
      return powerOf(1000, decimal, most >= 10_000 ? most : 0)
    default:
      return {divisor: 1, suffix: ` ${unit}`}
  }
}

/** Upper end of the axis before it is rounded up: a few percent are not made to look like all of it, nor all like more. */
export function axisEnd(unit: MetricUnit, most: number): number {
  if (unit !== '%') return most > 0 ? most : 1
  return most > 80 && most <= 100 ? 100 : Math.max(10, most)
}

/** What stands below a mark of the time axis, UTC: `14:30`, and the date where a day begins. */
export function timeLabel(at: Date, spanMs: number): string {
  const iso = at.toISOString()
  const isMidnight = iso.slice(11, 16) === '00:00'
  return isMidnight || spanMs > 7 * 86_400_000 ? iso.slice(5, 10) : iso.slice(11, 16)
}

/** A number as an axis shows it: no more digits than tell marks apart. */
export function tickLabel(value: number, {suffix}: AxisUnit): string {
  return `${Number(value.toPrecision(4))}${suffix}`
}
