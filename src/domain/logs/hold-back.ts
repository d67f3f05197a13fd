import {byTime, inOrder, type LogLine} from './line.ts'

/** Most lines that are held back; a burst beyond that goes out early instead of filling the memory. */
const mostHeld = 50_000

/**
 * Holds lines back while following, so that those which arrive within the reorder window of each other come out in order.
 * A line waits until it is `window` ms old by our clock, and never longer than `window` ms after it arrived (the writer's
 * clock may be ahead of ours). What arrives later than that comes out at once, behind newer lines.
 */
export class HoldBack {
  readonly #window: number
  #lines: readonly LogLine[] = []
  /** When a line must go at the latest; by identity, since lines are many and plain. */
  #latest = new Map<LogLine, number>()

  /** @param window ms */
  constructor(window: number) {
    this.#window = window
  }

  get size(): number {
    return this.#lines.length
  }

  /** @param now ms since 1970 */
  add(lines: readonly LogLine[], now: number): void {
    if (lines.length === 0) return
    for (const line of lines) if (line.timestamp > now) this.#latest.set(line, now + this.#window)
    this.#lines = inOrder([...this.#lines, ...lines])
  }

  /** Everything whose time has come, in order, with all that is older. */
  take(now: number): readonly LogLine[] {
    let count = Math.max(0, this.#lines.length - mostHeld)
    for (let index = this.#lines.length - 1; index >= count; index--) {
      if (this.#dueAt(this.#lines[index] as LogLine) <= now) count = index + 1
    }
    return this.#cut(count)
  }

  /** What is left, in order. */
  takeAll(): readonly LogLine[] {
    return this.#cut(this.#lines.length)
  }

  /** When the next line is due, ms since 1970. */
  nextAt(): number | undefined {
    let next = this.#lines[0] === undefined ? undefined : this.#dueAt(this.#lines[0])
    for (const at of this.#latest.values()) next = Math.min(next ?? at, at)
    return next
  }

  #dueAt(line: LogLine): number {
    return Math.min(line.timestamp + this.#window, this.#latest.get(line) ?? Infinity)
  }

  #cut(count: number): readonly LogLine[] {
    if (count === 0) return []
    const taken = this.#lines.slice(0, count)
    this.#lines = this.#lines.slice(count)
    if (this.#latest.size > 0) for (const line of taken) this.#latest.delete(line)
    return taken
  }
}

/** Counts lines that came out behind newer ones. */
export class OrderWatch {
  #last: LogLine | undefined
  late = 0

  /** True for a line that is older than one before it. */
  isLate(line: LogLine): boolean {
    if (this.#last !== undefined && byTime(line, this.#last) < 0) {
      this.late += 1
      return true
    }
    this.#last = line
    return false
  }
}
