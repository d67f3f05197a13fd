import {PendingError} from '../domain/errors.ts'
import type {Part} from '../domain/parts.ts'
import type {Report, StepOutcome} from './events.ts'
import type {Clock} from './ports.ts'

/** Names a step for people and scripts. */
export interface Step {
  readonly step: string
  readonly title: string
  readonly part?: Part
}

/** What a step gives back, and how it went. */
export interface Stepped<T> {
  readonly value: T
  readonly outcome: StepOutcome
  readonly detail?: string
}

/** Runs a step between its `step.started` and `step.finished` or `step.failed`. */
export async function reported<T>(
  {clock, report}: {readonly clock: Clock; readonly report: Report},
  step: Step,
  work: () => Promise<Stepped<T>>,
): Promise<T> {
  const begun = clock.now().getTime()
  const duration = () => clock.now().getTime() - begun
  report({type: 'step.started', ...step})
  try {
    const {value, outcome, detail} = await work()
    report({type: 'step.finished', ...step, outcome, durationMs: duration(), ...(detail === undefined ? {} : {detail})})
    return value
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof PendingError)
      report({type: 'step.finished', ...step, outcome: 'running', durationMs: duration(), detail: message})
    else report({type: 'step.failed', ...step, durationMs: duration(), message})
    throw error
  }
}
