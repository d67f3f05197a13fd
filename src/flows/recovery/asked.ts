import {type Answer, type Check, fail, unknown} from '../../domain/checks.ts'
import {PiError} from '../../domain/errors.ts'

/** A permission that is missing for the question is missing for the work too, or nobody can tell. */
function isDenied({code}: PiError): boolean {
  return code === 'ACCESS_DENIED'
}

/**
 * A question that is not answered is said so; it never counts as a yes.
 * @param isNo errors that are an answer, and the answer is no
 */
export async function asked(
  name: string,
  ask: () => Promise<Answer> | Answer,
  isNo: (error: PiError) => boolean = isDenied,
): Promise<Check> {
  try {
    return {name, ...(await ask())}
  } catch (error) {
    if (!(error instanceof PiError) || error.code.startsWith('CREDENTIALS')) throw error
    return {name, ...(isNo(error) ? fail : unknown)(error.message, ...error.suggestions.slice(0, 1))}
  }
}
