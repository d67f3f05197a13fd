import type {LogLine} from '../../domain/logs/line.ts'
import {SeenIds} from '../../domain/logs/seen.ts'
import type {LogGroup, LogService} from '../../domain/logs/services.ts'
import type {LogEvent, LogPage, Logs} from '../telemetry/ports.ts'
import type {Pacer} from './pacer.ts'

/** Lines later than this are not looked for while following, ms. */
export const latest = 300_000
/** The same of flow logs: ten minutes are put together, and brought some minutes later (User Guide, VPC flow logs). */
const latestOfNetwork = 1_800_000
/** How far to look back at least, in a look among many and in a wide one, ms. */
const [shortLook, shortWideLook] = [2000, 30_000] as const
/** A wide look at a busy group asks for no more events than about two pages. */
const wideLookEvents = 20_000
/** A writer whose clock is ahead does not move our look ahead; one that is silent lets it go on. ms. */
const longestSilence = 600_000

/** Something that lines come from. */
export interface Source {
  readonly service: LogService
  /** As messages name it. */
  readonly name: string
  /** Shortest and longest pause between two looks while following, ms. */
  readonly pauses: readonly [busy: number, idle: number]
  /** Time of the newest line so far, ms since 1970. */
  readonly newest: number
  /** False once it was found not to be there. */
  readonly there: boolean
  /** Lines that were not given out before, page by page, oldest first. */
  pages(from: number, to: number | undefined, pacer: Pacer): AsyncGenerator<readonly LogLine[]>
  /** Where the next look begins, ms since 1970; `wide` to find what came late. Forgets what no look will reach again. */
  lookFrom(now: number, wide: boolean): number
}

/** What all sources share: which events were told, how late they come, how many. */
export abstract class KnownSource implements Source {
  abstract readonly service: LogService
  abstract readonly name: string
  abstract readonly pauses: readonly [number, number]
  readonly #seen: SeenIds
  readonly #start: number
  readonly #latest: number
  newest = -Infinity
  /** Longest time between writing and AWS's taking of late, ms; it fades. */
  #lag = 0
  /** Lines a ms; fades. */
  #rate = 0
  #lookedAt: number | undefined
  #fresh = 0
  there = true

  /**
   * @param start nothing before it is wanted, ms since 1970
   * @param memory ids to remember
   * @param late ms by which a line may come late and is still looked for
   */
  constructor(start: number, memory: number, late = latest) {
    this.#start = start
    this.#latest = late
    this.#seen = new SeenIds(memory)
  }

  abstract pages(from: number, to: number | undefined, pacer: Pacer): AsyncGenerator<readonly LogLine[]>

  lookFrom(now: number, wide: boolean): number {
    const late = this.#latest
    const base = Math.max(Math.min(this.newest, now), now - longestSilence)
    this.#seen.forgetBefore(base - late)
    const passed = now - (this.#lookedAt ?? now)
    if (passed > 0) this.#rate = this.#rate * 0.9 + (this.#fresh / passed) * 0.1
    this.#lookedAt = now
    this.#fresh = 0
    this.#lag *= 0.99
    const back = wide
      ? Math.min(late, Math.max(shortWideLook, this.#rate === 0 ? late : wideLookEvents / this.#rate))
      : Math.min(late, shortLook + 1.5 * this.#lag)
    return Math.max(this.#start, this.#seen.horizon, base - back)
  }

  /** Those of the lines that are new. */
  protected fresh(lines: readonly LogLine[]): readonly LogLine[] {
    const fresh = lines.filter(({eventId, timestamp}) => this.#seen.isNew(eventId, timestamp))
    for (const {timestamp, ingestedAt} of fresh) {
      if (timestamp > this.newest) this.newest = timestamp
      if (this.#lookedAt !== undefined) this.#lag = Math.max(this.#lag, ingestedAt - timestamp)
    }
    this.#fresh += fresh.length
    return fresh
  }
}

export interface GroupOptions extends LogGroup {
  readonly start: number
  readonly memory: number
  readonly filter: string | undefined
  readonly streams: readonly string[] | undefined
}

/** A log group. */
export class GroupSource extends KnownSource {
  readonly service: LogService
  readonly name: string
  readonly group: string
  readonly pauses = [280, 5000] as const
  readonly #logs: Logs
  readonly #options: GroupOptions

  constructor(logs: Logs, options: GroupOptions) {
    super(options.start, options.memory, options.service === 'network' ? latestOfNetwork : latest)
    this.service = options.service
    this.group = options.group
    this.name = `${options.service} (${options.group})`
    this.#logs = logs
    this.#options = options
  }

  override async *pages(from: number, to: number | undefined, pacer: Pacer): AsyncGenerator<readonly LogLine[]> {
    const {group, filter, streams, service} = this.#options
    const query = {
      startTime: from,
      ...(to === undefined ? {} : {endTime: to}),
      ...(filter === undefined ? {} : {filter}),
      ...(streams === undefined ? {} : {streams}),
    }
    const ask = (token?: string): Promise<LogPage | undefined> => {
      const asked = token === undefined ? query : {...query, token}
      const page = pacer.call(this.name, (signal) => this.#logs.page(group, asked, signal))
      // Its error is met when it is its turn, or never, when nobody reads on.
      page.catch(() => undefined)
      return page
    }
    // Empty pages with a token are normal: the search goes on behind them.
    let asked: Promise<LogPage | undefined> | undefined = ask()
    while (asked !== undefined) {
      const page: LogPage | undefined = await asked
      this.there = page !== undefined
      if (page === undefined) return
      // The next one is on its way while this one is worked on.
      asked = page.token === undefined ? undefined : ask(page.token)
      for (const piece of page.pieces ?? [page.events]) yield this.fresh(piece.map((event) => lineOf(service, event)))
    }
  }
}

/** Field by field: a hundred thousand lines go through here. */
function lineOf(service: LogService, {timestamp, ingestedAt, stream, eventId, message}: LogEvent): LogLine {
  return {timestamp, ingestedAt, service, stream, eventId, message}
}
