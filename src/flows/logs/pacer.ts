import {PiError} from '../../domain/errors.ts'
import type {Report} from '../events.ts'
import type {Clock} from '../ports.ts'

/** What another try may turn. */
const passing = /^(?:THROTTLED|NETWORK_UNREACHABLE|AWS_(?:SERVICE_UNAVAILABLE|INTERNAL_.*|UNKNOWN.*|LIMIT_EXCEEDED))$/
/** First and longest pause after a refusal, ms. */
const pauses = [250, 5000] as const
/** Refused for so long, it is worth a word; and again so often. ms. */
const worthAWord = 2000
const wordEvery = 10_000
/** Gap between calls of anybody after a refusal, ms: about the five calls a second that an account had in 2023. */
const cautiousGap = 200

export interface Pace {
  /** Calls that may begin within any second; undefined for as many as AWS takes. */
  readonly perSecond?: number
  /** Tries of a call that is refused. */
  readonly tries: number
}

export const pastPace: Pace = {tries: 12}
export const followPace: Pace = {perSecond: 4, tries: Infinity}

interface PacerPorts {
  readonly clock: Clock
  readonly report: Report
  /** From 0 to 1. */
  readonly chance: () => number
  readonly signal: AbortSignal
}

/** Keeps the pace of all calls of one command: spaces them, makes refused ones again, and says when that costs time. */
export class Pacer {
  readonly #ports: PacerPorts
  #pace: Pace
  #turn: Promise<unknown> = Promise.resolve()
  #last = -Infinity
  #gap = 0
  /** Calls that began. */
  calls = 0

  constructor(ports: PacerPorts, pace: Pace) {
    this.#ports = ports
    this.#pace = pace
  }

  set pace(pace: Pace) {
    this.#pace = pace
  }

  /**
   * Makes a call when it is its turn, and again while it is refused.
   * @param what whose lines wait for it
   * @throws the signal's reason; the call's own error when another try does not help
   */
  async call<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const {signal} = this.#ports
    let begun: number | undefined
    let said: number | undefined
    for (let attempt = 1; ; attempt++) {
      await this.#slot()
      try {
        const value = await abandoned(work(signal), signal)
        this.#gap = this.#gap < 20 ? 0 : this.#gap * 0.9
        if (said !== undefined) this.#say(`${what} is up to date again`)
        return value
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (!(error instanceof PiError) || !passing.test(error.code) || attempt >= this.#pace.tries) throw error
        const now = this.#now()
        begun ??= now
        if (now - begun >= worthAWord && now - (said ?? -Infinity) >= wordEvery) {
          said = now
          this.#warn(what, error, now - begun)
        }
        this.#gap = cautiousGap
        await this.#pause(attempt)
      }
    }
  }

  #now(): number {
    return this.#ports.clock.now().getTime()
  }

  async #pause(attempt: number): Promise<void> {
    const {clock, chance, signal} = this.#ports
    const most = Math.min(pauses[1], pauses[0] * 2 ** (attempt - 1))
    await clock.sleep(Math.round(most * (0.5 + chance() / 2)), signal)
  }

  #say(message: string): void {
    this.#ports.report({type: 'note', message})
  }

  #warn(what: string, {code, message}: PiError, behind: number): void {
    const why = code === 'THROTTLED' ? 'AWS refuses calls because there are too many' : message
    this.#ports.report({
      type: 'warning',
      code: 'LOGS_LAG',
      message: `${what} is ${Math.round(behind / 1000)} s behind: ${why}. Nothing is lost; it is asked again.`,
    })
  }

  /** One after the other, in the order in which they came. */
  #slot(): Promise<void> {
    const mine = this.#turn.then(() => this.#begin())
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #begin(): Promise<void> {
    const {clock, signal} = this.#ports
    // Evenly: what comes in bursts makes whoever comes next wait for most of a second.
    const gap = Math.max(this.#gap, 1000 / (this.#pace.perSecond ?? Infinity))
    const wait = this.#last + gap - this.#now()
    if (gap > 0 && wait > 0) await clock.sleep(wait, signal)
    if (signal.aborted) throw signal.reason
    this.calls += 1
    this.#last = this.#now()
  }
}

/** The work's end, or the signal's: an answer that nobody wants any more may take a minute. */
async function abandoned<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw signal.reason
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, {once: true})
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
