import type {StackEvent} from './change-set.ts'

/** Reasons that only say that something else failed before. */
const consequences = [
  /resource creation cancelled/i,
  /resource update cancelled/i,
  /the following resource\(s\) failed to/i,
  /embedded stack .* was not successfully/i,
  /rollback requested by user/i,
  /nested stack .* failed/i,
]

/** The first thing that went wrong, not what followed from it. */
export interface RootCause {
  readonly stack: string
  readonly logicalId: string
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly at: string
}

/**
 * Finds the cause of a failure among the events of a stack and of its nested stacks: the oldest failed event whose
 * reason is not merely a consequence. A failed update has two operations, the update and its rollback; the cause is
 * in the older one, so the oldest event wins.
 */
export function findRootCause(events: readonly StackEvent[]): RootCause | undefined {
  const failed = events
    .filter((event) => event.status.endsWith('_FAILED'))
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  const own = failed.filter((event) => event.type !== 'AWS::CloudFormation::Stack')
  const telling = (event: StackEvent) =>
    event.reason !== undefined && !consequences.some((pattern) => pattern.test(event.reason ?? ''))
  const cause = own.find(telling) ?? failed.find(telling) ?? own[0] ?? failed[0]
  if (cause === undefined) return undefined
  return {
    stack: cause.stackName,
    logicalId: cause.logicalId,
    type: cause.type,
    status: cause.status,
    reason: cause.reason ?? 'AWS gave no reason',
    at: cause.at,
  }
}
