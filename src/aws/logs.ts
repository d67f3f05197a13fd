import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilteredLogEvent,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import type {Logs} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** The earliest start from which FilterLogEvents answers newest first (API reference, startFromHead). */
const earliestStart = Date.UTC(2024, 0, 1)
/** Most events of one page. */
const pageLimit = 10_000

/** CloudWatch Logs by its API. */
export function createLogs(config: ClientConfig): Logs {
  const client = new CloudWatchLogsClient(config)
  return translateErrors<Logs>({
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
