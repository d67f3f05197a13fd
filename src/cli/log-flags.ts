import {Args, Flags} from '@oclif/core'
import {UsageError} from '../domain/errors.ts'
import {spanOf, utc, type Span, type Zone} from '../domain/logs/moments.ts'
import {expression} from '../domain/logs/search.ts'
import {type LogService, logServices, trafficServices} from '../domain/logs/services.ts'
import {nearest} from '../domain/nearest.ts'

/** @throws UsageError UNKNOWN_SERVICE */
function parseService(text: string): LogService {
  const found = logServices.find((service) => service === text)
  if (found !== undefined) return found
  const near = nearest(text, logServices)
  throw new UsageError(`Unknown service: "${text}".`, {
    code: 'UNKNOWN_SERVICE',
    suggestions: [
      ...(near === undefined ? [] : [`Did you mean ${near}?`]),
      `Services: ${logServices.join(', ')}`,
      'The environment is given by --environment',
    ],
  })
}

/** Services, as many as are wanted. */
export const servicesArgument = Args.custom<LogService>({
  description: `Services; all by default, but for ${trafficServices.join(' and ')}: ${logServices.join(', ')}`,
  parse: async (text) => parseService(text),
})

/** The same as a flag, for commands whose arguments are something else. */
export const serviceFlag = Flags.custom<LogService>({
  description: 'Only of this service (may be repeated)',
  env: 'PI_AWS_LOGS_SERVICE',
  parse: async (text) => parseService(text),
})

/** `500ms`, `10s`, `2m` as ms. */
function parseReorder(text: string): number {
  const match = /^(\d{1,5})(ms|s|m)$/.exec(text)
  const value = match === null ? NaN : Number(match[1]) * {ms: 1, s: 1000, m: 60_000}[match[2] as 'ms' | 's' | 'm']
  if (value <= 300_000) return value
  throw new UsageError(`Invalid duration: "${text}" is not a number with ms, s or m behind it, 5m at most.`, {
    code: 'INVALID_DURATION',
    suggestions: ['Durations that work: 200ms, 5s, 1m'],
  })
}

/**
 * @param since where a span begins that nobody chose
 * @param env variable of it: another beginning has another one
 */
function spanFlags(since: string, exclusive: string[] = [], env = 'PI_AWS_SINCE') {
  return {
    since: Flags.string({
      description: 'Begin there: 10m, 2h, 3d, 14:30, 2026-11-21, "2026-11-21 14:30", with Z or an offset',
      default: since,
      env,
    }),
    until: Flags.string({
      description: 'End there, written as --since [default: now]',
      env: 'PI_AWS_UNTIL',
      exclusive,
    }),
    utc: Flags.boolean({description: 'Read and print times in UTC', env: 'PI_AWS_UTC'}),
  }
}

/** What an Insights query and an export look at: longer than somebody who reads along. */
export const longSpanFlags = spanFlags('10m')
const {since, utc: inUtc} = spanFlags('7d', [], 'PI_AWS_ALARMS_SINCE')
/** What the history of alarms is shown of. */
export const historyFlags = {since, utc: inUtc}
/** What metrics are shown of: enough for a curve. */
export const metricSpanFlags = spanFlags('3h', [], 'PI_AWS_METRICS_SINCE')

export const logFlags = {
  ...spanFlags('10m', ['follow']),
  follow: Flags.boolean({char: 'f', description: 'Go on with new lines until Ctrl-C', env: 'PI_AWS_FOLLOW'}),
  live: Flags.boolean({
    description: 'Follow by Live Tail: at once, billed by the minute, a sample above 500 lines a second',
    env: 'PI_AWS_LIVE',
    exclusive: ['until', 'previous'],
  }),
  filter: Flags.string({
    description: 'Filter pattern of CloudWatch, which searches where the lines are stored',
    env: 'PI_AWS_FILTER',
  }),
  grep: Flags.string({
    description: 'Only lines with this regular expression (may be repeated, all must fit); no capitals: either case',
    env: 'PI_AWS_GREP',
    multiple: true,
    multipleNonGreedy: true,
  }),
  exclude: Flags.string({
    description: 'No lines with this regular expression (may be repeated)',
    env: 'PI_AWS_EXCLUDE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  highlight: Flags.string({
    description: 'Mark this regular expression (may be repeated)',
    env: 'PI_AWS_HIGHLIGHT',
    helpGroup: 'LINES',
    multiple: true,
    multipleNonGreedy: true,
  }),
  previous: Flags.boolean({
    description: 'Lines of stopped tasks, with reason and exit code',
    env: 'PI_AWS_PREVIOUS',
    exclusive: ['follow'],
  }),
  limit: Flags.integer({
    description: 'At most so many of the stored lines, the newest',
    env: 'PI_AWS_LOGS_LIMIT',
    helpGroup: 'LINES',
    min: 1,
    max: 100_000,
  }),
  reorder: Flags.custom<number>({
    description: 'Hold lines back so long while following, to bring late ones into order',
    defaultHelp: async () => '150ms, 0ms with --live',
    env: 'PI_AWS_REORDER',
    helpGroup: 'LINES',
    parse: async (text) => parseReorder(text),
  })(),
  raw: Flags.boolean({description: 'Print messages and nothing else', env: 'PI_AWS_RAW', helpGroup: 'LINES'}),
}

/** How long lines are held back: Live Tail brings few of them late. ms. */
export function reorderOf(flags: {readonly reorder: number | undefined; readonly live: boolean}): number {
  return flags.reorder ?? (flags.live ? 0 : 150)
}

/** Expressions of a repeated flag. */
export function expressions(flag: string, texts: readonly string[] = [], flags = ''): readonly RegExp[] {
  return texts.map((text) => expression(flag, text, flags))
}

/** The zone of this machine, or UTC. */
export function zoneOf(wantsUtc: boolean): Zone {
  if (wantsUtc) return utc
  return {
    name: Intl.DateTimeFormat().resolvedOptions().timeZone,
    offsetAt: (ms) => -new Date(ms).getTimezoneOffset(),
  }
}

/** The span of `--since` and `--until`, as of now. */
export function spanOfFlags(flags: {readonly since: string; readonly until: string | undefined}, zone: Zone): Span {
  return spanOf(flags.since, flags.until, Date.now(), zone)
}
