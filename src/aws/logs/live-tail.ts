import {
  CloudWatchLogsClient,
  type LiveTailSessionLogEvent,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs'
import {FailedError} from '../../domain/errors.ts'
import type {LiveTail, LiveUpdate} from '../../flows/telemetry/ports.ts'
import {translate, translateErrors} from '../errors.ts'
import {present} from '../present.ts'
import type {ClientConfig} from '../settings.ts'

/** Live Tail by its API. */
export function createLiveTail(config: ClientConfig): LiveTail {
  return translateErrors<LiveTail>(
    {open: (groups, filter, signal) => openSession(config, groups, filter, signal)},
    {open: 'logs:StartLiveTail'},
  )
}

/** A session hangs on one connection, so that each has a client of its own. */
async function openSession(
  config: ClientConfig,
  groups: readonly string[],
  filter: string | undefined,
  signal: AbortSignal,
): Promise<AsyncIterable<LiveUpdate>> {
  const client = new CloudWatchLogsClient({
    ...config,
    // Real AWS has this call under a host name of its own; another endpoint has it where everything else is.
    ...(config.endpoint === undefined ? {} : {disableHostPrefix: true}),
  })
  try {
    const {responseStream} = await client.send(
      new StartLiveTailCommand({logGroupIdentifiers: [...groups], ...present({logEventFilterPattern: filter})}),
      {abortSignal: signal},
    )
    if (responseStream === undefined) throw ended('AWS opened no stream')
    return updatesOf(client, responseStream, signal)
  } catch (error) {
    client.destroy()
    throw error
  }
}

function ended(why: string, cause?: unknown): FailedError {
  return new FailedError(`Live Tail ended: ${why}.`, {code: 'LIVE_TAIL_ENDED', cause})
}

async function* updatesOf(
  client: CloudWatchLogsClient,
  stream: AsyncIterable<StartLiveTailResponseStream>,
  signal: AbortSignal,
): AsyncGenerator<LiveUpdate> {
  const close = (): void => {
    client.destroy()
  }
  signal.addEventListener('abort', close, {once: true})
  try {
    for await (const event of stream) {
      if (signal.aborted) return
      const {sessionUpdate, SessionTimeoutException: over, SessionStreamingException: broken} = event
      if (over !== undefined) throw ended('its three hours are over', over)
      if (broken !== undefined) throw ended('AWS broke it off', broken)
      if (sessionUpdate === undefined) continue
      const {sessionResults = [], sessionMetadata} = sessionUpdate
      yield {events: sessionResults.map(eventOf), sampled: sessionMetadata?.sampled === true}
    }
  } catch (error) {
    if (signal.aborted) return
    throw error instanceof FailedError ? error : ended('the connection broke', translate(error))
  } finally {
    signal.removeEventListener('abort', close)
    client.destroy()
  }
}

/** AWS names a group as `account:name`; an ARN ends with the name too. */
function eventOf(event: LiveTailSessionLogEvent): LiveUpdate['events'][number] {
  const {logGroupIdentifier = '', logStreamName: stream = '', message = '', timestamp = 0} = event
  const group = logGroupIdentifier.slice(logGroupIdentifier.lastIndexOf(':') + 1)
  return {group, stream, message, timestamp, ingestedAt: event.ingestionTime ?? timestamp}
}
