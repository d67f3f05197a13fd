import {endsStack, type StackEvent} from '../../domain/change-set.ts'
import {FailedError, OperatorNeededError, RolledBackError} from '../../domain/errors.ts'
import type {Part} from '../../domain/parts.ts'
import {findRootCause, type RootCause} from '../../domain/root-cause.ts'
import {inProgress, settledAs, statusTable} from '../../domain/stack-status.ts'
import type {Report} from '../events.ts'
import type {Clock, Containers, StackDescription, Stacks} from '../ports.ts'
import type {Logs} from '../telemetry/ports.ts'
import {ServiceEvents} from './service-events.ts'
import {explainServiceFailure} from './service-failure.ts'

export type FollowPorts = {
  readonly stacks: Stacks
  readonly clock: Clock
  readonly containers: Containers
  readonly logs: Logs
}

export interface FollowRequest {
  readonly part: Part
  readonly stackId: string
  readonly stackName: string
  /** Newest event before the operation began; events up to it are old. */
  readonly after?: string
  /** How many resources will change, for progress; 0 where it is not known. */
  readonly expected: number
  /** Whether `expected` counts resources of nested stacks, or stands for the root's own alone. */
  readonly nested?: boolean
  readonly stop: AbortSignal
}

/**
 * Pause between two looks (ms): with a description now and then below 1.2 requests a second and stack, wider as the
 * wait grows long. The first is short, since many changes take no longer.
 * @param waited ms so far
 */
export function pollInterval(waited: number): number {
  if (waited < 400) return 400
  if (waited < 120_000) return 950
  return waited < 600_000 ? 1500 : 3000
}

/** Without a closing event for so long (ms), the stack itself is asked. */
const describeEvery = 15_000

interface Followed {
  readonly events: StackEvent[]
  readonly cursors: Map<string, string | undefined>
  readonly ended: Set<string>
}

/**
 * Waits for a stack's operation, telling its events and those of its nested stacks.
 * @returns the stack in its settled state, however it ended; `requireSuccess` judges it
 */
