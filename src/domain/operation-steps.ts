import {closingSteps, type JournalEntry} from './ledger.ts'

/** One step of an operation, as its journal tells. */
export interface OperationStep {
  /** From 1, in the order in which the steps were begun first. */
  readonly n: number
  readonly step: string
  /** `begun` is under way, or was when the operation was broken off. */
  readonly state: 'begun' | 'done' | 'failed'
  /** When it came into that state (ISO 8601 UTC). */
  readonly at: string
}

/** Entries that tell of the operation as a whole, and of no step. */
const remarks: readonly string[] = [...Object.keys(closingSteps), 'resumed', 'unlocked', 'lock-taken-over']
const states = {intent: 'begun', done: 'done', fail: 'failed'} as const

/** The steps of an operation, each once and as it stands; one that was begun again after an interruption is begun. */
export function stepsOf(entries: readonly Pick<JournalEntry, 'step' | 'kind' | 'at'>[]): readonly OperationStep[] {
  const steps = new Map<string, Omit<OperationStep, 'n'>>()
  for (const {step, kind, at} of entries) if (!remarks.includes(step)) steps.set(step, {step, state: states[kind], at})
  return [...steps.values()].map((step, index) => ({n: index + 1, ...step}))
}
