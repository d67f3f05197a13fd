/** Runs tasks side by side, a bounded number at a time. The first that fails ends the lot. */
export class Pool {
  readonly #limit: number
  readonly #running = new Set<Promise<void>>()
  #failure: {readonly error: unknown} | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Begins a task as soon as there is room. @throws what an earlier task threw */
  async run(task: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running)
    this.#rethrow()
    const running = task()
      .catch((error: unknown) => {
        this.#failure ??= {error}
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Waits for all that was begun. @throws what a task threw */
  async idle(): Promise<void> {
    await Promise.all(this.#running)
    this.#rethrow()
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

/** An amount, such as of memory, that several tasks share; who asks for more than is left waits for its turn. */
export class Budget {
  #left: number
  readonly #total: number
  readonly #waiting: {readonly amount: number; readonly go: () => void}[] = []

  constructor(total: number) {
    this.#total = total
    this.#left = total
  }

  /** @returns gives the amount back; calling it again does nothing */
  async take(wanted: number): Promise<() => void> {
    const amount = Math.min(wanted, this.#total)
    if (this.#waiting.length > 0 || amount > this.#left) {
      await new Promise<void>((go) => this.#waiting.push({amount, go}))
    } else {
      this.#left -= amount
    }
    let given = false
    return () => {
      if (given) return
      given = true
      this.#left += amount
      for (let next = this.#waiting[0]; next !== undefined && next.amount <= this.#left; next = this.#waiting[0]) {
        this.#waiting.shift()
        this.#left -= next.amount
        next.go()
      }
    }
  }
}
