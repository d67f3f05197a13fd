import assert from 'node:assert/strict'
import {beginning, FakeClock} from './fake-clock.ts'

describe('the fake clock', () => {
  it('moves only while everybody sleeps, and wakes in order of time, then of falling asleep', async () => {
    const fake = new FakeClock()
    const clock = fake.for({})
    const woke: string[] = []
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms)
      woke.push(`${name} ${clock.now().getTime() - beginning}`)
    }
    await Promise.all([sleep('c', 3000), sleep('a', 1000), sleep('b1', 2000), sleep('b2', 2000)])
    assert.deepEqual(woke, ['a 1000', 'b1 2000', 'b2 2000', 'c 3000'])
  })

  it('lets one that woke go to sleep again before the next wakes', async () => {
    const clock = new FakeClock().for({})
    const woke: string[] = []
    const ticking = async () => {
      for (let tick = 1; tick <= 3; tick++) {
        await clock.sleep(100)
        woke.push(`tick ${tick}`)
      }
    }
    await Promise.all([ticking(), clock.sleep(250).then(() => woke.push('other'))])
    assert.deepEqual(woke, ['tick 1', 'tick 2', 'other', 'tick 3'])
  })

  it('stands still while somebody works', async () => {
    const fake = new FakeClock()
    const clock = fake.for({})
    const sleeping = clock.sleep(10)
    for (let turn = 0; turn < 100; turn++) await Promise.resolve()
    assert.equal(fake.time, beginning)
    await sleeping
    assert.equal(fake.time, beginning + 10)
  })

  it('rejects an aborted sleep at once with the reason, before and while', async () => {
    const fake = new FakeClock()
    const clock = fake.for({})
    const early = AbortSignal.abort(new Error('too early'))
    await assert.rejects(clock.sleep(10, early), /too early/)
    const controller = new AbortController()
    const sleeping = clock.sleep(3_600_000, controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(sleeping, /enough/)
    assert.equal(fake.time, beginning)
  })

  it('does what was arranged, while somebody still sleeps', async () => {
    const fake = new FakeClock()
    const clock = fake.for({})
    let done = 0
    fake.after(500, () => (done += 1))
    fake.after(5000, () => (done += 10))
    await clock.sleep(1000)
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(done, 1)
    assert.equal(fake.time, beginning + 1000)
  })

  it('wakes all sleeps of one owner with an error, and nobody else', async () => {
    const fake = new FakeClock()
    const [mine, other] = [{}, {}]
    const killed = assert.rejects(fake.for(mine).sleep(10), /gone/)
    const sleeping = fake.for(other).sleep(20)
    fake.wakeAll(mine, new Error('gone'))
    await Promise.all([killed, sleeping])
    assert.equal(fake.time, beginning + 20)
  })

  it('does not wait for ever', async () => {
    await assert.rejects(new FakeClock().for({}).sleep(1e12), /end of time/)
  })
})
