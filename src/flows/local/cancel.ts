import {CancelledError} from '../../domain/errors.ts'

/**
 * Does work that may be given up at any moment.
 * @throws CancelledError when it ended because of the signal; otherwise what `work` throws
 */
export async function cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    throw new CancelledError('Cancelled.', {code: 'CANCELLED', cause: error})
  }
}
