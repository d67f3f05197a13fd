import {LockedError} from '../../domain/errors.ts'
import {cancellable} from './cancel.ts'
import {pollMs} from './look.ts'
import type {LocalLock, LocalPorts} from './ports.ts'

/** How long another start, stop, reset or purge is waited for, in milliseconds: longer than a start may take. */
export const lockWaitMs = 90_000

async function takeLock({clock, state}: Pick<LocalPorts, 'clock' | 'state'>, signal: AbortSignal): Promise<LocalLock> {
  const end = clock.now().getTime() + lockWaitMs
  for (;;) {
    const lock = await state.tryLock()
    if ('release' in lock) return lock
    const {pid, host, user} = lock.holder
    if (clock.now().getTime() >= end) {
      throw new LockedError(
        `Another pi-aws local command (process ${pid} of ${user} on ${host}) is at work in ${state.dir}.`,
        {
          code: 'LOCAL_BUSY',
          suggestions: ['Wait for it to end, then try again'],
        },
      )
    }
    await clock.sleep(pollMs, signal)
  }
}

/**
 * Does `work` while no other command changes the embedded AWS.
 * @throws LockedError LOCAL_BUSY, CancelledError, and what `work` throws
 */
export async function locked<T>(
  ports: Pick<LocalPorts, 'clock' | 'state'>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  return cancellable(signal, async () => {
    const lock = await takeLock(ports, signal)
    try {
      return await work()
    } finally {
      await lock.release()
    }
  })
}
