import type {Clock} from '../../../src/flows/ports.ts'

interface Waiting {
  readonly at: number
  readonly order: number
  /** Whose sleep it is; nobody's for what a test arranged. */
  readonly owner: object | undefined
  readonly wake: () => void
  readonly fail: (error: unknown) => void
}

/** Longer than anything that a flow waits for: who is still asleep then waits for something that never comes. */
const endOfTime = 72 * 3_600_000

/** When every fake world begins. */
export const beginning = Date.parse('2026-01-02T03:04:05.000Z')

/** Time that moves only while everybody sleeps: to the next one to wake, in order, one at a time. */
export class FakeClock {
  #now: number
  readonly #end: number
  #waiting: Waiting[] = []
  #order = 0
  #moving = false

  constructor(now = beginning) {
    this.#now = now
    this.#end = now + endOfTime
  }

  get time(): number {
    return this.#now
  }

  /** Moves time by hand, while nobody sleeps. */
  pass(ms: number): void {
    this.#now += ms
  }

  /** Has something happen `ms` from now, if somebody still sleeps then. */
  after(ms: number, act: () => void): void {
    this.#add({at: this.#now + ms, owner: undefined, wake: act, fail: () => undefined})
  }

  /** The port, for sleeps that belong to `owner`. */
  for(owner: object): Clock {
    return {
      now: () => new Date(this.#now),
      sleep: (ms, signal) => this.#sleep(ms, signal, owner),
    }
  }

  /** Ends all sleeps of one owner. */
  wakeAll(owner: object, error: unknown): void {
    const own = this.#waiting.filter((one) => one.owner === owner)
    this.#waiting = this.#waiting.filter((one) => one.owner !== owner)
    for (const one of own) one.fail(error)
  }

  #sleep(ms: number, signal: AbortSignal | undefined, owner: object): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error)
        return
      }
      const waiting = this.#add({at: this.#now + Math.max(0, ms), owner, wake: done, fail: refuse})
      const aborted = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', aborted, {once: true})
      function done(): void {
        signal?.removeEventListener('abort', aborted)
        resolve()
      }
      function refuse(error: unknown): void {
        signal?.removeEventListener('abort', aborted)
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason may be anything
        reject(error)
      }
    })
  }

  #add(one: Omit<Waiting, 'order'>): Waiting {
    const waiting = {...one, order: this.#order++}
    this.#waiting.push(waiting)
    this.#move()
    return waiting
  }

  /** Everything between two sleeps is promises: when the event loop comes round, all of it is done. */
  #move(): void {
    if (this.#moving) return
    this.#moving = true
    setImmediate(() => {
      this.#moving = false
      if (!this.#waiting.some((one) => one.owner !== undefined)) return
      const next = this.#waiting.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a))
      this.#waiting = this.#waiting.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      if (this.#now > this.#end) next.fail(new Error('The end of time: somebody waits for what never comes.'))
      else next.wake()
      this.#move()
    })
  }
}
