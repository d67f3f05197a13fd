import assert from 'node:assert/strict'
import fc from 'fast-check'
import {HoldBack, OrderWatch} from '../../../src/domain/logs/hold-back.ts'
import {byTime, inOrder, type LogLine} from '../../../src/domain/logs/line.ts'
import {PastMerge} from '../../../src/domain/logs/past-merge.ts'
import {SeenIds} from '../../../src/domain/logs/seen.ts'

function line(timestamp: number, eventId = String(timestamp), service = 'dashboard'): LogLine {
  return {timestamp, ingestedAt: timestamp, service, stream: 's', eventId, message: `m${eventId}`}
}

const ids = (lines: readonly LogLine[]) => lines.map(({eventId}) => eventId)

describe('the merge of what is stored', () => {
  it('gives every line of every lane once and in order, however the pages are cut and whichever is read first', () => {
    const lanes = fc.array(fc.array(fc.nat(1000), {maxLength: 40}), {minLength: 1, maxLength: 5})
    fc.assert(
      fc.property(lanes, fc.array(fc.integer({min: 1, max: 7}), {minLength: 1}), (times, cuts) => {
        const stored = times.map((own, lane) =>
          own.toSorted((a, b) => a - b).map((at, index) => line(at, `${lane}/${index}`)),
        )
        const merge = new PastMerge(stored.length, 0)
        const rest = stored.map((own) => [...own])
        const out: LogLine[] = []
        for (let lane = merge.lagging(), turn = 0; lane !== undefined; lane = merge.lagging(), turn++) {
          const page = rest[lane]!.splice(0, cuts[turn % cuts.length])
          if (page.length === 0) merge.end(lane)
          else merge.add(lane, page)
          out.push(...merge.take())
        }
        assert.deepEqual(ids(out).toSorted(), ids(stored.flat()).toSorted())
        assert.ok(out.every((one, index) => index === 0 || byTime(out[index - 1]!, one) <= 0))
      }),
    )
  })

  it('keeps lines of one moment in the order of their page, and of equal ones the first lane first', () => {
    const merge = new PastMerge(2, 0)
    merge.add(0, [line(5, 'a'), line(5, 'b')])
    merge.add(1, [line(5, 'c')])
    for (const lane of [0, 1]) merge.end(lane)
    assert.deepEqual(ids(merge.take()), ['a', 'b', 'c'])
  })

  it('holds the window back for pages that are out of order', () => {
    const merge = new PastMerge(1, 10)
    merge.add(0, [line(100), line(111)])
    assert.deepEqual(ids(merge.take()), ['100'])
    merge.add(0, [line(105), line(130)])
    assert.deepEqual(ids(merge.take()), ['105', '111'])
    merge.end(0)
    assert.deepEqual(ids(merge.take()), ['130'])
    assert.equal(merge.lagging(), undefined)
  })

  it('waits for a lane that was not read at all', () => {
    const merge = new PastMerge(2, 0)
    merge.add(0, [line(1), line(2)])
    assert.deepEqual(merge.take(), [])
    assert.equal(merge.lagging(), 1)
    merge.end(1)
    assert.deepEqual(ids(merge.take()), ['1'])
  })
})