export async function follow(
  ports: FollowPorts,
  request: FollowRequest,
  report: Report,
): Promise<{readonly stack: StackDescription; readonly events: readonly StackEvent[]}> {
  const {stacks, clock} = ports
  const state: Followed = {events: [], cursors: new Map([[request.stackId, request.after]]), ended: new Set()}
  const begun = clock.now().getTime()
  let lastDescribed = begun
  const settled = new Set<string>()
  const services = new ServiceEvents(ports.containers, report, clock.now())
  for (;;) {
    const seen = state.events.length
    const finished = await look(ports, request, state, settled, report)
    for (const event of state.events.slice(seen)) services.note(event)
    const now = clock.now().getTime()
    await services.look(now)
    if (finished || now - lastDescribed >= describeEvery) {
      lastDescribed = now
      const stack = await stacks.describe(request.stackId)
      if (stack !== undefined && !inProgress(stack.status)) {
        if (settledAs(stack.status) !== 'succeeded') await lookBelow(ports, request, state, settled, report)
        else if (state.events.some(({status}) => status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')) {
          // What nested stacks replaced goes when the whole tree is done, behind their own ends.
          state.ended.clear()
          await look(ports, request, state, settled, report)
        }
        return {stack, events: state.events}
      }
    }
    await clock.sleep(pollInterval(now - begun), request.stop)
  }
}

/** A nested stack that failed between two looks is known by the last one, but not read yet; it holds the cause. */
async function lookBelow(...all: Parameters<typeof look>): Promise<void> {
  const [, , {cursors}] = all
  for (let known = 0; known < cursors.size;) {
    known = cursors.size
    await look(...all)
  }
}

async function look(
  {stacks}: FollowPorts,
  request: FollowRequest,
  state: Followed,
  settled: Set<string>,
  report: Report,
): Promise<boolean> {
  let finished = false
  for (const [stackId, after] of [...state.cursors]) {
    if (state.ended.has(stackId)) continue
    const fresh = await stacks.events(stackId, after)
    const last = fresh.at(-1)
    if (last !== undefined) state.cursors.set(stackId, last.id)
    for (const event of fresh) {
      state.events.push(event)
      tell(event, request, settled, report)
      if (endsStack(event, stackId)) {
        if (stackId === request.stackId) finished = true
        else state.ended.add(stackId)
      } else if (isChild(event, stackId) && /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(event.status)) {
        state.ended.delete(event.physicalId)
        // An update's old events must not be told again; a new child has none.
        if (!state.cursors.has(event.physicalId)) state.cursors.set(event.physicalId, await cursorBefore(stacks, event))
      }
    }
  }
  return finished
}

async function cursorBefore(stacks: Stacks, event: StackEvent): Promise<string | undefined> {
  if (event.status === 'CREATE_IN_PROGRESS') return undefined
  const all = await stacks.events(event.physicalId)
  return all.filter((old) => old.at < event.at).at(-1)?.id
}

function isChild(event: StackEvent, stackId: string): boolean {
  return (
    event.type === 'AWS::CloudFormation::Stack' && event.physicalId !== stackId && event.physicalId.startsWith('arn:')
  )
}

function tell(event: StackEvent, request: FollowRequest, settled: Set<string>, report: Report): void {
  report({
    type: 'stack.event',
    part: request.part,
    stack: event.stackName,
    logicalId: event.logicalId,
    resourceType: event.type,
    status: event.status,
    ...(event.reason === undefined ? {} : {reason: event.reason}),
    at: event.at,
  })
  const counted =
    request.nested === true
      ? event.type !== 'AWS::CloudFormation::Stack'
      : event.stackId === request.stackId && event.physicalId !== request.stackId
  if (!counted || !event.status.endsWith('_COMPLETE')) return
  const before = settled.size
  settled.add(`${event.stackName}/${event.logicalId}`)
  if (settled.size > before && request.expected > 0) {
    const done = Math.min(settled.size, request.expected)
    report({type: 'stack.progress', part: request.part, stack: request.stackName, done, total: request.expected})
  }
}

function causeText(cause: RootCause | undefined): string {
  return cause === undefined
    ? 'AWS gave no reason'
    : `${cause.logicalId} (${cause.type}) in ${cause.stack}: ${cause.reason}`
}

/**
 * @throws RolledBackError STACK_ROLLED_BACK, OperatorNeededError STACK_STUCK, FailedError STACK_FAILED with the first cause
 */
export async function requireSuccess(
  ports: FollowPorts,
  stack: StackDescription,
  events: readonly StackEvent[],
): Promise<StackDescription> {
  const settled = settledAs(stack.status)
  if (settled === 'succeeded') return stack
  const cause = findRootCause(events)
  const details = await explainServiceFailure(ports, cause, events)
  const message = `Stack ${stack.name} failed (${stack.status}: ${statusTable[stack.status].meaning}). First cause: ${causeText(cause)}${details}`
  if (settled === 'rolledBack') {
    throw new RolledBackError(message, {
      code: 'STACK_ROLLED_BACK',
      suggestions: ['Remove the cause, then run the same command again: it goes on from here'],
    })
  }
  if (stack.status === 'UPDATE_ROLLBACK_FAILED') {
    throw new OperatorNeededError(message, {
      code: 'STACK_STUCK',
      suggestions: ['Remove the cause of the failed rollback, then: pi-aws deploy --continue-rollback'],
    })
  }
  if (stack.status === 'ROLLBACK_FAILED' || stack.status === 'DELETE_FAILED') {
    throw new OperatorNeededError(message, {
      code: 'STACK_STUCK',
      suggestions: [
        'Remove the cause, then run the same command again: it removes what is left and makes the stack anew',
      ],
    })
  }
  throw new FailedError(message, {code: 'STACK_FAILED'})
}
