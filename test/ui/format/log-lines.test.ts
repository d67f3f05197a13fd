import assert from 'node:assert/strict'
import {Writable} from 'node:stream'
import type {LogLine} from '../../../src/domain/logs/line.ts'
import {utc, type Zone} from '../../../src/domain/logs/moments.ts'
import type {LogEntry} from '../../../src/domain/logs/traces.ts'
import {jsonItems, ndjsonLines, rawLines, textLines} from '../../../src/ui/format/log-lines.ts'
import {logWriter} from '../../../src/ui/log-writer.ts'
import {loadTheme, plainTheme} from '../../../src/ui/theme.ts'

const at = Date.UTC(2026, 10, 22, 23, 59, 59, 7)
const evil = 'a\u001b[2Jb\u0007\r\nc'

function entry(message: string, more: Partial<LogLine> = {}, rest: readonly string[] = []): LogEntry {
  const head = {timestamp: at, ingestedAt: at + 5, service: 'dashboard', stream: 's', eventId: 'e', message, ...more}
  return {head, rest: rest.map((text) => ({...head, message: text})), continues: false}
}

const record = {
  timestamp: '2026-11-22T23:59:59.007Z',
  ingestedAt: '2026-11-22T23:59:59.012Z',
  service: 'dashboard',
  stream: 's',
  eventId: 'e',
}

describe('log lines as JSON', () => {
  it('are exact, whatever they hold, and safe to look at', () => {
    const text = ndjsonLines([entry(evil, {}, ['more']), entry('plain')])
    const lines = text.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      [evil, 'more', 'plain'].map((message) => ({schemaVersion: 1, type: 'log', ...record, message})),
    )
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f]/)
  })

  it('are items of one array, batch by batch, opened with the first', () => {
    const items = jsonItems('{"events":[')
    const text = items([entry('a', {}, ['b'])]) + items([]) + items([entry(evil)])
    const {events} = JSON.parse(`${text}]}`) as {events: unknown}
    assert.deepEqual(
      events,
      ['a', 'b', evil].map((message) => ({...record, message})),
    )
    assert.equal(jsonItems('[')([]), '[')
  })
})

describe('log lines as text', () => {
  const look = {theme: plainTheme, zone: utc, highlight: [], width: 9}

  it('have time, service and message, and what belongs together stands together', () => {
    const format = textLines(look)
    assert.equal(
      format([entry('ERROR', {}, ['\tat x']), entry('next', {service: 'events', timestamp: at + 1000})]),
      [
        '2026-11-22T23:59:59.007Z dashboard | ERROR',
        '                                   |   at x',
        '2026-11-23T00:00:00.007Z events    | next',
        '',
      ].join('\n'),
    )
  })

  it('say when they come behind a newer one', () => {
    const format = textLines(look)
    format([entry('now')])
    assert.match(format([entry('late', {timestamp: at - 1})]), /dashboard < late\n$/)
    assert.match(format([entry('now', {timestamp: at + 2})]), /dashboard \| now\n$/)
  })

  it('show control characters instead of obeying them', () => {
    assert.equal(textLines(look)([entry(evil)]).slice(35), '| ab\\x07\n                                   | c\n')
  })

  it('are in the zone of the reader, which may change within them', () => {
    const zone: Zone = {name: 'x', offsetAt: (ms) => (ms < at + 993 ? 120 : 60)}
    const format = textLines({...look, zone})
    assert.match(format([entry('a')]), /^2026-11-23T01:59:59\.007\+02:00 /)
    assert.match(format([entry('a', {timestamp: at + 60_000})]), /^2026-11-23T01:00:59\.007\+01:00 /)
  })

  it('have a colour for each service and mark what is looked for', async () => {
    const theme = await loadTheme({color: true})
    const format = textLines({...look, theme, highlight: [/o+/g, /(?:)/g]})
    const text = format([entry('foo'), entry('bar', {service: 'pirana'})])
    assert.match(text, /\u001b\[36mdashboard\u001b\[39m \| f\u001b\[7moo\u001b\[27m\n/)
    assert.match(text, /\u001b\[32mpirana {3}\u001b\[39m/)
  })

  it('are nothing but messages with --raw: exact for programs, harmless for people', () => {
    assert.equal(rawLines(true)([entry(evil, {}, ['more\n'])]), `${evil}\nmore\n`)
    assert.equal(rawLines(false)([entry(evil)]), 'ab\\x07\nc\n')
  })
})

describe('the writer of log lines', () => {
  it('waits for a slow reader, and for none that has gone', async () => {
    const pending: (() => void)[] = []
    const slow = new Writable({highWaterMark: 1, write: (_chunk, _encoding, done) => void pending.push(done)})
    const writer = logWriter(slow, rawLines(true))
    let done = false
    const written = writer.write([entry('much')]).then(() => (done = true))
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(done, false)
    pending[0]?.()
    await written
    const gone = writer.write([entry('more')])
    slow.destroy()
    await gone
  })
})
