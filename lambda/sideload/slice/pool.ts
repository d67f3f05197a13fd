/** Runs tasks side by side, a bounded number at a time. The first that fails ends the lot. */
export class Pool {
  readonly #limit: number
  #running = 0
  /** Told when a task ends. */
  readonly #waiting: (() => void)[] = []
  #failure: {readonly error: unknown} | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Begins a task as soon as there is room. @throws what an earlier task threw */
  async run(task: () => Promise<void>): Promise<void> {
    while (this.#running >= this.#limit) await this.#end()
    this.#rethrow()
    this.#running += 1
    task().then(
      () => this.#ended(),
      (error: unknown) => {
        this.#failure ??= {error}
        this.#ended()
      },
    )
  }

  /** Waits for all that was begun. @throws what a task threw */
  async idle(): Promise<void> {
    while (this.#running > 0) await this.#end()
    this.#rethrow()
  }

  async #end(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #ended(): void {
    this.#running -= 1
    for (const wake of this.#waiting.splice(0)) wake()
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
    const atOnce = this.takeNow(wanted)
    if (atOnce !== undefined) return atOnce
    const amount = Math.min(wanted, this.#total)
    await new Promise<void>((go) => this.#waiting.push({amount, go}))
    return this.#giver(amount)
  }

  /** As `take`, for who need not wait: undefined when there is not enough, or others wait already. */
  takeNow(wanted: number): (() => void) | undefined {
    const amount = Math.min(wanted, this.#total)
    if (this.#waiting.length > 0 || amount > this.#left) return undefined
    this.#left -= amount
    return this.#giver(amount)
  }

  /**
   * As `take`, for who need not begin any more once it is late: who gets it at once begins all the same, and who had to wait
   * has others before it that got somewhere.
   * @returns undefined for who waited until it was late
   */
  async takeUnless(isLate: () => boolean, wanted: number): Promise<(() => void) | undefined> {
    const atOnce = this.takeNow(wanted)
    if (atOnce !== undefined) return atOnce
    const give = await this.take(wanted)
    if (!isLate()) return give
    give()
    return undefined
  }

  #giver(amount: number): () => void {
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
