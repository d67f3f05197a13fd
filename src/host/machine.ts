import {randomBytes} from 'node:crypto'
import {hostname, userInfo} from 'node:os'
import type {Holder, Machine} from '../flows/ports.ts'

/** The name of the person at work; a number where the account has no name, as in many containers. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

/** True unless the system says that there is no process of this id. */
export function processExists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** This machine. */
export const thisMachine: Machine = {
  holder: () => ({host: hostname(), pid: process.pid, user: userName()}),
  // A process id that was given out again, after a restart say, counts as alive: the mistake that breaks no lock.
  mayBeAlive: (holder: Holder) => holder.host !== hostname() || processExists(holder.pid),
  randomHex: (digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
}
