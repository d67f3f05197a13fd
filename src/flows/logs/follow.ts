import {HoldBack} from '../../domain/logs/hold-back.ts'
import type {LogLine} from '../../domain/logs/line.ts'
import type {Report} from '../events.ts'
import type {Clock} from '../ports.ts'
import type {Pacer} from './pacer.ts'
import type {Source} from './source.ts'

/** So long after its last line a source counts as busy, ms. */
const busyFor = 10_000
/** A busy source is looked at this widely again and again, for what came late. ms. */
const wideEvery = 10_000
/** New services are looked for, ms. */
const discoverEvery = 30_000
/** Longest sleep of whoever waits for lines, ms. */
const longSleep = 60_000

export interface FollowPorts {
  readonly clock: Clock
  readonly pacer: Pacer
  readonly report: Report
  readonly signal: AbortSignal
  /** Takes lines as they come out. */
  readonly emit: (lines: readonly LogLine[]) => Promise<void>
  /** All sources that are there by now; known ones are the same objects. */
  readonly discover: () => Promise<readonly Source[]>
}

/** Follows sources until the signal: polls each as often as it is worth, and gives their lines out in order. */
export class Follower {
  readonly #ports: FollowPorts
  readonly #hold: HoldBack
  readonly #known = new Set<Source>()
  readonly #failed = Promise.withResolvers<never>()
  /** Ends all parts when one of them failed, or the whole is to end. */
  readonly #over = new AbortController()
  #wake: AbortController | undefined
  #rung = false

  /** @param reorder ms that lines are held back */
  constructor(ports: FollowPorts, reorder: number) {
    this.#ports = ports
    this.#hold = new HoldBack(reorder)
  }

  /**
   * Never resolves.
   * @param sources read up to `since`, ms since 1970
   * @param recent lines that were read and not given out yet
   * @throws the signal's reason, after what was held back is out; an error that no other try turns
   */
  async run(sources: readonly Source[], since: number, recent: readonly LogLine[]): Promise<never> {
    this.#hold.add(recent, this.#ports.clock.now().getTime())
    const {signal} = this.#ports
    const stop = (): void => this.#failed.reject(signal.reason as Error)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, {once: true})
    for (const [index, source] of sources.entries()) this.#start(source, since, index / sources.length)
    this.#own(this.#discovering())
    this.#own(this.#emitting())
    try {
      return await this.#failed.promise
    } finally {
      signal.removeEventListener('abort', stop)
      this.#over.abort()
      this.#ring()
      await this.#ports.emit(this.#hold.takeAll())
    }
  }

  #own(part: Promise<unknown>): void {
    part.catch((error: unknown) => this.#failed.reject(error))
  }

  /** @param share of the pause before its first look, from 0 to 1: silent ones are never looked at all together */
  #start(source: Source, since: number, share: number): void {
    this.#known.add(source)
    this.#own(this.#polling(source, since, share))
  }

  async #polling(source: Source, since: number, share: number): Promise<void> {
    const {clock, pacer, report} = this.#ports
    const {signal} = this.#over
    const [busy, idle] = source.pauses
    const now = (): number => clock.now().getTime()
    // What arrived while the past was read, from before it ended.
    let from: number | undefined = source.lookFrom(since, true)
    let [lastLine, lastWide] = [-Infinity, now()]
    await clock.sleep(share * busy, signal)
    for (let pause = busy; ;) {
      const begun = now()
      const wide = from !== undefined || pause >= idle || begun - lastWide >= wideEvery
      const was = source.there
      const start: number = from ?? source.lookFrom(begun, wide)
      from = undefined
      for await (const lines of source.pages(start, undefined, pacer)) {
        if (lines.length > 0) lastLine = begun
        this.#hold.add(lines, now())
        this.#ring()
      }
      if (wide) lastWide = begun
      if (source.there && !was) report({type: 'note', message: `${source.name} is there now`})
      pause = begun - lastLine < busyFor ? busy : Math.min(idle, pause * 2)
      await clock.sleep(Math.max(0, begun + pause - now()), signal)
    }
  }

  async #discovering(): Promise<void> {
    const {clock, discover, report} = this.#ports
    for (;;) {
      await clock.sleep(discoverEvery, this.#over.signal)
      const now = clock.now().getTime()
      for (const source of await discover()) {
        if (this.#known.has(source)) continue
        report({type: 'note', message: `${source.name} is there now`})
        this.#start(source, now, 0)
      }
    }
  }

  async #emitting(): Promise<void> {
    const {clock, emit} = this.#ports
    while (!this.#over.signal.aborted) {
      const now = clock.now().getTime()
      const due = this.#hold.take(now)
      if (due.length > 0) await emit(due)
      const next = this.#hold.nextAt()
      await this.#sleep(next === undefined ? longSleep : Math.max(1, next - clock.now().getTime()))
    }
  }

  /** Sleeps, or until somebody rings. */
  async #sleep(ms: number): Promise<void> {
    const wake = new AbortController()
    this.#wake = wake
    if (!this.#rung) await this.#ports.clock.sleep(ms, wake.signal).catch(() => undefined)
    this.#rung = false
  }

  #ring(): void {
    this.#rung = true
    this.#wake?.abort()
  }
}
