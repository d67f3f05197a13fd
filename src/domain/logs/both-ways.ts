import type {LogLine} from './line.ts'

/** Lines that are remembered: more than Live Tail shows in a minute and a half. */
const most = 50_000
/** So much of a message tells lines of one millisecond and stream apart. */
const told = 300

function keyOf({service, stream, timestamp, message}: LogLine): string {
  return `${service} ${stream} ${timestamp} ${message.length} ${message.slice(0, told)}`
}

/**
 * Lets each line through once that comes both ways: from Live Tail, which gives no ids, and from storage. A line that was
 * written twice comes twice each way, so the ways are counted against each other.
 */
export class BothWays {
  /** Key -> how much more often it came live than stored; in the order of arrival. */
  readonly #ahead = new Map<string, number>()

  /** Those of the lines that storage did not give before. */
  live(lines: readonly LogLine[]): readonly LogLine[] {
    return lines.filter((line) => this.#isFirst(line, 1))
  }

  /** Those of the lines that Live Tail did not show before. */
  stored(lines: readonly LogLine[]): readonly LogLine[] {
    return lines.filter((line) => this.#isFirst(line, -1))
  }

  #isFirst(line: LogLine, way: 1 | -1): boolean {
    const key = keyOf(line)
    const before = this.#ahead.get(key) ?? 0
    this.#ahead.delete(key)
    const after = before + way
    if (after !== 0) this.#ahead.set(key, after)
    if (this.#ahead.size > most) this.#forgetOldest()
    return before * way >= 0
  }

  #forgetOldest(): void {
    for (const key of this.#ahead.keys()) {
      this.#ahead.delete(key)
      return
    }
  }
}
