import type {LogLine} from './line.ts'

/** A line with those that belong to it: the frames of a stack trace arrive as events of their own. */
export interface LogEntry {
  readonly head: LogLine
  readonly rest: readonly LogLine[]
  /** It goes on with an entry that was given out before. */
  readonly continues: boolean
}

/** Longest time between two pieces of one entry, ms. */
const longestGap = 1000
const mostPieces = 1000
const mostStreams = 1000

const piece = /^(?:\s+\S|Caused by: |Suppressed: |[a-z][\w$]*(?:\.[\w$]+)+(?:Exception|Error|Throwable)\b)/

/** Joins the pieces of stack traces. Between calls it knows which entry each stream ended with. */
export class TraceJoiner {
  /** Stream -> time of its last line. */
  readonly #last = new Map<string, number>()

  /** @param lines in order; no line is lost, none changed */
  join(lines: readonly LogLine[]): readonly LogEntry[] {
    const entries: {head: LogLine; rest: LogLine[]; continues: boolean}[] = []
    const open = new Map<string, (typeof entries)[number]>()
    for (const line of lines) {
      const stream = `${line.service}\n${line.stream}`
      const near = line.timestamp - (this.#last.get(stream) ?? -Infinity) <= longestGap
      this.#remember(stream, line.timestamp)
      const belongs = near && piece.test(line.message)
      const entry = open.get(stream)
      if (belongs && entry !== undefined && entry.rest.length < mostPieces) {
        entry.rest.push(line)
        continue
      }
      const fresh = {head: line, rest: [], continues: belongs && entry === undefined}
      entries.push(fresh)
      open.set(stream, fresh)
    }
    return entries
  }

  #remember(stream: string, at: number): void {
    this.#last.delete(stream)
    this.#last.set(stream, at)
    if (this.#last.size > mostStreams) this.#last.delete(this.#last.keys().next().value ?? '')
  }
}

/** The lines of an entry, the head first. */
export function linesOf({head, rest}: LogEntry): readonly LogLine[] {
  return rest.length === 0 ? [head] : [head, ...rest]
}
