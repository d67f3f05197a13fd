import assert from 'node:assert/strict'
import {once} from 'node:events'
import {CancelledError, PausedError, PendingError} from '../../src/domain/errors.ts'
import {type Interrupts, trapInterrupts} from '../../src/cli/interrupts.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The test runner listens to signals too: it must not hear ours. */
function aloneWith(work: () => Promise<void>): Promise<void> {
  const others = signals.map((signal) => [signal, process.listeners(signal)] as const)
  for (const signal of signals) process.removeAllListeners(signal)
  return work().finally(() => {
    for (const signal of signals) process.removeAllListeners(signal)
    for (const [signal, listeners] of others) for (const listener of listeners) process.on(signal, listener)
  })
}

async function exitCodeOf(work: () => void): Promise<number | undefined> {
  const original = process.exit
  let code: number | undefined
  process.exit = ((given: number) => {
    code = given
  }) as typeof process.exit
  try {
    work()
  } finally {
    process.exit = original
  }
  return code
}

function trap(
  meaning: 'pause' | 'cancel',
  timeoutMs?: number,
): {readonly trapped: Interrupts; readonly told: string[]} {
  const told: string[] = []
  return {trapped: trapInterrupts(meaning, timeoutMs, (text) => told.push(text)), told}
}

describe('interrupts', () => {
  for (const signal of signals) {
    it(`pause a change at the first ${signal}, and say how to go on`, () =>
      aloneWith(async () => {
        const {trapped, told} = trap('pause')
        process.emit(signal)
        assert(trapped.signal.reason instanceof PausedError)
        assert.deepEqual([trapped.signal.reason.exitCode, trapped.signal.reason.code], [13, 'PAUSED'])
        assert.match(told.join(), /next safe point/)
        trapped.dispose()
      }))

    it(`cancel at the first ${signal} what only reads`, () =>
      aloneWith(async () => {
        const {trapped, told} = trap('cancel')
        process.emit(signal)
        await assert.rejects(trapped.cancelled, (error) => {
          assert(error instanceof CancelledError)
          assert.deepEqual([error.code, error.exitCode], ['CANCELLED', 130])
          return true
        })
        assert(trapped.signal.aborted)
        assert.deepEqual(told, [])
        trapped.dispose()
      }))
  }

  it('leave at the second signal, whichever it is', () =>
    aloneWith(async () => {
      const {trapped} = trap('pause')
      process.emit('SIGINT')
      assert.equal(await exitCodeOf(() => process.emit('SIGTERM')), 130)
      trapped.dispose()
    }))

  it('do not leave at the first', () =>
    aloneWith(async () => {
      const {trapped} = trap('pause')
      assert.equal(await exitCodeOf(() => process.emit('SIGINT')), undefined)
      trapped.dispose()
    }))

  it('end the wait, not the work, when the time is over', async () => {
    const {trapped} = trap('pause', 1)
    await once(trapped.signal, 'abort')
    assert(trapped.signal.reason instanceof PendingError)
    assert.deepEqual([trapped.signal.reason.exitCode, trapped.signal.reason.code], [8, 'TIMEOUT'])
    trapped.dispose()
  })

  it('are heard no more afterwards, and keep nothing alive', () =>
    aloneWith(async () => {
      const {trapped} = trap('pause', 60_000)
      for (const signal of signals) assert.equal(process.listenerCount(signal), 1)
      trapped.dispose()
      for (const signal of signals) assert.equal(process.listenerCount(signal), 0)
      assert(!trapped.signal.aborted)
    }))
})
