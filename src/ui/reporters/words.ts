import type {FlowEvent} from '../../flows/events.ts'

type StackEvent = Extract<FlowEvent, {type: 'stack.event'}>

/** What a resource's status says about it. */
export type ResourcePhase = 'working' | 'complete' | 'failed' | 'cancelled'

/**
 * A failure whose reason is that another resource failed first is no cause, and would bury the cause.
 * CloudFormation says it as `Resource creation cancelled`, `Resource update cancelled`.
 */
export function phaseOf(event: Pick<StackEvent, 'status' | 'reason'>): ResourcePhase {
  if (event.status.endsWith('_FAILED')) return /\bcancell?ed\b/i.test(event.reason ?? '') ? 'cancelled' : 'failed'
  return event.status.endsWith('_IN_PROGRESS') ? 'working' : 'complete'
}

/** True for an event that a stack writes about itself or its child. */
export function isAboutStack(event: Pick<StackEvent, 'resourceType'>): boolean {
  return event.resourceType === 'AWS::CloudFormation::Stack'
}

/** Names a resource within one operation. */
export function resourceKey(event: Pick<StackEvent, 'stack' | 'logicalId'>): string {
  return `${event.stack}\n${event.logicalId}`
}

/**
 * A resource's name below the part's stack: `Vpc`, or `Dashboard.Service` in a nested stack, as the `skip` of a
 * continued rollback wants it. CloudFormation names a nested stack `<parent>-<LogicalId>-<random>`, and our own stacks
 * have lower-case names, so that the first upper-case letter begins the nested part.
 */
export function resourceName({stack, logicalId}: Pick<StackEvent, 'stack' | 'logicalId'>): string {
  const segments = stack.split('-')
  const first = segments.findIndex((segment) => /^[A-Z]/.test(segment))
  const path = first === -1 ? [] : segments.slice(first).filter((_, index) => index % 2 === 0)
  if (logicalId !== stack) path.push(logicalId)
  return path.length === 0 ? logicalId : path.join('.')
}
