import {UsageError} from '../domain/errors.ts'
import type {Ask} from '../flows/ports.ts'

/**
 * Asks for a value that no flag gave; where nobody can be asked it names the flag.
 * @throws UsageError VALUE_MISSING; CancelledError
 */
export async function askUnlessSilent(
  ask: Ask,
  flag: string,
  question: (ask: Ask) => Promise<string>,
): Promise<string> {
  if (ask.possible) return question(ask)
  throw new UsageError(`Value missing: ${flag} is not given, and nobody can be asked.`, {
    code: 'VALUE_MISSING',
    suggestions: [`Add ${flag}`],
  })
}
