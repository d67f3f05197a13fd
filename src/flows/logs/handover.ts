/** Things from one hand to another, one at a time: whoever gives waits until it was taken. */
export class Handover<T> {
  #offered: T | undefined
  #taken = Promise.withResolvers<undefined>()
  #given = Promise.withResolvers<undefined>()
  #over = false
  #failure: Error | undefined

  /** Resolves when it was taken, or when nobody takes any more. */
  async give(item: T): Promise<void> {
    if (this.#over) return
    this.#offered = item
    this.#taken = Promise.withResolvers<undefined>()
    this.#given.resolve(undefined)
    await this.#taken.promise
  }

  /** Nothing more is given; a failure is thrown to whoever takes. */
  end(failure?: Error): void {
    this.#failure = failure
    this.#over = true
    this.#given.resolve(undefined)
  }

  /** Nobody takes any more. */
  leave(): void {
    this.#over = true
    this.#taken.resolve(undefined)
  }

  /** The next thing; undefined at the end. @throws what it was ended with */
  async take(): Promise<T | undefined> {
    await this.#given.promise
    const item = this.#offered
    if (item !== undefined) {
      this.#offered = undefined
      if (!this.#over) this.#given = Promise.withResolvers<undefined>()
      this.#taken.resolve(undefined)
      return item
    }
    if (this.#failure !== undefined) throw this.#failure
    return undefined
  }
}
