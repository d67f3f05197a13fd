/**
 * Works through items in several lanes at once. The first failure stops all lanes: each ends what it has begun and takes
 * nothing new.
 * @throws the first failure
 */
export async function inLanes<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]()
  let failure: {readonly error: unknown} | undefined
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); failure === undefined && next.done !== true; next = rest.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failure ??= {error}
      }
    }
  }
  await Promise.all(Array.from({length: lanes}, lane))
  if (failure !== undefined) throw failure.error
}

/** Lets through so much at once: what is asked for beyond it waits its turn. More than all of it goes through alone. */
export class Budget {
  readonly #all: number
  #used = 0
  readonly #waiting: {readonly amount: number; readonly go: () => void}[] = []

  constructor(all: number) {
    this.#all = all
  }

  async take(amount: number): Promise<void> {
    const wanted = Math.min(amount, this.#all)
    if (this.#waiting.length > 0 || this.#used + wanted > this.#all) {
      await new Promise<void>((go) => this.#waiting.push({amount: wanted, go}))
    } else this.#used += wanted
  }

  give(amount: number): void {
    this.#used -= Math.min(amount, this.#all)
    for (
      let next = this.#waiting[0];
      next !== undefined && this.#used + next.amount <= this.#all;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift()
      this.#used += next.amount
      next.go()
    }
  }
}
