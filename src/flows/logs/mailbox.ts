/** What arrives faster than it is read, in order; one reader. */
export class Mailbox<T> {
  readonly #items: T[] = []
  #arrived = Promise.withResolvers<undefined>()
  #over = false
  #failure: Error | undefined

  push(item: T): void {
    this.#items.push(item)
    this.#arrived.resolve(undefined)
  }

  /** Nothing more will come; what is there is still read, then a failure is thrown. */
  end(failure?: Error): void {
    this.#over = true
    this.#failure = failure
    this.#arrived.resolve(undefined)
  }

  /** Everything that has arrived, as soon as there is something; undefined at the end. @throws what it was ended with */
  async take(): Promise<readonly T[] | undefined> {
    while (this.#items.length === 0) {
      if (this.#over) {
        if (this.#failure !== undefined) throw this.#failure
        return undefined
      }
      await this.#arrived.promise
      this.#arrived = Promise.withResolvers<undefined>()
    }
    return this.#items.splice(0)
  }
}
