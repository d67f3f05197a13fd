import assert from 'node:assert/strict'
import {Buffers} from '../../lambda/sideload/buffers.ts'

describe('memory for bodies', () => {
  it('is used again once it is given back, and by nobody before', () => {
    const buffers = new Buffers()
    const [first, second] = [buffers.take(10), buffers.take(70_000)]
    assert.deepEqual([first.bytes.byteLength, second.bytes.byteLength], [10, 70_000])
    const beside = buffers.take(10)
    assert.notEqual(beside.bytes.buffer, first.bytes.buffer)
    first.release()
    first.release()
    const [again, other] = [buffers.take(65_536), buffers.take(65_536)]
    assert.equal(again.bytes.buffer, first.bytes.buffer)
    assert.equal(again.bytes.byteLength, 65_536)
    assert.notEqual(other.bytes.buffer, first.bytes.buffer, 'what is given back twice is there once')
  })

  it('is not hoarded', () => {
    const buffers = new Buffers()
    const taken = Array.from({length: 7}, () => buffers.take(8 * 1_048_576))
    for (const {release} of taken) release()
    const known = new Set(taken.map(({bytes}) => bytes.buffer))
    const again = Array.from({length: 7}, () => buffers.take(8 * 1_048_576))
    assert.equal(again.filter(({bytes}) => known.has(bytes.buffer)).length, 6, '48 MiB are kept')
    const huge = buffers.take(9 * 1_048_576)
    huge.release()
    assert.notEqual(buffers.take(9 * 1_048_576).bytes.buffer, huge.bytes.buffer)
  })
})
