/** A value of a period; undefined where CloudWatch has none. */
export type Reading = number | undefined

/** Signs from the lowest to the highest, and the one for what is not known; no blanks, which tables shorten. */
export interface Levels {
  readonly signs: readonly string[]
  readonly unknown: string
}
export const blockLevels: Levels = {signs: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'], unknown: '·'}
export const plainLevels: Levels = {signs: ['_', '.', '-', '=', '*', '#'], unknown: '?'}

/** So many readings put together to `width`: of each piece the largest, so that no peak is lost. */
export function narrowed(readings: readonly Reading[], width: number): readonly Reading[] {
  if (readings.length <= width) return readings
  return Array.from({length: width}, (_, index) => {
    const piece = readings
      .slice(Math.floor((index * readings.length) / width), Math.floor(((index + 1) * readings.length) / width))
      .filter((value) => value !== undefined)
    return piece.length === 0 ? undefined : Math.max(...piece)
  })
}

/**
 * A curve in one line of text: a sign for each reading, from 0 or the lowest one to the highest.
 */
export function sparkline(readings: readonly Reading[], width: number, {signs, unknown}: Levels): string {
  const shown = narrowed(readings, width)
  const known = shown.filter((value) => value !== undefined)
  const low = Math.min(0, ...known)
  const range = Math.max(0, ...known) - low
  const sign = (value: Reading): string => {
    if (value === undefined) return unknown
    const share = range === 0 ? 0 : (value - low) / range
    return signs[Math.min(signs.length - 1, Math.floor(share * signs.length))] ?? unknown
  }
  return shown.map(sign).join('')
}
