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

const nothing: readonly LogLine[] = []

interface Open {
  head: LogLine
  rest: LogLine[] | readonly LogLine[]
  continues: boolean
}

/** What is known of a stream: when its last line was written, and the entry of the present batch that is open. */
interface StreamState {
  readonly service: string
  readonly stream: string
  at: number
  batch: number
  open: Open | undefined
}

/** Joins the pieces of stack traces. Between calls it knows when each stream wrote last. */
export class TraceJoiner {
  readonly #streams = new Map<string, StreamState>()
  /** Lines come in runs of one stream. */
  #current: StreamState | undefined
  #batch = 0

  /** @param lines in order; no line is lost, none changed */
  join(lines: readonly LogLine[]): readonly LogEntry[] {
    const entries: Open[] = []
    this.#batch += 1
    for (const line of lines) {
      const state = this.#stateOf(line)
      const entry = state.batch === this.#batch ? state.open : undefined
      const belongs = line.timestamp - state.at <= longestGap && piece.test(line.message)
      state.at = line.timestamp
      if (belongs && entry !== undefined && entry.rest.length < mostPieces) {
        if (entry.rest === nothing) entry.rest = [line]
        else (entry.rest as LogLine[]).push(line)
        continue
      }
      const fresh: Open = {head: line, rest: nothing, continues: belongs && entry === undefined}
      entries.push(fresh)
      state.open = fresh
      state.batch = this.#batch
    }
    return entries
  }

  #stateOf({service, stream}: LogLine): StreamState {
    const current = this.#current
    if (current?.stream === stream && current.service === service) return current
    const key = `${service}\n${stream}`
    const state = this.#streams.get(key) ?? {service, stream, at: -Infinity, batch: 0, open: undefined}
    this.#streams.delete(key)
    this.#streams.set(key, state)
    if (this.#streams.size > mostStreams) this.#streams.delete(this.#streams.keys().next().value ?? '')
    this.#current = state
    return state
  }
}

/** The lines of an entry, the head first. */
export function linesOf({head, rest}: LogEntry): readonly LogLine[] {
  return rest.length === 0 ? [head] : [head, ...rest]
}
