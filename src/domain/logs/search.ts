import {UsageError} from '../errors.ts'
import type {LogEntry} from './traces.ts'
import {linesOf} from './traces.ts'

const mostStreams = 1000

/**
 * A regular expression as a person types it: one without capitals finds both cases.
 * @throws UsageError INVALID_EXPRESSION
 */
export function expression(flag: string, text: string, flags = ''): RegExp {
  try {
    return new RegExp(text, `${flags}${/\p{Lu}/u.test(text.replaceAll(/\\./g, '')) ? '' : 'i'}`)
  } catch (error) {
    throw new UsageError(`Invalid expression: ${flag} "${text.slice(0, 60)}" is not a regular expression.`, {
      code: 'INVALID_EXPRESSION',
      suggestions: ['Write \\ before characters with a meaning of their own, such as ( [ { * + ? .'],
      cause: error,
    })
  }
}

/** Chooses entries by `--grep` (all must be found) and `--exclude` (none may be). */
export class Search {
  readonly #grep: readonly RegExp[]
  readonly #exclude: readonly RegExp[]
  /** Stream -> whether its last entry was chosen: what goes on with it shares its fate. */
  readonly #verdicts = new Map<string, boolean>()

  constructor(grep: readonly RegExp[], exclude: readonly RegExp[]) {
    this.#grep = grep
    this.#exclude = exclude
  }

  chosen(entries: readonly LogEntry[]): readonly LogEntry[] {
    if (this.#grep.length === 0 && this.#exclude.length === 0) return entries
    return entries.filter((entry) => {
      const stream = `${entry.head.service}\n${entry.head.stream}`
      const earlier = entry.continues ? this.#verdicts.get(stream) : undefined
      const verdict = earlier ?? this.#matches(entry)
      this.#verdicts.delete(stream)
      this.#verdicts.set(stream, verdict)
      if (this.#verdicts.size > mostStreams) this.#verdicts.delete(this.#verdicts.keys().next().value ?? '')
      return verdict
    })
  }

  #matches(entry: LogEntry): boolean {
    const texts = linesOf(entry).map(({message}) => message)
    const found = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text))
    return this.#grep.every(found) && !this.#exclude.some(found)
  }
}
