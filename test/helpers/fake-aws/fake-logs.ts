import {FailedError} from '../../../src/domain/errors.ts'
import type {LogEvent, LogPage, LogQuery} from '../../../src/flows/telemetry/ports.ts'

/** CloudWatch Logs in memory: pages with tokens, events that come late, pages that overlap, calls that are refused. */
export class FakeLogStore {
  /** Events by group, in the order in which AWS took them. */
  readonly groups = new Map<string, LogEvent[]>()
  pageSize = 10_000
  /** So many events of a page come once more with the next one. */
  repeats = 0
  /** Every so manieth page is empty and has a token. */
  emptyEvery = Infinity
  /** Whether to refuse a call, counted from 1. */
  refuses: (call: number) => boolean = () => false
  /** What a filter is refused with. */
  refusal: string | undefined
  readonly calls: {readonly at: number; readonly group: string; readonly query: LogQuery}[] = []

  put(group: string, events: readonly LogEvent[]): void {
    this.groups.set(group, [...(this.groups.get(group) ?? []), ...events])
  }

  page(group: string, query: LogQuery, now: number): LogPage | undefined {
    this.calls.push({at: now, group, query})
    if (this.refuses(this.calls.length)) throw new FailedError('Rate exceeded', {code: 'THROTTLED'})
    if (this.refusal !== undefined && query.filter !== undefined)
      throw new FailedError(this.refusal, {code: 'AWS_INVALID_PARAMETER'})
    const all = this.groups.get(group)
    if (all === undefined) return undefined
    const {startTime, endTime = Infinity, streams, filter, token} = query
    const seen = all
      .filter(({ingestedAt, timestamp}) => ingestedAt <= now && timestamp >= startTime && timestamp <= endTime)
      .filter(
        ({stream, message}) =>
          (streams?.includes(stream) ?? true) && (filter === undefined || message.includes(filter)),
      )
      .sort((a, b) => a.timestamp - b.timestamp)
    const [from = 0, asked = 0] = token?.split('/').map(Number) ?? []
    if ((asked + 1) % this.emptyEvery === 0) return {events: [], token: `${from}/${asked + 1}`}
    const events = seen.slice(from, from + this.pageSize)
    const next = from + events.length - this.repeats
    return from + events.length < seen.length ? {events, token: `${next}/${asked + 1}`} : {events}
  }
}
