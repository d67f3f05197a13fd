import {setTimeout as wait} from 'node:timers/promises'
import type {Clock} from '../flows/ports.ts'

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => new Date(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal === undefined ? {} : {signal})
    } catch (error) {
      // Node rejects with an AbortError of its own; callers compare with the reason they gave.
      throw signal?.aborted === true ? signal.reason : error
    }
  },
}
