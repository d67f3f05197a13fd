import type * as z from 'zod'
import {reported, type Step} from '../steps.ts'
import type {Clock} from '../ports.ts'
import type {Run} from '../run.ts'
import type {Operation} from './operation.ts'

/** Where steps are written down and told. */
export interface Scribe {
  readonly operation: Operation
  readonly clock: Clock
  readonly run: Run
}

/** What the journal says a step came to, if it was done. */
export function resultOf<T>(operation: Operation, step: string, schema: z.ZodType<T>): T | undefined {
  const entry = operation.journal.entries.findLast((candidate) => candidate.step === step && candidate.kind === 'done')
  if (entry === undefined) return undefined
  const parsed = schema.safeParse(entry.result)
  return parsed.success ? parsed.data : undefined
}

/** Whether a step was done, and not taken back since: by the step `back`, which begins everything behind it anew. */
export function isDone(operation: Operation, step: string): boolean {
  const {entries} = operation.journal
  const back = entries.findLastIndex((entry) => entry.step === 'back')
  return entries.slice(back + 1).some((entry) => entry.step === step && entry.kind === 'done')
}

/** How many entries of a kind a step has. */
export function timesOf(operation: Operation, step: string, kind: 'intent' | 'done' | 'fail'): number {
  return operation.journal.entries.filter((entry) => entry.step === step && entry.kind === kind).length
}

/**
 * Does a step of an operation unless the journal says it was done: then its result is what is written there. The work
 * must converge, since a crash may come between its effect and the entry.
 */
export async function once<T>(
  {operation, clock, run}: Scribe,
  step: Step,
  schema: z.ZodType<T>,
  work: () => Promise<T>,
  detail?: (value: T) => string,
): Promise<T> {
  return reported({clock, report: run.report}, step, async () => {
    const known = resultOf(operation, step.step, schema)
    const value = known ?? (await operation.record(step.step, work, (result) => result))
    const text = detail?.(value)
    return {
      value,
      outcome: known === undefined ? 'done' : 'adopted',
      ...(text === undefined ? {} : {detail: text}),
    }
  })
}
