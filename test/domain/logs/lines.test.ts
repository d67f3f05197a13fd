import assert from 'node:assert/strict'
import fc from 'fast-check'
import {pointed, pointedAt, refusedAt} from '../../../src/domain/logs/filter-pattern.ts'
import type {LogLine} from '../../../src/domain/logs/line.ts'
import {expression, Search} from '../../../src/domain/logs/search.ts'
import {logGroupsOf} from '../../../src/domain/logs/services.ts'
import {linesOf, TraceJoiner} from '../../../src/domain/logs/traces.ts'

function said(message: string, timestamp = 0, stream = 's'): LogLine {
  return {timestamp, ingestedAt: timestamp, service: 'dashboard', stream, eventId: message, message}
}

describe('stack traces', () => {
  const shape = (lines: readonly LogLine[], joiner = new TraceJoiner()) =>
    joiner.join(lines).map((entry) => linesOf(entry).map(({message}) => message))

  it('are joined with the line above them, also where another stream wrote in between', () => {
    const lines = [
      said('ERROR no'),
      said('java.lang.IllegalStateException: x', 1),
      said('INFO other', 1, 't'),
      said('\tat a.B.c(B.java:1)', 2),
      said('Caused by: y', 2),
      said('\t... 3 more', 3),
      said('INFO yes', 4),
    ]
    assert.deepEqual(shape(lines), [
      ['ERROR no', 'java.lang.IllegalStateException: x', '\tat a.B.c(B.java:1)', 'Caused by: y', '\t... 3 more'],
      ['INFO other'],
      ['INFO yes'],
    ])
  })

  it('are not joined over a second or to nothing', () => {
    assert.deepEqual(shape([said('ERROR no'), said('\tat a', 1001)]), [['ERROR no'], ['\tat a']])
    assert.deepEqual(shape([said('\tat a')]), [['\tat a']])
  })

  it('go on in the next batch, and say so', () => {
    const joiner = new TraceJoiner()
    joiner.join([said('ERROR no')])
    const [entry] = joiner.join([said('\tat a', 5)])
    assert.equal(entry?.continues, true)
  })

  it('lose no line, whatever is written', () => {
    const lines = fc.array(
      fc.record({
        text: fc.constantFrom('a', '\tat b', 'Caused by: c'),
        gap: fc.nat(1500),
        stream: fc.constantFrom('s', 't'),
      }),
    )
    fc.assert(
      fc.property(lines, (written) => {
        let at = 0
        const all = written.map(({text, gap, stream}, index) => ({
          ...said(text, (at += gap), stream),
          eventId: String(index),
        }))
        const out = new TraceJoiner().join(all).flatMap(linesOf)
        assert.deepEqual(new Set(out), new Set(all))
        assert.equal(out.length, all.length)
      }),
    )
  })

  it('of very many streams do not fill the memory', () => {
    const joiner = new TraceJoiner()
    for (let index = 0; index < 1500; index++) joiner.join([said('a', index, `s${index}`)])
    assert.equal(joiner.join([said('\tat b', 1499, 's1499')])[0]?.continues, true)
    assert.equal(joiner.join([said('\tat b', 1, 's1')])[0]?.continues, false)
  })

  it('end after a thousand pieces', () => {
    const lines = [said('ERROR'), ...Array.from({length: 1500}, () => said('\tat x'))]
    assert.deepEqual(
      shape(lines).map(({length}) => length),
      [1001, 500],
    )
  })
})

describe('the search', () => {
  const entries = (messages: readonly string[]) => new TraceJoiner().join(messages.map((text) => said(text)))
  const kept = (grep: readonly string[], exclude: readonly string[], messages: readonly string[]) =>
    new Search(
      grep.map((text) => expression('--grep', text)),
      exclude.map((text) => expression('--exclude', text)),
    )
      .chosen(entries(messages))
      .map(({head}) => head.message)

  it('keeps what fits all of --grep and none of --exclude', () => {
    assert.deepEqual(kept([], [], ['a', 'b']), ['a', 'b'])
    assert.deepEqual(kept(['a', 'b'], ['c'], ['ab', 'a', 'abc', 'ba']), ['ab', 'ba'])
  })

  it('looks at an entry as a whole', () => {
    assert.deepEqual(kept(['driver'], [], ['ERROR', '\tat no driver', 'INFO']), ['ERROR'])
    assert.deepEqual(kept([], ['driver'], ['ERROR', '\tat no driver', 'INFO']), ['INFO'])
  })

  it('gives what goes on with an entry the same fate', () => {
    const joiner = new TraceJoiner()
    const search = new Search([/ERROR/], [])
    assert.equal(search.chosen(joiner.join([said('ERROR no')])).length, 1)
    assert.equal(search.chosen(joiner.join([said('\tat a', 1)])).length, 1)
    assert.equal(search.chosen(joiner.join([said('INFO', 2)])).length, 0)
    assert.equal(search.chosen(joiner.join([said('\tat a', 3)])).length, 0)
    for (let index = 0; index < 1200; index++) search.chosen(joiner.join([said('x', 4, `s${index}`)]))
  })

  it('finds both cases unless there are capitals', () => {
    assert.ok(expression('--grep', 'error').test('ERROR'))
    assert.ok(!expression('--grep', 'Error').test('ERROR'))
    assert.ok(expression('--grep', '\\Werror').test(' ERROR'))
    assert.throws(() => expression('--grep', '(open'), {code: 'INVALID_EXPRESSION'})
  })
})

describe('log groups', () => {
  it('are found among the outputs, in the order of the services', () => {
    const outputs = {
      DatabaseSlowQueryLogGroup: '/rds/slow',
      DatabaseErrorLogGroup: '/rds/error',
      PiranaLogGroup: 'p',
      DashboardLogGroup: 'd',
      AdminerLogGroup: '',
      OtherLogGroup: 'o',
      Url: 'x',
    }
    assert.deepEqual(
      logGroupsOf(outputs).map(({service, group}) => `${service} ${group}`),
      ['dashboard d', 'pirana p', 'database /rds/error', 'database /rds/slow'],
    )
  })
})

describe('a filter that CloudWatch refuses', () => {
  const rows: readonly (readonly [filter: string, refusal: string, at: number | undefined])[] = [
    ['error foo:bar', "Invalid character(s) in term 'foo:bar'", 6],
    ['error foo:bar', 'Invalid character in term "foo:bar"', 6],
    ['{ $.a = }', 'Invalid filter pattern at position 8', 8],
    ['{ $.a = 1', 'Invalid filter pattern', 0],
    ['a "open', 'Invalid filter pattern', 2],
    ['a "x\\"" "y', 'no', 8],
    ['[a, b', 'no', 0],
    ['(a]', 'no', 2],
    ['a)', 'no', 1],
    ['fine', 'at position 99', undefined],
    ['fine', 'no', undefined],
  ]
  for (const [filter, refusal, at] of rows) {
    it(`${filter}: ${refusal}: ${at ?? 'nowhere'}`, () => assert.equal(refusedAt(filter, refusal), at))
  }

  it('is shown with the place below it', () => {
    assert.equal(pointed('a)', 'no'), 'a)\n ^')
    assert.equal(pointed('fine', 'no'), 'fine')
    assert.equal(pointedAt('one\ntwo', 5), 'two\n ^')
    assert.equal(pointedAt('one\ntwo', 7), 'two\n   ^')
    assert.equal(pointedAt('one', 4), 'one')
    assert.equal(pointedAt('one', -1), 'one')
  })
})
