import {CancelledError, PausedError, PendingError} from '../domain/errors.ts'
import {exitCodes} from '../domain/exit-codes.ts'

/** What Ctrl-C means for a command: stop at a safe point; leave at once; end in order with what there is. */
export type InterruptMeaning = 'pause' | 'cancel' | 'end'

export interface Interrupts {
  /** Aborted by the first Ctrl-C, SIGTERM, SIGHUP or by the time limit. */
  readonly signal: AbortSignal
  /** Rejects at the first Ctrl-C of a command that has nothing to keep. */
  readonly cancelled: Promise<never>
  dispose(): void
}

/**
 * First signal: stop at a safe point (or at once, where nothing needs to be kept). Second: leave now.
 * @param timeoutMs ends the wait with `PendingError` instead
 */
export function trapInterrupts(
  meaning: InterruptMeaning,
  timeoutMs: number | undefined,
  tell: (text: string) => void,
): Interrupts {
  const controller = new AbortController()
  let reject: (error: unknown) => void = () => undefined
  const cancelled = new Promise<never>((_resolve, refuse) => {
    reject = refuse
  })
  cancelled.catch(() => undefined)
  const onSignal = (): void => {
    // eslint-disable-next-line no-restricted-syntax -- a second Ctrl-C leaves now, whatever is under way
    if (controller.signal.aborted) process.exit(exitCodes.cancelled)
    if (meaning !== 'pause') {
      const error = new CancelledError('Cancelled.', {code: 'CANCELLED'})
      controller.abort(error)
      if (meaning === 'cancel') reject(error)
      return
    }
    tell('Stopping at the next safe point; once more to leave at once. What AWS has begun goes on there.')
    controller.abort(
      new PausedError('Paused: you asked to stop. What AWS had begun goes on there.', {
        code: 'PAUSED',
        suggestions: ['Run the same command again: it goes on from here'],
      }),
    )
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          controller.abort(
            new PendingError('The time limit ended the wait; what AWS had begun goes on there.', {
              code: 'TIMEOUT',
              suggestions: ['Run the same command again: it goes on from here'],
            }),
          )
        }, timeoutMs)
  return {
    signal: controller.signal,
    cancelled,
    dispose() {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}
