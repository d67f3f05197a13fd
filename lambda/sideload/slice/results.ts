import type {ErrorCode} from '../errors.ts'

/** What became of one path. */
export interface ResultLine {
  readonly path: string
  readonly result: string
  /** Bytes that were written, or removed. */
  readonly bytes?: number
  /** Of a failure. */
  readonly code?: ErrorCode
  readonly reason?: string
  /** Where the foreign file lies that had to make room, below the generation. */
  readonly replaced?: string
}

/** Bytes of results after which a slice ends: they are held in memory until they are written. */
const resultLimit = 8 * 1_048_576
/** Failures that the answer itself names. */
const failuresShown = 10
/** Failures by what stands where something of another kind belongs: they are counted beside, since pruning may end them. */
const inTheWay: readonly ErrorCode[] = ['NOT_A_FILE', 'NOT_A_DIRECTORY']

/** Collects the lines of one slice and counts them. */
export class Results {
  readonly #lines: string[] = []
  readonly #counts: Record<string, number>
  readonly #failures: ResultLine[] = []
  #length = 0

  /** @param counted the results that the operation knows; each is counted under its own name */
  constructor(counted: readonly string[]) {
    this.#counts = Object.fromEntries([...counted, 'failed', 'bytes'].map((name) => [name, 0]))
  }

  add(line: ResultLine): void {
    const text = JSON.stringify(line)
    this.#lines.push(text)
    this.#length += text.length + 1
    this.count(line.result)
    this.count('bytes', line.bytes ?? 0)
    if (line.code !== undefined && inTheWay.includes(line.code)) this.count('inTheWay')
    if (line.result === 'failed' && this.#failures.length < failuresShown) this.#failures.push(line)
  }

  /** Counts without a line of its own. */
  count(name: string, by = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + by
  }

  get full(): boolean {
    return this.#length >= resultLimit
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#counts
  }

  /** The first of them, with their reasons. */
  get failures(): readonly ResultLine[] {
    return this.#failures
  }

  /** NDJSON: first what the slice as a whole came to, then the paths. */
  text(head: object): string {
    return `${[JSON.stringify(head), ...this.#lines].join('\n')}\n`
  }
}
