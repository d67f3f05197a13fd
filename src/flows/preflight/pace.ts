import {FailedError} from '../../domain/errors.ts'
import type {Clock} from '../ports.ts'

/** How fast a service may be called. */
export interface Pace {
  /** Calls that may begin within any second. */
  readonly perSecond: number
}

/** Tries of a call that is throttled, beside those of the SDK. */
const tries = 3
const firstPauseMs = 1000

/**
 * A port whose calls keep a pace together: those too many wait. A call that is refused for being one too many is made
 * again after a pause that doubles. Every method of the port must answer with a promise.
 */
export function paced<P extends object>(port: P, {perSecond}: Pace, clock: Clock): P {
  const begun: number[] = []
  const slot = async (): Promise<void> => {
    const now = clock.now().getTime()
    const oldest = begun.length < perSecond ? undefined : begun[begun.length - perSecond]
    const at = oldest === undefined ? now : Math.max(now, oldest + 1000)
    begun.push(at)
    if (begun.length > perSecond) begun.shift()
    if (at > now) await clock.sleep(at - now)
  }
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]): Promise<unknown> => {
        for (let attempt = 1; ; attempt += 1) {
          await slot()
          try {
            return await (Reflect.apply(member, target, args) as Promise<unknown>)
          } catch (error) {
            if (!(error instanceof FailedError) || error.code !== 'THROTTLED' || attempt === tries) throw error
          }
          await clock.sleep(firstPauseMs * 2 ** (attempt - 1))
        }
      }
    },
  })
}
