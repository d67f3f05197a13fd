/** An alarm of CloudWatch that fires. */
export interface FiringAlarm {
  readonly name: string
  readonly description: string
  /** CloudWatch's own words. */
  readonly reason: string
  /** ISO 8601 UTC. */
  readonly since: string
}

export interface MetricQuery {
  readonly namespace: string
  readonly metric: string
  readonly dimension: readonly [name: string, value: string]
  readonly statistic: 'Minimum' | 'Maximum' | 'Average'
}

/** CloudWatch's alarms and metrics. */
export interface Metrics {
  /** Alarms that fire and whose name starts with `prefix`. */
  firing(prefix: string): Promise<readonly FiringAlarm[]>
  /** Newest value of each metric between two moments; undefined where there is none, which is not zero. */
  latest(queries: readonly MetricQuery[], from: Date, to: Date): Promise<readonly (number | undefined)[]>
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
  readonly token?: string
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
