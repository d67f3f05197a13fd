import assert from 'node:assert/strict'
import fc from 'fast-check'
import {Buffers} from '../../../src/flows/assets/buffers.ts'
import {Budget, inLanes} from '../../../src/flows/assets/lanes.ts'

describe('lanes', () => {
  it('work through everything, so many at once', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await inLanes(
      Array.from({length: 50}, (_, index) => index),
      7,
      async (item) => {
        most = Math.max(most, ++running)
        await Promise.resolve()
        done.push(item)
        running -= 1
      },
    )
    assert.deepEqual([done.sort((a, b) => a - b).length, most], [50, 7])
  })

  it('begin nothing new after a failure, end what was begun, and throw the first', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const work = inLanes(
      Array.from({length: 50}, (_, index) => index),
      3,
      async (item) => {
        begun.push(item)
        await Promise.resolve()
        if (item === 4) throw new RangeError('four')
        await Promise.resolve()
        ended.push(item)
      },
    )
    await assert.rejects(work, /four/)
    assert.ok(begun.length < 9)
    assert.equal(ended.length, begun.length - 1)
  })
})

describe('a budget', () => {
  it('is never exceeded but by one that is larger than all of it, and lets everybody through', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({min: 0, max: 15}), {maxLength: 30}), async (amounts) => {
        const budget = new Budget(10)
        let used = 0
        let passed = 0
        await Promise.all(
          amounts.map(async (amount) => {
            await budget.take(amount)
            used += Math.min(amount, 10)
            assert.ok(used <= 10)
            await Promise.resolve()
            used -= Math.min(amount, 10)
            budget.give(amount)
            passed += 1
          }),
        )
        assert.equal(passed, amounts.length)
      }),
    )
  })
})

describe('buffers', () => {
  it('are used again after their release, and never twice at once', () => {
    const buffers = new Buffers(1_000_000)
    const first = buffers.lease()
    const second = buffers.lease()
    assert.notEqual(first.room(10).buffer, second.room(10).buffer)
    assert.equal(first.room(10).byteLength, 10)
    const {buffer} = first.room(70_000)
    first.release()
    assert.equal(buffers.lease().room(100_000).buffer, buffer)
    assert.equal(buffers.lease().room(0).byteLength, 0)
  })

  it('lie unused up to a limit', () => {
    const buffers = new Buffers(100_000)
    const leases = [buffers.lease(), buffers.lease()]
    const rooms = leases.map((lease) => lease.room(1).buffer)
    for (const lease of leases) lease.release()
    assert.equal(buffers.lease().room(1).buffer, rooms[1])
    assert.notEqual(buffers.lease().room(1).buffer, rooms[0])
  })
})
