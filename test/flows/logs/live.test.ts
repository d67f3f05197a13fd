import assert from 'node:assert/strict'
import {AccessError, FailedError} from '../../../src/domain/errors.ts'
import type {LogEvent} from '../../../src/flows/telemetry/ports.ts'
import type {World} from '../../helpers/fake-aws/world.ts'
import {deployed, read, stopAfter} from './fakes.ts'

const group = (name: string): string => `/demo/${name}`
const event = (world: World, message: string, back = 0): LogEvent => ({
  ...{stream: 'one', eventId: `id-${message}`, message},
  ...{timestamp: world.clock.time - back, ingestedAt: world.clock.time - back},
})
/** As Live Tail shows it. */
const shown = ({eventId: _, ...rest}: LogEvent, service = 'dashboard') => ({...rest, group: group(service)})
const messages = (lines: readonly {readonly message: string}[]): readonly string[] => lines.map(({message}) => message)
const warnings = (events: readonly {readonly type: string}[]): readonly string[] =>
  events.flatMap((one) => (one.type === 'warning' ? [(one as unknown as {code: string}).code] : []))

describe('logs --live', () => {
  it('shows stored lines, then what Live Tail shows, each once', async () => {
    const world = await deployed()
    world.logStore.put(group('dashboard'), [event(world, 'old', 5000)])
    world.liveTail.onOpen = (session) => {
      const both = event(world, 'both ways')
      world.logStore.put(group('dashboard'), [both])
      session.show([shown(both), shown(event(world, 'new'))])
      session.show([], true)
      session.show([], true)
    }
    const ended = await read(world, {follow: true, live: true, reorder: 0}, {pause: stopAfter(world, 3000)})
    assert.deepEqual(messages(ended.lines), ['old', 'both ways', 'new'])
    const [session] = world.liveTail.sessions
    assert.equal(session?.groups.length, 2)
    assert.match(session?.groups[0] ?? '', /^arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:\/demo\/dashboard$/)
    assert.deepEqual(warnings(ended.events).filter((code) => code === 'LIVE_TAIL_SAMPLED').length, 1)
    assert.ok(ended.events.some((one) => one.type === 'note' && one.message.includes('billed by the minute')))
  })

  it('opens a session again that ended, tells the gap, and reads it from storage', async () => {
    const world = await deployed()
    world.liveTail.onOpen = (session, number) => {
      if (number === 1) {
        world.clock.after(2000, () => {
          const seen = event(world, 'seen')
          world.logStore.put(group('dashboard'), [seen])
          session.show([shown(seen)])
          session.end(new FailedError('Live Tail ended: its three hours are over.', {code: 'LIVE_TAIL_ENDED'}))
          world.logStore.put(group('dashboard'), [event(world, 'in the gap')])
        })
      } else session.show([shown(event(world, 'after it'))])
    }
    const ended = await read(world, {follow: true, live: true, reorder: 0}, {pause: stopAfter(world, 20_000)})
    assert.deepEqual(messages(ended.lines).toSorted(), ['after it', 'in the gap', 'seen'])
    assert.deepEqual(warnings(ended.events), ['LIVE_TAIL_GAP'])
    assert.equal(world.liveTail.sessions.length, 2)
  })

  it('asks storage where AWS refuses Live Tail', async () => {
    const world = await deployed()
    world.liveTail.refusals.push(new AccessError('AWS denies logs:StartLiveTail.', {code: 'ACCESS_DENIED'}))
    world.clock.after(1000, () => world.logStore.put(group('renderer'), [event(world, 'polled')]))
    const ended = await read(world, {follow: true, live: true}, {pause: stopAfter(world, 20_000)})
    assert.deepEqual(messages(ended.lines), ['polled'])
    assert.deepEqual(warnings(ended.events), ['LIVE_TAIL_REFUSED'])
    assert.equal(world.liveTail.sessions.length, 0)
  })

  it('asks storage from then on where AWS refuses the next session', async () => {
    const world = await deployed()
    world.liveTail.onOpen = (session) => {
      world.liveTail.refusals.push(new FailedError('Too many sessions.', {code: 'AWS_LIMIT_EXCEEDED'}))
      session.end()
      world.clock.after(5000, () => world.logStore.put(group('dashboard'), [event(world, 'later')]))
    }
    const ended = await read(world, {follow: true, live: true}, {pause: stopAfter(world, 20_000)})
    assert.deepEqual(messages(ended.lines), ['later'])
    assert.deepEqual(warnings(ended.events), ['LIVE_TAIL_GAP', 'LIVE_TAIL_REFUSED'])
  })

  it('takes ten groups to a session, and polls those that are not there yet', async () => {
    const world = await deployed(['dashboard', 'renderer', 'scheduler'])
    world.logStore.groups.delete(group('scheduler'))
    world.clock.after(2000, () => world.logStore.put(group('scheduler'), [event(world, 'here now')]))
    const ended = await read(world, {follow: true, live: true}, {pause: stopAfter(world, 20_000)})
    assert.deepEqual(messages(ended.lines), ['here now'])
    assert.deepEqual(
      world.liveTail.sessions.map(({groups}) => groups.length),
      [2],
    )
  })

  it('ends where the credentials do', async () => {
    const world = await deployed()
    world.liveTail.refusals.push(new AccessError('Expired.', {code: 'CREDENTIALS_EXPIRED'}))
    const ended = await read(world, {follow: true, live: true}, {pause: stopAfter(world, 20_000)})
    assert.equal(ended.code, 'CREDENTIALS_EXPIRED')
  })
})
