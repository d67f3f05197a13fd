import assert from 'node:assert/strict'
import {verdict, writeLogs} from '../../helpers/log-generator.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {deployed, read, sixServices, stopAfter} from './fakes.ts'

const count = 20_000

/** Six services that write 20,000 lines over five minutes from `begin`, a fifth of them late by up to four seconds. */
function write(world: World, begin: number, over: number): void {
  const events = writeLogs({count, groups: 6, begin, over, late: 4000, lateShare: 0.2})
  for (const [index, {group, stream, timestamp, arrivesAt, message}] of events.entries()) {
    const name = `/demo/${sixServices[group] ?? ''}`
    world.logStore.groups.get(name)?.push({
      ...{stream, timestamp, message, ingestedAt: arrivesAt},
      eventId: `${group}-${index}`,
    })
  }
}

/** Pages that overlap, pages that are empty, and a fifth of all calls refused. */
function makeHard(world: World): void {
  Object.assign(world.logStore, {pageSize: 700, repeats: 50, emptyEvery: 3, refuses: (call: number) => call % 5 === 0})
}

describe('20,000 lines of six services, late ones and repeated ones among them, a fifth of the calls refused', function () {
  this.timeout(60_000)

  it('come out exactly once and in order from the past', async () => {
    const world = await deployed(sixServices)
    const begin = world.clock.time - 400_000
    write(world, begin, 300_000)
    makeHard(world)
    const ended = await read(world, {services: sixServices})
    assert.equal(ended.error, undefined)
    assert.deepEqual(verdict(ended.lines, count), {lines: count, missing: 0, twice: 0, disorder: 0})
    assert.equal(ended.value?.lines, count)
    assert.ok(world.logStore.calls.length > 40, 'there were pages to join')
  })

  it('come out exactly once and in order while following', async () => {
    const world = await deployed(sixServices)
    const begin = world.clock.time
    write(world, begin, 120_000)
    makeHard(world)
    const pause = stopAfter(world, 180_000)
    const ended = await read(world, {services: sixServices, follow: true, reorder: 20_000}, {pause})
    assert.equal(ended.error, undefined)
    assert.deepEqual(verdict(ended.lines, count), {lines: count, missing: 0, twice: 0, disorder: 0})
    assert.deepEqual([ended.value?.cancelled, ended.value?.lines, ended.value?.late], [true, count, 0])
  })

  it('come out exactly once when the past goes over into following, and with the shortest window too', async () => {
    const world = await deployed(sixServices)
    const begin = world.clock.time - 60_000
    write(world, begin, 120_000)
    makeHard(world)
    const pause = stopAfter(world, 120_000)
    const ended = await read(world, {services: sixServices, follow: true}, {pause})
    const {disorder, ...rest} = verdict(ended.lines, count)
    assert.deepEqual(rest, {lines: count, missing: 0, twice: 0})
    assert.ok(disorder > 0 && (ended.value?.late ?? 0) >= disorder, 'late lines are printed late, and counted')
  })

  it('begins at most four calls in any second while it follows', async () => {
    const world = await deployed(sixServices)
    write(world, world.clock.time, 60_000)
    const pause = stopAfter(world, 90_000)
    const begun = world.clock.time
    await read(world, {services: sixServices, follow: true}, {pause})
    const starts = world.logStore.calls.map(({at}) => at).filter((at) => at > begun + 2000)
    assert.ok(starts.length > 100)
    for (const at of starts) assert.ok(starts.filter((other) => other >= at && other < at + 1000).length <= 4)
  })
})
