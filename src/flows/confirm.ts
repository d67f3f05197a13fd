import {CancelledError, RefusedError, UsageError} from '../domain/errors.ts'
import type {EnvironmentName} from '../domain/names.ts'
import type {Ask} from './ports.ts'

/**
 * Has the environment's name typed before something that cannot be taken back.
 * @param given what a flag said already
 * @param flag the flag that says it
 * @throws UsageError CONFIRMATION_MISSING, CONFIRMATION_WRONG; CancelledError
 */
export async function requireName(
  ask: Ask,
  environment: EnvironmentName,
  given: string | undefined,
  what: {readonly flag: string; readonly question: string},
): Promise<void> {
  if (given !== undefined) {
    if (given === environment) return
    throw new UsageError(
      `Wrong confirmation: ${what.flag} says "${given}", the environment is ${environment}. Nothing was changed.`,
      {
        code: 'CONFIRMATION_WRONG',
      },
    )
  }
  if (!ask.possible) {
    throw new UsageError(`Confirmation missing: ${what.question} Nobody can be asked.`, {
      code: 'CONFIRMATION_MISSING',
      suggestions: [`${what.flag} ${environment}`],
    })
  }
  const typed = await ask.text(`${what.question} Type ${environment} to go on`)
  if (typed.trim() !== environment)
    throw new CancelledError('Cancelled: the name was not typed. Nothing was changed.', {code: 'CANCELLED'})
}

/** For what somebody else changed between a question and its answer: the answer was to something else. */
export function changedMeanwhile(environment: EnvironmentName, what: string, next: string): RefusedError {
  return new RefusedError(`${what} of ${environment} changed while you were asked. Nothing was changed.`, {
    code: 'CHANGED_MEANWHILE',
    suggestions: [next],
  })
}
