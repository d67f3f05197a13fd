import {CancelledError, FailedError} from '../domain/errors.ts'
import type {Run} from './run.ts'
import {status, type StatusOptions, type StatusPorts, type StatusResult} from './status.ts'

/** Pause between two looks, ms. */
const lookEvery = 5000

/** All that counts as a change: ages grow by themselves. */
function telling({lastBackup, lock, recovery, ...rest}: StatusResult): string {
  const {lastGood, lastProven, withinRpo, withinRto} = recovery
  const sets = [lastGood?.id, lastProven?.id, lastProven?.at, withinRpo, withinRto]
  return JSON.stringify([rest, lastBackup?.at, lock?.holder, lock?.opId, sets])
}

/**
 * Looks again and again until the signal, and resolves to the last look. One that fails for a while is told and made again.
 * @param show takes each look, and whether something changed since the one before
 */
export async function watchStatus(
  options: StatusOptions,
  ports: StatusPorts,
  run: Run,
  show: (result: StatusResult, changed: boolean) => void,
): Promise<StatusResult> {
  let last: StatusResult | undefined
  while (!run.pause.aborted) {
    try {
      const result = await status(options, ports)
      show(result, last === undefined || telling(last) !== telling(result))
      last = result
    } catch (error) {
      // Credentials that ended and environments that are not there stay so; a network comes back.
      if (!(error instanceof FailedError) || last === undefined) throw error
      run.report({type: 'warning', code: error.code, message: `Not known at the moment: ${error.message}`})
    }
    await ports.clock.sleep(lookEvery, run.pause).catch(() => undefined)
  }
  if (last === undefined) throw new CancelledError('Cancelled.', {code: 'CANCELLED'})
  return last
}
