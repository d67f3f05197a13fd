/** An alarm of CloudWatch that fires. */
export interface FiringAlarm {
  readonly name: string
  readonly description: string
  /** CloudWatch's own words. */
  readonly reason: string
  /** ISO 8601 UTC. */
  readonly since: string
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

/** An alarm of CloudWatch in whatever state. */
export interface Alarm {
  readonly name: string
  readonly description: string
  readonly state: AlarmState
  /** CloudWatch's own words. */
  readonly reason: string
  /** ISO 8601 UTC. */
  readonly since: string
  /** False where it watches and tells nobody. */
  readonly acts: boolean
}

/** Something that happened to an alarm. */
export interface AlarmEvent {
  /** ISO 8601 UTC. */
  readonly at: string
  readonly kind: 'state' | 'action' | 'configuration'
  readonly summary: string
}

/** Alarms of CloudWatch. */
export interface Alarms {
  /** All whose name starts with `prefix`. */
  list(prefix: string): Promise<readonly Alarm[]>
  /** What became of one since a moment, newest first; CloudWatch remembers 30 days. */
  history(name: string, since: Date): Promise<readonly AlarmEvent[]>
  /** Whether alarms act when they fire; 100 at most. */
  setActions(names: readonly string[], acts: boolean): Promise<void>
}

export interface MetricQuery {
  readonly namespace: string
  readonly metric: string
  readonly dimension: readonly [name: string, value: string]
  readonly statistic: 'Minimum' | 'Maximum' | 'Average'
}

/** A metric whose values over time are asked for. */
export interface SeriesQuery {
  readonly namespace: string
  readonly metric: string
  readonly dimensions: readonly (readonly [name: string, value: string])[]
  /** `Average`, `Sum`, `p95` ... */
  readonly statistic: string
}

/** CloudWatch's alarms and metrics. */
export interface Metrics {
  /** Alarms that fire and whose name starts with `prefix`. */
  firing(prefix: string): Promise<readonly FiringAlarm[]>
  /** Newest value of each metric between two moments; undefined where there is none, which is not zero. */
  latest(queries: readonly MetricQuery[], from: Date, to: Date): Promise<readonly (number | undefined)[]>
  /**
   * Values of each metric by the begin of their period, ms since 1970; a period without a value is absent. Times of
   * `periods` are ms since 1970.
   */
  series(
    queries: readonly SeriesQuery[],
    periods: {readonly seconds: number; readonly from: number; readonly to: number},
  ): Promise<readonly ReadonlyMap<number, number>[]>
}

/** What to read of a log group; times in ms since 1970, both inclusive. */
export interface LogQuery {
  readonly startTime: number
  readonly endTime?: number
  /** CloudWatch's own filter syntax. */
  readonly filter?: string
  /** Only these streams, 100 at most. */
  readonly streams?: readonly string[]
  /** Where the page before ended. */
  readonly token?: string
}

export interface LogEvent {
  readonly eventId: string
  readonly stream: string
  /** ms since 1970. */
  readonly timestamp: number
  readonly ingestedAt: number
  readonly message: string
}

export interface LogPage {
  /** May be empty though there is a token. */
  readonly events: readonly LogEvent[]
  /** The same of a large page, a part at a time, each made when it is asked for, once: instead of `events`. */
  readonly pieces?: Iterable<readonly LogEvent[]>
  readonly token?: string
}

/** What Live Tail shows at one time. Its events have no ids. */
export interface LiveUpdate {
  readonly events: readonly (Omit<LogEvent, 'eventId'> & {readonly group: string})[]
  /** True where there was more than it shows. */
  readonly sampled: boolean
}

/** Live Tail of CloudWatch Logs. */
export interface LiveTail {
  /**
   * Opens a session, which is billed by the minute; resolves once it stands. It ends by itself after three hours, and
   * with the signal.
   * @param groups ARNs without an ending star, ten at most
   */
  open(groups: readonly string[], filter: string | undefined, signal: AbortSignal): Promise<AsyncIterable<LiveUpdate>>
}

/** A query of Insights that is kept in the account. */
export interface SavedQuery {
  readonly name: string
  readonly text: string
  /** Names of the groups that it asks; none for those that are chosen with it. */
  readonly groups: readonly string[]
}

/** What a query of Insights found by now. */
export interface QueryAnswer {
  readonly status: 'running' | 'complete' | 'failed'
  /** AWS's own word. */
  readonly word: string
  /** Fields of each row in the order of the query; CloudWatch's pointer to the event left out. */
  readonly rows: readonly (readonly (readonly [field: string, value: string])[])[]
  readonly bytesScanned: number
  readonly recordsScanned: number
  readonly recordsMatched: number
}

/** Insights of CloudWatch Logs. */
export interface Insights {
  /** Queries whose names begin with `prefix`. */
  saved(prefix: string): Promise<readonly SavedQuery[]>
  /**
   * Starts a query; times in ms since 1970.
   * @throws UsageError QUERY_REFUSED where AWS does not understand it
   */
  start(query: {
    readonly groups: readonly string[]
    readonly text: string
    readonly from: number
    readonly to: number
    readonly limit?: number
  }): Promise<string>
  answer(id: string): Promise<QueryAnswer>
  /** Ends a query that runs; one that has ended is fine. */
  stop(id: string): Promise<void>
}

/** Files with log lines that a service of AWS leaves in a bucket. */
export interface LogFiles {
  /** All below a prefix, ascending. `storedAt` is S3's time, ms since 1970. */
  list(bucket: string, prefix: string): Promise<readonly {readonly key: string; readonly storedAt: number}[]>
  /**
   * The text of a file, unpacked where it is gzip; undefined where it is gone.
   * @throws FailedError LOG_FILE_UNREADABLE
   */
  text(bucket: string, key: string): Promise<string | undefined>
}

/** CloudWatch Logs. */
export interface Logs {
  /**
   * One page of a group's events, oldest first; undefined when there is no such group. One call and no retry: whoever
   * reads many groups keeps the pace of all of them.
   * @throws FailedError THROTTLED at once
   */
  page(logGroup: string, query: LogQuery, signal?: AbortSignal): Promise<LogPage | undefined>
  /** The last lines of a group, oldest first; empty when there is none. */
  tail(logGroup: string, options: {readonly streamPrefix?: string; readonly limit: number}): Promise<readonly string[]>
}
