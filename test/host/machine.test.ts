import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {hostname} from 'node:os'
import {systemClock} from '../../src/host/clock.ts'
import {processExists, thisMachine} from '../../src/host/machine.ts'

/** A process id that belonged to a process that is gone. */
function goneProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

describe('this machine', () => {
  it('names host, process and person', () => {
    const holder = thisMachine.holder()
    assert.deepEqual([holder.host, holder.pid], [hostname(), process.pid])
    assert.notEqual(holder.user, '')
  })

  it('knows that a process is gone only when it is one of its own', () => {
    const holder = thisMachine.holder()
    const pid = goneProcess()
    assert.equal(thisMachine.mayBeAlive(holder), true)
    assert.equal(thisMachine.mayBeAlive({...holder, pid}), false)
    assert.equal(thisMachine.mayBeAlive({...holder, pid, host: 'another-host'}), true)
  })

  it('never takes 0, a negative or a broken number for a process', () => {
    for (const pid of [0, -1, 1.5, Number.NaN]) assert.equal(processExists(pid), false)
  })

  it('makes as many random hex digits as asked', () => {
    for (const digits of [1, 6, 7, 32]) assert.match(thisMachine.randomHex(digits), new RegExp(`^[0-9a-f]{${digits}}$`))
    assert.notEqual(thisMachine.randomHex(16), thisMachine.randomHex(16))
  })
})

describe('the clock', () => {
  it('tells the time', () => {
    const before = Date.now()
    const now = systemClock.now().getTime()
    assert.ok(now >= before && now <= Date.now())
  })

  it('wakes up by itself', async () => {
    await systemClock.sleep(1)
    await systemClock.sleep(1, new AbortController().signal)
  })

  it("rejects with the signal's own reason, at once", async () => {
    const control = new AbortController()
    const reason = new RangeError('enough')
    const sleeping = systemClock.sleep(3_600_000, control.signal)
    control.abort(reason)
    await assert.rejects(sleeping, (error) => error === reason)
    await assert.rejects(systemClock.sleep(3_600_000, control.signal), (error) => error === reason)
  })
})
