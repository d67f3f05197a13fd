/** One line of the stream: an event of CloudWatch Logs, or of CloudFormation, ECS, RDS or Backup under the service `events`. */
export interface LogLine {
  /** When the writer says it was written, ms since 1970. */
  readonly timestamp: number
  /** When AWS took it, ms since 1970. */
  readonly ingestedAt: number
  /** dashboard, renderer, ... as the operator names it. */
  readonly service: string
  readonly stream: string
  /** Unique within its log group. */
  readonly eventId: string
  /** Exactly as it was written. */
  readonly message: string
}

/**
 * Order of the stream: by time, then by when AWS took it. Lines that are equal in both keep the order in which they came,
 * since every sort here is stable.
 */
export function byTime(a: LogLine, b: LogLine): number {
  return a.timestamp - b.timestamp || a.ingestedAt - b.ingestedAt
}

/** The same lines in order; the array itself where it is in order already, which pages of CloudWatch are. */
export function inOrder(lines: readonly LogLine[]): readonly LogLine[] {
  for (let index = 1; index < lines.length; index++) {
    if (byTime(lines[index - 1] as LogLine, lines[index] as LogLine) > 0) return lines.toSorted(byTime)
  }
  return lines
}
