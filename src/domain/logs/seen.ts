/** Width of the slices of time by which ids are forgotten, ms. */
const slice = 1000

/**
 * Which events of one log group were told already, in bounded memory. Ids are forgotten by the time of their event, the
 * oldest first; whoever reads the group again must not ask for what lies before `horizon`. So an event is never told twice,
 * and the price of a burst is a shorter memory, not a wrong one.
 */
export class SeenIds {
  readonly #most: number
  readonly #slices = new Map<number, Set<string>>()
  #oldest = Infinity
  #newest = -Infinity
  #size = 0
  #horizon = -Infinity

  /** @param most ids to remember; those of the newest second are kept whatever their number */
  constructor(most: number) {
    this.#most = most
  }

  /** Nothing is known of events before it, ms since 1970. */
  get horizon(): number {
    return this.#horizon
  }

  get size(): number {
    return this.#size
  }

  /** Remembers the event and says whether it is new; one before the horizon counts as told. */
  isNew(id: string, timestamp: number): boolean {
    if (timestamp < this.#horizon) return false
    const key = Math.floor(timestamp / slice)
    const ids = this.#slices.get(key)
    if (ids?.has(id) === true) return false
    if (ids === undefined) {
      this.#slices.set(key, new Set([id]))
      this.#oldest = Math.min(this.#oldest, key)
      this.#newest = Math.max(this.#newest, key)
    } else ids.add(id)
    this.#size += 1
    if (this.#size > this.#most) this.#shrink()
    return true
  }

  /** Forgets what lies before a time (ms since 1970), as far as whole seconds do. */
  forgetBefore(timestamp: number): void {
    const end = Math.floor(timestamp / slice)
    if (end * slice <= this.#horizon) return
    for (const key of [...this.#slices.keys()]) if (key < end) this.#drop(key)
    this.#horizon = end * slice
    this.#oldest = Math.min(...this.#slices.keys())
  }

  #shrink(): void {
    while (this.#size > this.#most && this.#oldest < this.#newest) {
      this.#drop(this.#oldest)
      this.#horizon = Math.max(this.#horizon, (this.#oldest + 1) * slice)
      this.#oldest = Math.min(...this.#slices.keys())
    }
  }

  #drop(key: number): void {
    this.#size -= this.#slices.get(key)?.size ?? 0
    this.#slices.delete(key)
  }
}