describe('lines held back while following', () => {
  it('come out once, and in order whenever they arrived within the window', () => {
    const arrivals = fc.array(fc.record({at: fc.nat(5000), delay: fc.nat(999)}), {maxLength: 60})
    fc.assert(
      fc.property(arrivals, (written) => {
        const hold = new HoldBack(1000)
        const out: LogLine[] = []
        const byArrival = written
          .map(({at, delay}, index) => ({arrives: at + delay, own: line(at, String(index))}))
          .toSorted((a, b) => a.arrives - b.arrives)
        for (const {arrives, own} of byArrival) {
          out.push(...hold.take(arrives))
          hold.add([own], arrives)
        }
        out.push(...hold.takeAll())
        assert.equal(hold.size, 0)
        assert.deepEqual(new Set(ids(out)).size, written.length)
        assert.equal(out.length, written.length)
        assert.ok(out.every((one, index) => index === 0 || byTime(out[index - 1]!, one) <= 0))
      }),
    )
  })

  it('are due when they are as old as the window, and say when', () => {
    const hold = new HoldBack(150)
    assert.equal(hold.nextAt(), undefined)
    hold.add([line(1000), line(1100)], 1120)
    assert.equal(hold.nextAt(), 1150)
    assert.deepEqual(ids(hold.take(1149)), [])
    assert.deepEqual(ids(hold.take(1150)), ['1000'])
    assert.deepEqual(ids(hold.take(1250)), ['1100'])
  })

  it("wait no longer than the window when their writer's clock is ahead, and bring older ones along", () => {
    const hold = new HoldBack(150)
    hold.add([line(3_600_000)], 1000)
    assert.equal(hold.nextAt(), 1150)
    hold.add([line(1100)], 1140)
    assert.deepEqual(ids(hold.take(1150)), ['1100', '3600000'])
    assert.equal(hold.nextAt(), undefined)
  })

  it('go out early when there are too many of them', () => {
    const hold = new HoldBack(60_000)
    hold.add(
      Array.from({length: 50_010}, (_, index) => line(index)),
      50_010,
    )
    assert.equal(hold.take(50_010).length, 10)
    assert.equal(hold.size, 50_000)
  })
})

describe('the watch on order', () => {
  it('counts what comes behind something newer', () => {
    const watch = new OrderWatch()
    assert.deepEqual(
      [3, 5, 4, 5, 6].map((at) => watch.isLate(line(at))),
      [false, false, true, false, false],
    )
    assert.equal(watch.late, 1)
  })

  it('lets lines in order be as they are', () => {
    const sorted = [line(1), line(1, 'x'), line(2)]
    assert.equal(inOrder(sorted), sorted)
    assert.deepEqual(ids(inOrder([line(2), line(1)])), ['1', '2'])
  })
})

describe('ids that were seen', () => {
  it('are new once, whatever is asked from the horizon on, and never more than the limit', () => {
    const asks = fc.array(fc.record({id: fc.nat(50), second: fc.nat(30)}), {maxLength: 300})
    fc.assert(
      fc.property(asks, (list) => {
        const seen = new SeenIds(20)
        const told = new Set<string>()
        for (const {id, second} of list) {
          const key = `${id}@${second}`
          const isNew = seen.isNew(key, second * 1000)
          if (told.has(key)) assert.equal(isNew, false, 'told twice')
          else if (second * 1000 >= seen.horizon) assert.ok(isNew || told.has(key) || seen.horizon > second * 1000)
          if (isNew) told.add(key)
        }
        // The newest second is kept whole.
        assert.ok(seen.size <= 20 + 51)
      }),
    )
  })

  it('of one second are kept whatever their number', () => {
    const seen = new SeenIds(10)
    for (let id = 0; id < 100; id++) assert.equal(seen.isNew(String(id), 5000), true)
    for (let id = 0; id < 100; id++) assert.equal(seen.isNew(String(id), 5000), false)
  })

  it('are forgotten by time, and what lies before counts as told', () => {
    const seen = new SeenIds(10)
    assert.ok(seen.isNew('a', 1500))
    assert.ok(seen.isNew('b', 2500))
    seen.forgetBefore(2999)
    assert.equal(seen.horizon, 2000)
    assert.equal(seen.size, 1)
    assert.equal(seen.isNew('c', 1999), false)
    assert.equal(seen.isNew('b', 2500), false)
    seen.forgetBefore(1000)
    assert.equal(seen.horizon, 2000)
  })

  it('are dropped oldest first when there are too many', () => {
    const seen = new SeenIds(2)
    for (const second of [1, 2, 3]) seen.isNew(String(second), second * 1000)
    assert.equal(seen.horizon, 2000)
    assert.equal(seen.isNew('2', 2000), false)
    assert.equal(seen.isNew('late', 1000), false)
  })
})
