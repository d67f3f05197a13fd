import {byTime, inOrder, type LogLine} from './line.ts'

interface Lane {
  /** In order; those before `next` were taken. */
  lines: readonly LogLine[]
  next: number
  /** Time up to which the lane was read; what comes later is newer, but for the window. */
  frontier: number
  open: boolean
}

/** The lines of a lane before `end`. */
function takeFrom(lane: Lane, end: number): readonly LogLine[] {
  const {lines, next} = lane
  let last = lines.length
  while (last > next && (lines[last - 1] as LogLine).timestamp >= end) last -= 1
  lane.next = last
  return lines.slice(next, last)
}

/**
 * Merges what is stored in several places into one ordered stream while it is being read. A line is given out as soon as
 * no open lane can bring an older one any more; a lane may be out of order by up to `window` ms.
 */
export class PastMerge {
  readonly #lanes: Lane[]
  readonly #window: number

  /** @param window ms by which the lines of one lane may be out of order */
  constructor(lanes: number, window: number) {
    this.#lanes = Array.from({length: lanes}, () => ({lines: [], next: 0, frontier: -Infinity, open: true}))
    this.#window = window
  }

  /** Takes a page of a lane. */
  add(lane: number, page: readonly LogLine[]): void {
    const own = this.#lanes[lane] as Lane
    const sorted = inOrder(page)
    own.lines = own.next === own.lines.length ? sorted : inOrder(own.lines.slice(own.next).concat(sorted))
    own.next = 0
    const newest = sorted.at(-1)
    if (newest !== undefined) own.frontier = Math.max(own.frontier, newest.timestamp)
  }

  /** No more comes from this lane. */
  end(lane: number): void {
    const own = this.#lanes[lane] as Lane
    own.open = false
  }

  /** The open lane that holds the others back, which is the one to read next. */
  lagging(): number | undefined {
    let found: number | undefined
    for (const [index, {open, frontier}] of this.#lanes.entries()) {
      if (open && (found === undefined || frontier < (this.#lanes[found] as Lane).frontier)) found = index
    }
    return found
  }

  /** Everything that is certain by now, in order. */
  take(): readonly LogLine[] {
    const slowest = this.lagging()
    // The lane may go on at its frontier's own millisecond.
    const end = slowest === undefined ? Infinity : (this.#lanes[slowest] as Lane).frontier - this.#window
    const only = this.#only()
    if (only !== undefined) return takeFrom(only, end)
    const taken: LogLine[] = []
    for (let lane = this.#first(end); lane !== undefined; lane = this.#first(end)) {
      taken.push(lane.lines[lane.next] as LogLine)
      lane.next += 1
    }
    return taken
  }

  /** The one lane that has lines, where there is one. */
  #only(): Lane | undefined {
    const [first, ...others] = this.#lanes.filter(({lines, next}) => next < lines.length)
    return others.length === 0 ? first : undefined
  }

  /** The lane with the oldest line before `end`; of equals the first lane. */
  #first(end: number): Lane | undefined {
    let best: Lane | undefined
    for (const lane of this.#lanes) {
      const line = lane.lines[lane.next]
      if (line === undefined || line.timestamp >= end) continue
      if (best === undefined || byTime(line, best.lines[best.next] as LogLine) < 0) best = lane
    }
    return best
  }
}
