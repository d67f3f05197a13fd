import {PendingError} from '../../domain/errors.ts'
import type {Clock, Networks} from '../ports.ts'

/** A function's network interfaces may stay for tens of minutes after it is gone (ms). */
const interfaceLimit = 45 * 60_000

/**
 * Waits until nothing uses our security groups any more: the network's stack cannot be deleted before.
 * @throws PendingError INTERFACES_STAY
 */
export async function waitForInterfaces(
  {networks, clock}: {readonly networks: Networks; readonly clock: Clock},
  groups: readonly string[],
  stop: AbortSignal,
): Promise<void> {
  const begun = clock.now().getTime()
  for (let pause = 2000; groups.length > 0; pause = Math.min(pause * 1.5, 30_000)) {
    const left = await networks.interfacesUsing(groups)
    if (left === 0) return
    if (clock.now().getTime() - begun > interfaceLimit) {
      throw new PendingError(`${left} network interfaces still use the environment's security groups.`, {
        code: 'INTERFACES_STAY',
        suggestions: ['AWS removes the interfaces of a deleted function by itself; run the same command again later'],
      })
    }
    await clock.sleep(pause, stop)
  }
}
