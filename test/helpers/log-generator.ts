import {chance} from './chance.ts'

/** An event as a service writes it. */
export interface WrittenEvent {
  readonly group: number
  readonly stream: string
  /** ms since 1970. */
  readonly timestamp: number
  /** When it reaches CloudWatch, ms since 1970. */
  readonly arrivesAt: number
  /** Names the event: `#000123 ...`. */
  readonly message: string
}

export interface Writing {
  readonly count: number
  readonly groups: number
  /** Time of the first event, ms since 1970. */
  readonly begin: number
  /** ms over which they are spread. */
  readonly over: number
  /** Longest delay of a late one, ms. */
  readonly late: number
  /** Share of them, from 0 to 1. */
  readonly lateShare: number
}

/** Events of several services, each with its number, some late and so out of order; ordered by when they arrive. */
export function writeLogs({count, groups, begin, over, late, lateShare}: Writing, seed = 7): readonly WrittenEvent[] {
  const next = chance(seed)
  const events = Array.from({length: count}, (_, index): WrittenEvent => {
    const timestamp = begin + Math.floor((index * over) / count)
    const delay = next() < lateShare ? Math.floor(next() * late) : Math.floor(next() * 50)
    const group = Math.floor(next() * groups)
    return {
      group,
      stream: `task-${Math.floor(next() * 3)}`,
      timestamp,
      arrivesAt: timestamp + delay,
      message: `#${String(index).padStart(6, '0')} service ${group} handled a request in ${Math.floor(next() * 900)} ms`,
    }
  })
  return events.sort((a, b) => a.arrivesAt - b.arrivesAt)
}

/** What an independent reader finds wrong: numbers that are missing, twice, or behind a newer time. */
export function verdict(lines: readonly {readonly timestamp: number; readonly message: string}[], count: number) {
  const times = new Map<number, number>()
  let disorder = 0
  let last = -Infinity
  for (const {timestamp, message} of lines) {
    const number = Number(/^#(\d{6})/.exec(message)?.[1])
    times.set(number, (times.get(number) ?? 0) + 1)
    if (timestamp < last) disorder += 1
    last = timestamp
  }
  const missing = Array.from({length: count}, (_, index) => index).filter((index) => !times.has(index)).length
  const twice = [...times.values()].filter((seen) => seen > 1).length
  return {lines: lines.length, missing, twice, disorder}
}
