const second = 1000
const day = 86_400 * second

/** Lengths of a period, s, shortest first, and how long CloudWatch keeps values of it (User Guide, metrics retention). */
const periods: readonly (readonly [seconds: number, keptDays: number])[] = [
  [60, 15],
  [300, 63],
  [900, 63],
  [3600, 455],
  [21_600, 455],
  [86_400, 455],
]

/** Values of one metric that a terminal or a chart can still show. */
const mostPoints = 240

/** A span cut into periods of equal length. */
export interface Periods {
  readonly seconds: number
  /** Begin of the first and end of the last period, ms since 1970; whole periods since 1970. */
  readonly from: number
  readonly to: number
}

/**
 * Cuts a span so that it has few enough periods and CloudWatch still has their values.
 * @param from @param to @param now ms since 1970
 */
export function periodsOf(from: number, to: number, now: number): Periods {
  const age = now - from
  const fits = periods.find(([length, kept]) => age <= kept * day && (to - from) / (length * second) <= mostPoints)
  const [seconds] = fits ?? ([86_400] as const)
  const length = seconds * second
  return {seconds, from: Math.floor(from / length) * length, to: Math.ceil(to / length) * length}
}

/** Moments at which the periods begin, ms since 1970. */
export function beginsOf({seconds, from, to}: Periods): readonly number[] {
  const length = seconds * second
  return Array.from({length: Math.max(0, Math.round((to - from) / length))}, (_, index) => from + index * length)
}
