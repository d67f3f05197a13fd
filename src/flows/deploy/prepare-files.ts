import * as z from 'zod'
import {FailedError, OperatorNeededError, PiError} from '../../domain/errors.ts'
import type {Generation} from '../../domain/names.ts'
import type {Clock, Functions} from '../ports.ts'

/** How long an idle function may take to wake (ms): its network interface is made again. */
const wakeLimit = 600_000

const answer = z.object({
  ok: z.boolean(),
  error: z.object({code: z.string(), message: z.string()}).optional(),
})

/**
 * Wakes the side-load function: after long idleness its network interface is gone and the first call is refused
 * (Lambda guide, function states).
 * @param tell hears once why it must be waited for
 * @throws FailedError FUNCTION_ASLEEP after ten minutes, FUNCTION_UNHEALTHY when it answers with an error
 */
export async function wakeFunction(
  {functions, clock}: {readonly functions: Functions; readonly clock: Clock},
  name: string,
  stop: AbortSignal,
  tell: (reason: string) => void = () => undefined,
): Promise<void> {
  const begun = clock.now().getTime()
  for (let pause = 1000; ; pause = Math.min(pause * 2, 15_000)) {
    try {
      const health = answer.parse(await functions.invoke(name, {operation: 'health'}))
      if (health.ok) return
      throw new FailedError(`Side-load function unhealthy: ${health.error?.message ?? 'it gave no reason'}`, {
        code: 'FUNCTION_UNHEALTHY',
      })
    } catch (error) {
      if (!(error instanceof PiError) || error.code !== 'FUNCTION_NOT_READY') throw error
      if (pause === 1000) tell(error.message)
      if (clock.now().getTime() - begun > wakeLimit) {
        throw new FailedError(`Side-load function did not wake within ten minutes: ${error.message}`, {
          code: 'FUNCTION_ASLEEP',
          cause: error,
        })
      }
    }
    await clock.sleep(pause, stop)
  }
}

const prepared = answer.extend({
  directories: z.array(z.object({path: z.string(), existed: z.boolean()})).optional(),
})

/** Which generation is prepared, and whether the platform runs on it already. */
export interface Preparation {
  readonly generation: Generation
  readonly inUse: boolean
}

/**
 * A tree that the platform uses and that is gone must never come back empty in silence.
 * @throws OperatorNeededError FILES_LOST
 */
async function requireTree(functions: Functions, functionName: string, generation: Generation): Promise<void> {
  const found = answer.parse(
    await functions.invoke(functionName, {operation: 'list', path: `gen/${generation}`, limit: 1}),
  )
  if (found.ok) return
  throw new OperatorNeededError(
    `Generation ${generation} of the files is not there although the platform uses it: ${found.error?.message ?? 'the function gave no reason'}`,
    {
      code: 'FILES_LOST',
      suggestions: ['Bring the tree back from a backup of the file system, then run the same command again'],
    },
  )
}

/**
 * Makes the tree of a generation, or checks the one that is there. Without it the first task of the platform would
 * not start: its access points point below it and create nothing.
 * @returns how many directories were made
 * @throws FailedError PREPARE_FAILED
 */
export async function prepareGeneration(
  ports: {readonly functions: Functions; readonly clock: Clock},
  functionName: string,
  {generation, inUse}: Preparation,
  stop: AbortSignal,
): Promise<number> {
  await wakeFunction(ports, functionName, stop)
  if (inUse) await requireTree(ports.functions, functionName, generation)
  const result = prepared.parse(await ports.functions.invoke(functionName, {operation: 'prepare', generation}))
  if (!result.ok) {
    throw new FailedError(
      `Generation ${generation} of the files was not prepared: ${result.error?.message ?? 'the function gave no reason'}`,
      {
        code: 'PREPARE_FAILED',
      },
    )
  }
  return (result.directories ?? []).filter((directory) => !directory.existed).length
}
