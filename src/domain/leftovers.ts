import type {StackEvent} from './change-set.ts'
import {type ExitCode, exitCodes} from './exit-codes.ts'

/**
 * A resource that an update replaced or left out, and that AWS could not remove when the update was over. No stack knows
 * it any more, and it may go on costing money.
 */
export interface Leftover {
  /** The stack that it was of, nested ones included. */
  readonly stack: string
  readonly logicalId: string
  readonly type: string
  readonly physicalId: string
  /** As AWS put it. */
  readonly reason: string
  /** When AWS gave up (ISO 8601 UTC). */
  readonly at: string
}

/** What the clean-up of updates left behind, by the events of stacks; CloudFormation tries more than once, the last word counts. */
export function leftoversOf(events: readonly StackEvent[]): readonly Leftover[] {
  const last = new Map<string, StackEvent>()
  for (const event of events.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)))
    if (event.physicalId !== event.stackId) last.set(`${event.stackId} ${event.logicalId} ${event.physicalId}`, event)
  return [...last.values()]
    .filter(({status, physicalId}) => status === 'DELETE_FAILED' && physicalId !== '')
    .map(({stackName, logicalId, type, physicalId, reason, at}) => ({
      ...{stack: stackName, logicalId, type, physicalId, at},
      reason: reason ?? 'AWS gave no reason',
    }))
}

/** As a person reads it. */
export function leftoverText({stack, logicalId, type, physicalId, reason}: Leftover): string {
  return `${physicalId} (${type}, ${logicalId} of ${stack}): ${reason}`
}

/** An update that left something behind did what was asked, and is not complete. */
export function exitCodeWith(leftovers: readonly Leftover[] | undefined): ExitCode {
  return leftovers === undefined || leftovers.length === 0 ? exitCodes.ok : exitCodes.checkFailed
}
