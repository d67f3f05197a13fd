/** How long after the deadline what still runs may finish by itself before it is broken off (ms). */
const graceMs = 5000

/** When an invocation stops beginning things, and, a little later, breaks off what has not ended. */
export class Deadline implements Disposable {
  readonly #now: () => number
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout
  /** Milliseconds since 1970. */
  readonly endsAt: number

  constructor(now: () => number, budgetMs: number) {
    this.#now = now
    this.endsAt = now() + budgetMs
    this.#timer = setTimeout(() => this.#abort.abort(), Math.max(0, budgetMs) + graceMs).unref()
  }

  /** Breaks off requests that outlast the deadline. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get passed(): boolean {
    return this.#now() >= this.endsAt
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}
