import type {LogLine} from './line.ts'

/** A line as JSON has it. */
export interface LogRecord {
  /** ISO 8601 UTC, as the writer says. */
  readonly timestamp: string
  /** ISO 8601 UTC, when AWS took it. */
  readonly ingestedAt: string
  readonly service: string
  readonly stream: string
  readonly eventId: string
  /** Exactly as it was written. */
  readonly message: string
}

/** A line as JSON has it. */
export function recordOf({timestamp, ingestedAt, service, stream, eventId, message}: LogLine): LogRecord {
  return {
    timestamp: new Date(timestamp).toISOString(),
    ingestedAt: new Date(ingestedAt).toISOString(),
    service,
    stream,
    eventId,
    message,
  }
}
