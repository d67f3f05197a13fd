import type {LogLine} from './line.ts'

const day = 86_400_000
/** A file holds what a node of the balancer answered in five minutes (User Guide, access logs). ms. */
const window = 300_000
/** Names of files tell the minute. ms. */
const minute = 60_000

/** Where a load balancer leaves its files, below the prefix that our template gives it, up to the day. */
export function accessLogFolder(account: string, region: string): string {
  return `alb/AWSLogs/${account}/elasticloadbalancing/${region}/`
}

/** A file with access logs. */
export interface AccessLogFile {
  readonly key: string
  /** End of the five minutes that it tells of, ms since 1970. */
  readonly endsAt: number
  /** The balancer and the address of its node. */
  readonly stream: string
}

const name = /_elasticloadbalancing_[^_]+_([^_]+)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_([^_]+)_[^_/]+\.log(?:\.gz)?$/

/** What the name of a file tells; undefined for a key that is none. */
export function accessLogFile(key: string): AccessLogFile | undefined {
  const match = name.exec(key)
  if (match === null) return undefined
  const [, balancer = '', year, month, date, hour, at, node = ''] = match
  const endsAt = Date.UTC(Number(year), Number(month) - 1, Number(date), Number(hour), Number(at))
  return {key, endsAt, stream: `${balancer}/${node}`}
}

/** Whether a file may hold lines of a span, both ends in ms since 1970. */
export function mayHold({endsAt}: AccessLogFile, from: number, to: number): boolean {
  return endsAt + minute >= from && endsAt - window - minute <= to
}

/** Days in UTC, `2026/11/22/`, whose folders may hold files with lines of a span. */
export function accessLogDays(from: number, to: number): readonly string[] {
  const first = Math.floor(from / day)
  const last = Math.floor((to + window + minute) / day)
  return Array.from({length: Math.max(0, last - first + 1)}, (_, index) => {
    const date = new Date((first + index) * day).toISOString().slice(0, 10)
    return `${date.replaceAll('-', '/')}/`
  })
}

/** The second field: when the answer was given. `https 2026-11-22T09:45:01.123456Z app/...` */
function timeOf(line: string): number {
  const begin = line.indexOf(' ') + 1
  return Date.parse(line.slice(begin, line.indexOf(' ', begin)))
}

/**
 * The lines of a file, each named by the key and its number, so that none is ever two.
 * @param storedAt when S3 took the file, ms since 1970
 */
export function accessLogLines(
  {key, endsAt, stream}: AccessLogFile,
  text: string,
  storedAt: number,
): readonly LogLine[] {
  return text.split('\n').flatMap((message, index): readonly LogLine[] => {
    if (message.trim() === '') return []
    // A line without a time is still a line.
    const timestamp = timeOf(message) || endsAt
    const eventId = `${key}#${index + 1}`
    return [{timestamp, ingestedAt: storedAt, service: 'loadbalancer', stream, eventId, message}]
  })
}
