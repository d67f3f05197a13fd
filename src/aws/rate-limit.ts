import {setTimeout as pause} from 'node:timers/promises'

/** Time for a limiter; tests give their own. */
export interface RateClock {
  now(): number
  sleep(ms: number): Promise<unknown>
}

const systemTime: RateClock = {now: () => performance.now(), sleep: (ms) => pause(ms)}

/** Lets so many calls a second begin, a second's worth of them at once after a rest. */
export class RateLimit {
  readonly #perSecond: number
  readonly #clock: RateClock
  #free: number
  #at: number

  constructor(perSecond: number, clock: RateClock = systemTime) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#free = perSecond
    this.#at = clock.now()
  }

  /** Resolves when the next call may begin. Calls begin in the order in which they asked. */
  async take(): Promise<void> {
    const now = this.#clock.now()
    this.#free = Math.min(this.#perSecond, this.#free + ((now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    this.#free -= 1
    if (this.#free < 0) await this.#clock.sleep((-this.#free * 1000) / this.#perSecond)
  }
}

/** The part of an SDK client that a limit hangs on. */
interface Stack {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: never) => Promise<unknown>) => (args: never) => Promise<unknown>,
      options: {readonly step: 'deserialize'; readonly name: string; readonly override: true},
    ): void
  }
}

/** Puts a client of a service under that service's limit. */
export type Attach = (client: object) => void

/** @param perSecond calls a second that one service is sent, tries again included */
export function limiterOf(perSecond: number, clock?: RateClock): Attach {
  const limit = new RateLimit(perSecond, clock)
  return (client) => {
    // The steps before this one are passed once a call; from here on each try passes.
    ;(client as Stack).middlewareStack.add(
      (next) => async (args) => {
        await limit.take()
        return next(args)
      },
      {step: 'deserialize', name: 'callsPerSecond', override: true},
    )
  }
}

/** The client itself, limited. */
export function limitedClient<C extends object>(client: C, attach: Attach): C {
  attach(client)
  return client
}
