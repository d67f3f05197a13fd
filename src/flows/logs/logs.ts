import {CancelledError, PiError, UsageError} from '../../domain/errors.ts'
import {pointed} from '../../domain/logs/filter-pattern.ts'
import {OrderWatch} from '../../domain/logs/hold-back.ts'
import type {LogLine} from '../../domain/logs/line.ts'
import {Search} from '../../domain/logs/search.ts'
import {TraceJoiner} from '../../domain/logs/traces.ts'
import type {Run} from '../run.ts'
import {Follower} from './follow.ts'
import {underLiveTail} from './live.ts'
import type {LogsOptions, LogsResult} from './options.ts'
import {followPace, Pacer, pastPace} from './pacer.ts'
import {readPast} from './past.ts'
import type {LogsPorts} from './ports.ts'
import {Reader} from './reader.ts'
import {GroupSource, type Source} from './source.ts'

/** Gives lines to the sink: joined, searched, counted, one batch after the other. */
class Outlet {
  readonly #ports: Pick<LogsPorts, 'sink'>
  readonly #joiner = new TraceJoiner()
  readonly #search: Search
  readonly #watch = new OrderWatch()
  #writing: Promise<void> = Promise.resolve()
  lines = 0

  constructor(ports: Pick<LogsPorts, 'sink'>, {grep, exclude}: LogsOptions) {
    this.#ports = ports
    this.#search = new Search(grep, exclude)
  }

  get late(): number {
    return this.#watch.late
  }

  write(lines: readonly LogLine[]): Promise<void> {
    if (lines.length === 0) return this.#writing
    for (const line of lines) this.#watch.isLate(line)
    const entries = this.#search.chosen(this.#joiner.join(lines))
    for (const {rest} of entries) this.lines += 1 + rest.length
    if (entries.length > 0) this.#writing = this.#writing.then(() => this.#ports.sink.write(entries))
    return this.#writing
  }
}

/** The newest lines of a stream, and no more of them in memory than twice their number. */
class Newest {
  readonly #most: number
  #lines: LogLine[] = []

  constructor(most: number) {
    this.#most = most
  }

  async add(lines: readonly LogLine[]): Promise<void> {
    this.#lines = [...this.#lines, ...lines.slice(-this.#most)].slice(-this.#most)
  }

  take(): readonly LogLine[] {
    return this.#lines
  }
}

/**
 * Prints what the services of an environment wrote, and what AWS tells of it, as one stream: in order, nothing twice and
 * nothing left out. Past lines first; with `follow` the present ones until Ctrl-C.
 * @throws NotFoundError NO_LOG_GROUP; UsageError FILTER_REFUSED
 */
export async function logs(options: LogsOptions, ports: LogsPorts, run: Run): Promise<LogsResult> {
  const {machine, clock} = ports
  const begun = clock.now().getTime()
  const chance = (): number => Number.parseInt(machine.randomHex(4), 16) / 0xffff
  const pacer = new Pacer({clock, report: run.report, chance, signal: run.pause}, pastPace)
  const reader = new Reader(options, ports, run, pacer, begun)
  const outlet = new Outlet(ports, options)
  let cancelled = false
  try {
    await readAll(options, {ports, run, pacer, reader, outlet, begun})
  } catch (error) {
    if (!(error instanceof CancelledError) || !run.pause.aborted) throw refused(error, options.filter)
    cancelled = true
  }
  await outlet.write([])
  return {
    environment: options.environment,
    services: reader.services,
    from: new Date(reader.from).toISOString(),
    ...(options.follow ? {} : {to: new Date(options.span.to ?? begun).toISOString()}),
    lines: outlet.lines,
    late: outlet.late,
    cancelled,
  }
}

interface Reading {
  readonly ports: LogsPorts
  readonly run: Run
  readonly pacer: Pacer
  readonly reader: Reader
  readonly outlet: Outlet
  readonly begun: number
}

async function readAll(options: LogsOptions, {ports, run, pacer, reader, outlet, begun}: Reading): Promise<void> {
  const emit = (lines: readonly LogLine[]): Promise<void> => outlet.write(lines)
  const sources = await reader.sources()
  const span = {from: reader.from, to: options.span.to ?? begun}
  const newest = options.limit === undefined ? undefined : new Newest(options.limit)
  // What is younger than the window may still be joined by lines that are on their way.
  const settled = options.follow ? begun - options.reorder : Infinity
  const recent: LogLine[] = []
  const print = (lines: readonly LogLine[]): Promise<void> => {
    const young = lines.findIndex(({timestamp}) => timestamp > settled)
    if (young === -1) return emit(lines)
    recent.push(...lines.slice(young))
    return emit(lines.slice(0, young))
  }
  await readPast(sources, span, pacer, newest === undefined ? print : (lines) => newest.add(lines))
  await print(newest?.take() ?? [])
  for (const {there, name} of sources) {
    if (!there) run.report({type: 'warning', code: 'LOG_GROUP_MISSING', message: `${name} is not there yet`})
  }
  if (!options.follow) return
  pacer.pace = followPace
  const follow = {
    clock: ports.clock,
    pacer,
    report: run.report,
    signal: run.pause,
    emit,
    discover: () => reader.discovered(),
  }
  const followed = options.live === true ? await live(options, {ports, run, reader, sources}) : sources
  await new Follower(follow, options.reorder).run(followed, begun, recent)
}

/** The same sources, those that are log groups by Live Tail. */
async function live(
  {filter}: LogsOptions,
  {ports, run, reader, sources}: Pick<Reading, 'ports' | 'run' | 'reader'> & {readonly sources: readonly Source[]},
): Promise<readonly Source[]> {
  run.report({
    type: 'note',
    message:
      'Live Tail is billed by the minute, shows 500 lines a second at most and is opened again every three hours',
  })
  const {liveTail, clock} = ports
  const groups = sources.filter((source) => source instanceof GroupSource)
  const others = sources.filter((source) => !(source instanceof GroupSource))
  const links = {liveTail, clock, report: run.report, signal: run.pause}
  const followed = [...(await underLiveTail(links, groups, reader.arnPrefix, filter)), ...others]
  reader.follows(followed, groups)
  return followed
}

/** CloudWatch's refusal of a filter, with the place. */
function refused(error: unknown, filter: string | undefined): unknown {
  if (filter === undefined || !(error instanceof PiError) || error.code !== 'AWS_INVALID_PARAMETER') return error
  return new UsageError(`CloudWatch refuses the filter: ${error.message}\n${pointed(filter, error.message)}`, {
    code: 'FILTER_REFUSED',
    suggestions: ['Put a term with other characters than letters, digits and _ into double quotes: \'"a:b"\''],
    cause: error,
  })
}
