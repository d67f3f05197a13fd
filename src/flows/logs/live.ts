import {PiError} from '../../domain/errors.ts'
import {BothWays} from '../../domain/logs/both-ways.ts'
import type {LogLine} from '../../domain/logs/line.ts'
import type {LogService} from '../../domain/logs/services.ts'
import type {Report} from '../events.ts'
import type {Clock} from '../ports.ts'
import type {LiveTail, LiveUpdate} from '../telemetry/ports.ts'
import {Mailbox} from './mailbox.ts'
import type {Pacer} from './pacer.ts'
import type {GroupSource, Source} from './source.ts'

/** Groups of one session (API reference, StartLiveTail). */
export const groupsOfSession = 10
/** A session that lasted so long did not fail at its start, ms. */
const goodSession = 60_000
/** First and longest pause before a session is opened again, ms. */
const [firstPause, longestPause] = [1000, 30_000] as const
/** Between two looks at storage where Live Tail is refused for good, ms. */
const pollEvery = 1000
/** That Live Tail shows only a part is said this often, ms. */
const sampledEvery = 60_000

export interface LivePorts {
  readonly liveTail: LiveTail
  readonly clock: Clock
  readonly report: Report
  readonly signal: AbortSignal
}

/**
 * Log groups by Live Tail. AWS ends a session after three hours, and any connection breaks: then another one is opened
 * and what was missed is read from storage. Where AWS refuses it, storage is polled.
 */
export class LiveSource implements Source {
  readonly service: LogService
  readonly name: string
  readonly pauses = [pollEvery, pollEvery] as const
  readonly there = true
  newest = -Infinity
  readonly #ports: LivePorts
  readonly #groups: readonly GroupSource[]
  readonly #arns: readonly string[]
  readonly #filter: string | undefined
  readonly #both = new BothWays()
  #session: Mailbox<LiveUpdate> | undefined
  #openedAt = -Infinity
  #sampledAt = -Infinity
  #count = 0

  /**
   * @param groups at most ten, which were read up to now
   * @param prefix of the ARNs of log groups here, up to the name
   */
  constructor(ports: LivePorts, groups: readonly GroupSource[], prefix: string, filter: string | undefined) {
    const [first] = groups
    this.service = first?.service ?? 'events'
    this.name = `Live Tail of ${groups.map(({service}) => service).join(', ')}`
    this.#ports = ports
    this.#groups = groups
    this.#arns = groups.map(({group}) => `${prefix}${group}`)
    this.#filter = filter
  }

  lookFrom(now: number): number {
    return now
  }

  /** Opens the first session. @throws PiError where AWS refuses */
  async open(): Promise<void> {
    const {liveTail, clock, signal} = this.#ports
    const updates = await liveTail.open(this.#arns, this.#filter, signal)
    const box = new Mailbox<LiveUpdate>()
    this.#session = box
    this.#openedAt = clock.now().getTime()
    void (async () => {
      for await (const update of updates) box.push(update)
    })().then(
      () => {
        box.end()
      },
      (error: unknown) => {
        box.end(error as Error)
      },
    )
  }

  /** Lines as they come, for ever. */
  async *pages(_from: number, _to: number | undefined, pacer: Pacer): AsyncGenerator<readonly LogLine[]> {
    for (let failures = 0; ;) {
      if (this.#session !== undefined) {
        yield* this.#missed(pacer)
        yield* this.#shown(this.#session)
        this.#session = undefined
      }
      failures = this.#now() - this.#openedAt >= goodSession ? 0 : failures + 1
      if (failures > 0) await this.#pause(failures)
      try {
        await this.open()
      } catch (error) {
        if (!(error instanceof PiError)) throw error
        this.#warn('LIVE_TAIL_REFUSED', `${refusal(error)}; storage is asked instead`)
        break
      }
    }
    for (;;) {
      yield* this.#missed(pacer)
      await this.#ports.clock.sleep(pollEvery, this.#ports.signal)
    }
  }

  /** What storage has and no session showed. */
  async *#missed(pacer: Pacer): AsyncGenerator<readonly LogLine[]> {
    for (const group of this.#groups) {
      const from = group.lookFrom(this.#now(), true)
      for await (const lines of group.pages(from, undefined, pacer)) yield this.#both.stored(lines)
    }
  }

  /** What a session shows, until it ends. */
  async *#shown(session: Mailbox<LiveUpdate>): AsyncGenerator<readonly LogLine[]> {
    try {
      for (let updates = await session.take(); updates !== undefined; updates = await session.take()) {
        if (updates.some(({sampled}) => sampled)) this.#tellSampled()
        yield this.#both.live(updates.flatMap(({events}) => this.#lines(events)))
      }
      this.#warn('LIVE_TAIL_GAP', 'Live Tail ended; it is opened again, and what was missed is read from storage')
    } catch (error) {
      if (!(error instanceof PiError) || error.code.startsWith('CREDENTIALS')) throw error
      const why = error.message.replace(/\.$/, '')
      this.#warn('LIVE_TAIL_GAP', `${why}; it is opened again, and what was missed is read from storage`)
    }
  }

  #lines(events: LiveUpdate['events']): readonly LogLine[] {
    return events.flatMap(({group, ...event}) => {
      const source = this.#groups.find((one) => one.group === group)
      if (source === undefined) return []
      this.#count += 1
      this.newest = Math.max(this.newest, event.timestamp)
      return [{...event, service: source.service, eventId: `live-${this.#openedAt}-${this.#count}`}]
    })
  }

  #tellSampled(): void {
    if (this.#now() - this.#sampledAt < sampledEvery) return
    this.#sampledAt = this.#now()
    this.#warn('LIVE_TAIL_SAMPLED', 'Live Tail shows a part only: more than 500 lines a second; --follow shows all')
  }

  #warn(code: string, message: string): void {
    this.#ports.report({type: 'warning', code, message})
  }

  #now(): number {
    return this.#ports.clock.now().getTime()
  }

  async #pause(failures: number): Promise<void> {
    const {clock, signal} = this.#ports
    await clock.sleep(Math.min(longestPause, firstPause * 2 ** (failures - 1)), signal)
  }
}

function refusal(error: PiError): string {
  return `Live Tail is refused: ${error.message.replace(/\.$/, '')}`
}

/**
 * Puts groups under Live Tail, ten to a session. Those that are not there yet, and all where AWS refuses, are polled.
 * @param prefix of the ARNs of log groups here, up to the name
 */
export async function underLiveTail(
  ports: LivePorts,
  groups: readonly GroupSource[],
  prefix: string,
  filter: string | undefined,
): Promise<readonly Source[]> {
  const there = groups.filter((group) => group.there)
  const sources: Source[] = groups.filter((group) => !group.there)
  for (let from = 0; from < there.length; from += groupsOfSession) {
    const some = there.slice(from, from + groupsOfSession)
    const live = new LiveSource(ports, some, prefix, filter)
    try {
      await live.open()
      sources.push(live)
    } catch (error) {
      if (!(error instanceof PiError) || error.code.startsWith('CREDENTIALS')) throw error
      ports.report({
        type: 'warning',
        code: 'LIVE_TAIL_REFUSED',
        message: `${refusal(error)}; storage is asked instead`,
      })
      sources.push(...some)
    }
  }
  return sources
}
