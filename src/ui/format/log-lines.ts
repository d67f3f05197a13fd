import {isoIn, offsetText, type Zone} from '../../domain/logs/moments.ts'
import {type LogEntry, linesOf} from '../../domain/logs/traces.ts'
import {recordOf} from '../../domain/logs/record.ts'
import type {Theme} from '../theme.ts'
import {jsonLine, visibleLines} from './visible.ts'

/** Turns entries into text that ends with a newline. */
export type LogFormat = (entries: readonly LogEntry[]) => string

const plainText = /^[ -~]*$/

/** Lines of a message that cannot move the cursor, colour or forge a line. */
function harmless(message: string): readonly string[] {
  return plainText.test(message) ? [message] : visibleLines(message)
}

/** Each line as an event of `--output ndjson`. */
export const ndjsonLines: LogFormat = (entries) => {
  let text = ''
  for (const entry of entries) {
    for (const line of linesOf(entry)) text += safeJson({schemaVersion: 1, type: 'log', ...recordOf(line)})
  }
  return text
}

/** `JSON.stringify`, with the care of jsonLine only where there is something to care about. */
function safeJson(value: object): string {
  const text = JSON.stringify(value)
  return plainText.test(text) ? `${text}\n` : jsonLine(value)
}

/**
 * Lines as items of a JSON array, which the caller closes.
 * @param opening text before the first of them; printed late, so that an error may still have all of stdout
 */
export function jsonItems(opening: string): LogFormat {
  let [before, first] = [opening, true]
  return (entries) => {
    let text = before
    before = ''
    for (const entry of entries) {
      for (const line of linesOf(entry)) {
        text += `${first ? '' : ','}\n    ${safeJson(recordOf(line)).trimEnd()}`
        first = false
      }
    }
    return text
  }
}

/**
 * Messages and nothing else.
 * @param exact byte for byte, which only a file or a program should see
 */
export function rawLines(exact: boolean): LogFormat {
  return (entries) => {
    let text = ''
    for (const entry of entries) {
      for (const {message} of linesOf(entry)) {
        const shown = exact ? message : harmless(message).join('\n')
        text += shown.endsWith('\n') ? shown : `${shown}\n`
      }
    }
    return text
  }
}

/** ISO 8601 in a zone, made minute by minute: a hundred thousand lines share a few of them. */
class Times {
  readonly #zone: Zone
  #minute = NaN
  #before = ''
  #after = ''

  constructor(zone: Zone) {
    this.#zone = zone
  }

  text(ms: number): string {
    const minute = Math.floor(ms / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#before = isoIn(minute * 60_000, this.#zone).slice(0, 17)
      this.#after = offsetText(this.#zone.offsetAt(minute * 60_000))
    }
    const rest = ms - minute * 60_000
    const seconds = Math.floor(rest / 1000)
    const two = seconds < 10 ? `0${seconds}` : String(seconds)
    return `${this.#before}${two}.${String(rest - seconds * 1000).padStart(3, '0')}${this.#after}`
  }
}

export interface TextLook {
  readonly theme: Theme
  readonly zone: Zone
  readonly highlight: readonly RegExp[]
  /** Columns of the name of a service. */
  readonly width: number
}

/**
 * Lines for people: time, service, message. Pieces of one message stand below each other. The bar before a message is a
 * `<` where a newer line was printed before it.
 */
export function textLines({theme, zone, highlight, width}: TextLook): LogFormat {
  const times = new Times(zone)
  const paints = new Map<string, string>()
  let newest = -Infinity
  const nameOf = (service: string): string => {
    const known = paints.get(service)
    if (known !== undefined) return known
    const paint = theme.several[paints.size % Math.max(1, theme.several.length)]
    const padded = service.padEnd(width)
    const painted = paint === undefined ? padded : paint(padded)
    paints.set(service, painted)
    return painted
  }
  const marked = (text: string): string =>
    highlight.reduce(
      (shown, pattern) => shown.replaceAll(pattern, (found) => (found === '' ? '' : theme.mark(found))),
      text,
    )
  return (entries) => {
    let text = ''
    for (const entry of entries) {
      const {head} = entry
      const late = head.timestamp < newest
      if (!late) newest = head.timestamp
      const time = times.text(head.timestamp)
      let before = `${theme.dim(time)} ${nameOf(head.service)} ${late ? '<' : '|'} `
      for (const line of linesOf(entry)) {
        for (const shown of harmless(line.message)) {
          text += `${before}${marked(shown)}\n`
          before = `${' '.repeat(time.length + width + 2)}| `
        }
      }
    }
    return text
  }
}
