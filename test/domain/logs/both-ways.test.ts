import assert from 'node:assert/strict'
import fc from 'fast-check'
import {BothWays} from '../../../src/domain/logs/both-ways.ts'
import type {LogLine} from '../../../src/domain/logs/line.ts'

const line = (message: string, more: Partial<LogLine> = {}): LogLine => ({
  ...{timestamp: 1000, ingestedAt: 1001, service: 'dashboard', stream: 's', eventId: 'e'},
  ...{message, ...more},
})

describe('lines that come live and from storage', () => {
  it('go through once, whichever way they come first', () => {
    const both = new BothWays()
    assert.equal(both.live([line('a'), line('b')]).length, 2)
    assert.equal(both.stored([line('a'), line('b'), line('c')]).length, 1)
    assert.equal(both.live([line('c')]).length, 0)
    assert.equal(both.live([line('c')]).length, 1, 'written once more')
  })

  it('are told apart by service, stream, time and text', () => {
    const both = new BothWays()
    both.live([line('a')])
    const others = [line('b'), line('a', {stream: 't'}), line('a', {timestamp: 2}), line('a', {service: 'pirana'})]
    assert.equal(both.stored(others).length, 4)
  })

  it('come out as often as they were written, in any order of both ways', () => {
    const written = fc.array(fc.constantFrom('a', 'b', 'c'), {maxLength: 12})
    fc.assert(
      fc.property(written, fc.infiniteStream(fc.boolean()), (messages, coin) => {
        const both = new BothWays()
        const ways = {live: messages.map((one) => line(one)), stored: messages.map((one) => line(one))}
        const out: string[] = []
        while (ways.live.length + ways.stored.length > 0) {
          const way =
            ways.live.length > 0 && (ways.stored.length === 0 || coin.next().value === true) ? 'live' : 'stored'
          out.push(...both[way](ways[way].splice(0, 1)).map(({message}) => message))
        }
        assert.deepEqual(out.toSorted(), messages.toSorted())
      }),
    )
  })

  it('are forgotten when there are too many', () => {
    const both = new BothWays()
    both.live([line('first')])
    both.live(Array.from({length: 50_000}, (_, index) => line(`${index}`)))
    assert.equal(both.stored([line('first')]).length, 1)
    assert.equal(both.stored([line('49999')]).length, 0)
  })
})
