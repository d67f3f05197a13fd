import type {FlowEvent, StepOutcome} from '../../flows/events.ts'
import type {Part} from '../../domain/parts.ts'
import {oneLine} from '../format/visible.ts'
import {isAboutStack, phaseOf, resourceKey, resourceName} from './words.ts'

export interface Resource {
  readonly name: string
  readonly type: string
  readonly status: string
  readonly reason?: string
}

/** A step as the live list knows it. All texts are harmless single lines. */
export interface Step {
  readonly id: string
  readonly title: string
  readonly part?: Part
  /** Milliseconds of the reporter's clock. */
  readonly startedAt: number
  state: 'running' | 'finished' | 'failed'
  outcome?: StepOutcome
  durationMs?: number
  detail?: string
  message?: string
  progress?: {readonly done: number; readonly total: number}
  transfer?: Extract<FlowEvent, {type: 'transfer.progress'}>
  /** True while CloudFormation takes back what it did. */
  rollingBack: boolean
  /** Resources that are being worked on, in the order in which work on them began. */
  readonly working: Map<string, Resource>
  readonly failures: Resource[]
  /** The last word of a service. */
  service?: string
}

export interface Notice {
  readonly kind: 'note' | 'warning' | 'failure' | 'paused'
  readonly text: string
}

/** Everything the live list shows, without how it shows it. */
export interface Board {
  operation?: {readonly kind: string; readonly environment: string; readonly opId: string; readonly startedAt: number}
  steps: Step[]
  notices: Notice[]
}

export function emptyBoard(): Board {
  return {steps: [], notices: []}
}

/** The step that runs for a part; the one begun last if there are several. */
function runningStep(board: Board, part?: Part): Step | undefined {
  return board.steps.findLast((step) => step.state === 'running' && (part === undefined || step.part === part))
}

function openStep(
  board: Board,
  event: {readonly step: string; readonly title: string; readonly part?: Part},
  startedAt: number,
): Step {
  const open = board.steps.find((step) => step.id === event.step && step.state === 'running')
  if (open) return open
  const step: Step = {
    id: event.step,
    title: oneLine(event.title),
    ...(event.part === undefined ? {} : {part: event.part}),
    startedAt,
    state: 'running',
    rollingBack: false,
    working: new Map(),
    failures: [],
  }
  board.steps.push(step)
  return step
}

function closeStep(
  board: Board,
  event: Extract<FlowEvent, {type: 'step.finished' | 'step.failed'}>,
  now: number,
): void {
  const step = openStep(board, event, now - event.durationMs)
  step.durationMs = event.durationMs
  step.working.clear()
  delete step.service
  if (event.type === 'step.failed') {
    step.state = 'failed'
    step.message = oneLine(event.message)
    return
  }
  step.state = 'finished'
  step.outcome = event.outcome
  if (event.detail !== undefined) step.detail = oneLine(event.detail)
}

function recordResource(board: Board, event: Extract<FlowEvent, {type: 'stack.event'}>): void {
  const step = runningStep(board, event.part)
  const phase = phaseOf(event)
  const resource: Resource = {
    name: oneLine(resourceName(event)),
    type: oneLine(event.resourceType),
    status: oneLine(event.status),
    ...(event.reason === undefined ? {} : {reason: oneLine(event.reason)}),
  }
  if (!step) {
    const {name, type, status, reason = 'no reason given'} = resource
    if (phase === 'failed')
      board.notices.push({kind: 'failure', text: `${event.part}: ${name} (${type}) ${status}: ${reason}`})
    return
  }
  if (isAboutStack(event) && event.status.includes('ROLLBACK')) step.rollingBack = phase === 'working'
  if (phase === 'working') {
    if (!isAboutStack(event)) step.working.set(resourceKey(event), resource)
    return
  }
  step.working.delete(resourceKey(event))
  if (phase === 'failed') step.failures.push(resource)
}

/** Takes one event into the board. */
export function record(board: Board, event: FlowEvent, now: number): void {
  switch (event.type) {
    case 'operation.started': {
      const {kind, environment, opId} = event
      board.operation = {kind: oneLine(kind), environment: oneLine(environment), opId: oneLine(opId), startedAt: now}
      return
    }
    case 'operation.paused':
      board.notices.push({kind: 'paused', text: `Paused ${oneLine(event.opId)}: ${oneLine(event.reason)}`})
      return
    case 'step.started':
      openStep(board, event, now)
      return
    case 'step.finished':
    case 'step.failed':
      closeStep(board, event, now)
      return
    case 'stack.event':
      recordResource(board, event)
      return
    case 'stack.progress': {
      const step = runningStep(board, event.part)
      if (step) step.progress = {done: event.done, total: event.total}
      return
    }
    case 'transfer.progress': {
      const step = runningStep(board)
      if (step) step.transfer = event
      return
    }
    case 'file.result':
      if (event.result === 'failed') {
        const reason = event.reason ?? 'no reason given'
        board.notices.push({kind: 'failure', text: `${oneLine(event.path)}: ${oneLine(reason)}`})
      }
      return
    case 'service.event': {
      const step = runningStep(board, 'app') ?? runningStep(board)
      if (step) step.service = `${oneLine(event.service)}: ${oneLine(event.message)}`
      return
    }
    case 'note':
      board.notices.push({kind: 'note', text: oneLine(event.message)})
      return
    case 'warning':
      board.notices.push({kind: 'warning', text: `${oneLine(event.message)} [${oneLine(event.code)}]`})
  }
}

/** Forgets what has been printed for good, so that a list that opens again does not repeat it; maybe all but what runs. */
export function forget(board: Board, keepRunning: boolean): void {
  board.steps = keepRunning ? board.steps.filter((step) => step.state === 'running') : []
  board.notices = []
  delete board.operation
}
