import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilteredLogEvent,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import {ConfiguredRetryStrategy} from '@smithy/core/retry'
import type {LogEvent, LogPage, LogQuery, Logs} from '../flows/telemetry/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import {pageOfOutput, readPagesQuickly} from './logs/quick-pages.ts'
import {present} from './present.ts'
import type {ClientConfig} from './settings.ts'

/** The earliest start from which FilterLogEvents answers newest first (API reference, startFromHead). */
const earliestStart = Date.UTC(2024, 0, 1)
/** Most events of one page. */
const pageLimit = 10_000

/** CloudWatch Logs by its API. */
export function createLogs(config: ClientConfig): Logs {
  const client = new CloudWatchLogsClient(config)
  // Whoever follows many groups decides itself when a refused call is made again, and shows that it waits.
  const patient = new CloudWatchLogsClient({
    ...config,
    maxAttempts: 1,
    retryStrategy: new ConfiguredRetryStrategy(1),
  })
  readPagesQuickly(patient)
  return translateErrors<Logs>({
    page: (logGroup, query, signal) => pageBy(patient, logGroup, query, signal),
    async tail(logGroup, {streamPrefix, limit}) {
      const events: FilteredLogEvent[] = []
      let nextToken: string | undefined
      // Empty pages with a token are normal: the search goes on behind them.
      do {
        const query = {
          logGroupName: logGroup,
          startFromHead: false,
          startTime: earliestStart,
          limit: Math.min(pageLimit, limit),
          logStreamNamePrefix: streamPrefix,
          nextToken,
        }
        const page = await pageOf(client, query)
        events.push(...(page.events ?? []))
        nextToken = page.nextToken
      } while (nextToken !== undefined && events.length < limit)
      return oldestFirst(events)
        .slice(-limit)
        .map((event) => (event.message ?? '').trimEnd())
    },
  })
}

async function pageBy(
  client: CloudWatchLogsClient,
  logGroup: string,
  {startTime, endTime, filter, streams, token}: LogQuery,
  signal: AbortSignal | undefined,
): Promise<LogPage | undefined> {
  const query: FilterLogEventsCommandInput = {
    logGroupName: logGroup,
    startTime: Math.max(0, Math.floor(startTime)),
    ...present({filterPattern: filter, nextToken: token}),
    ...(endTime === undefined ? {} : {endTime: Math.floor(endTime)}),
    ...(streams === undefined ? {} : {logStreamNames: [...streams]}),
  }
  try {
    const page = pageOfOutput(
      await client.send(new FilterLogEventsCommand(query), signal === undefined ? {} : {abortSignal: signal}),
    )
    const token = present({token: page.nextToken})
    if (page.pieces === undefined) return {events: (page.events ?? []).map(eventOf), ...token}
    const {pieces} = page
    return {
      ...token,
      get events() {
        return [...pieces].flatMap((piece) => piece.map(eventOf))
      },
      pieces: eventsOf(pieces),
    }
  } catch (error) {
    if (isNamed(error, 'ResourceNotFound')) return undefined
    throw error
  }
}

function* eventsOf(pieces: Iterable<readonly FilteredLogEvent[]>): Generator<readonly LogEvent[]> {
  for (const piece of pieces) yield piece.map(eventOf)
}

function eventOf(event: FilteredLogEvent): LogEvent {
  const {eventId, logStreamName: stream = '', timestamp = 0, ingestionTime = timestamp, message = ''} = event
  return {
    eventId: eventId ?? `${stream}/${timestamp}/${message}`,
    stream,
    timestamp,
    ingestedAt: ingestionTime,
    message,
  }
}

async function pageOf(
  client: CloudWatchLogsClient,
  query: FilterLogEventsCommandInput,
): Promise<Pick<FilterLogEventsCommandOutput, 'events' | 'nextToken'>> {
  try {
    return await client.send(new FilterLogEventsCommand(query))
  } catch (error) {
    if (isNamed(error, 'ResourceNotFound')) return {events: [], nextToken: undefined}
    throw error
  }
}

/** Turned round first, so that lines of the same millisecond keep their order. */
function oldestFirst(events: readonly FilteredLogEvent[]): FilteredLogEvent[] {
  return events.toReversed().sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
}
