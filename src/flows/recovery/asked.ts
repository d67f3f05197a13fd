import {type Answer, type Check, fail, unknown} from '../../domain/checks.ts'
import {PiError} from '../../domain/errors.ts'

/** A question that is not answered is said so, and warns; it never counts as a yes. */
export async function asked(name: string, ask: () => Promise<Answer> | Answer): Promise<Check> {
  try {
    return {name, ...(await ask())}
  } catch (error) {
    if (!(error instanceof PiError) || error.code.startsWith('CREDENTIALS')) throw error
    // A permission that is missing for the question is missing for the work too, or nobody can tell.
    const answer = error.code === 'ACCESS_DENIED' ? fail : unknown
    return {name, ...answer(error.message, ...error.suggestions.slice(0, 1))}
  }
}
