import * as z from 'zod'
import {FailedError, NotFoundError, PiError} from '../../domain/errors.ts'
import {wakeFunction} from '../deploy/prepare-files.ts'
import type {Clock, Functions} from '../ports.ts'

/** What the function says of every operation. */
const answerSchema = z.looseObject({
  ok: z.boolean(),
  error: z.object({code: z.string(), message: z.string()}).optional(),
})
type Answer = z.infer<typeof answerSchema>

/** Who is called, and what may end a wait. */
export interface Callee {
  readonly functions: Functions
  readonly clock: Clock
  readonly functionName: string
  readonly stop: AbortSignal
}

/** How often something is asked for again that may go better the next time, and how long to wait before it (ms). */
const pauses = [1000, 2000, 4000, 8000]
/** What the function answers while another call holds what it needs, or the bucket has a bad moment. */
const passing = ['BUSY', 'STORE_FAILED', 'INTERRUPTED']
/** An invocation that was lost or refused on the way, or that died. All of ours can be made again. */
const lost = ['FUNCTION_FAILED', 'FUNCTION_NOT_READY', 'NETWORK_UNREACHABLE', 'THROTTLED', 'AWS_SERVICE', 'AWS_UNKNOWN']

/** An answer that is a no. */
export class FunctionRefusal extends FailedError {
  /** The function's own code. */
  readonly refusal: string

  constructor(operation: string, code: string, message: string) {
    super(`The side-load function refuses ${operation}: ${message}.`, {
      code: `SIDELOAD_${code}`,
      suggestions:
        code === 'UNKNOWN_OPERATION'
          ? ['The function is older than this command: pi-aws deploy brings it up to date']
          : [],
    })
    this.refusal = code
  }
}

/**
 * Asks the function for something that may be asked for twice, and asks again when the invocation was lost: the SDK
 * does not.
 * @param limitMs how long one invocation may take
 * @throws FunctionRefusal; FailedError FUNCTION_FAILED, FUNCTION_ASLEEP ...; NotFoundError FUNCTION_NOT_FOUND
 */
export async function call(
  callee: Callee,
  request: {readonly operation: string; readonly [field: string]: unknown},
  limitMs?: number,
): Promise<Answer> {
  const {functions, clock, functionName, stop} = callee
  for (let attempt = 0; ; attempt++) {
    const pause = pauses[attempt]
    try {
      const answer = answerSchema.parse(await functions.invoke(functionName, request, limitMs))
      if (answer.ok) return answer
      const {code = 'FAILED', message = 'it gave no reason'} = answer.error ?? {}
      if (pause === undefined || !passing.includes(code)) throw new FunctionRefusal(request.operation, code, message)
    } catch (error) {
      if (pause === undefined || !isLost(error)) throw told(error)
      if (error.code === 'FUNCTION_NOT_READY') await wakeFunction(callee, functionName, stop)
    }
    await clock.sleep(pause, stop)
  }
}

function isLost(error: unknown): error is PiError {
  return error instanceof PiError && !(error instanceof FunctionRefusal) && lost.includes(error.code)
}

/** A function that is gone although its stack stands was removed by hand. */
function told(error: unknown): unknown {
  if (!(error instanceof PiError) || error.code !== 'FUNCTION_NOT_FOUND') return error
  return new NotFoundError(`${error.message} Its stack stands: somebody deleted it by hand.`, {
    code: error.code,
    suggestions: ['Bring the files stack back to its template: pi-aws plan shows what differs'],
    cause: error,
  })
}

/** Wakes the function, and says why that takes its time. @throws FailedError FUNCTION_ASLEEP, FUNCTION_UNHEALTHY; NotFoundError */
export async function wake(callee: Callee, tell: (reason: string) => void): Promise<void> {
  try {
    await wakeFunction(callee, callee.functionName, callee.stop, tell)
  } catch (error) {
    throw told(error)
  }
}
