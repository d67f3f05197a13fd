import {PausedError} from '../domain/errors.ts'
import type {OpId} from '../domain/names.ts'
import type {Report} from './events.ts'

/** What every flow is handed besides its options and ports. */
export interface Run {
  readonly report: Report
  /** Aborted by the first Ctrl-C: finish the current call, then stop at a safe point. */
  readonly pause: AbortSignal
}

/** The error of an operation that stopped at a safe point. */
export function paused(opId: OpId, environment: string, reason: string): PausedError {
  return new PausedError(`Paused: ${reason}. What AWS had begun goes on there.`, {
    code: 'PAUSED',
    suggestions: [`pi-aws ops resume ${opId} --environment ${environment}`],
  })
}
