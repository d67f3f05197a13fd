import assert from 'node:assert/strict'
import fc from 'fast-check'
import {compareByBytes} from '../../src/domain/assets/paths.ts'
import type {OpId} from '../../src/domain/names.ts'
import {
  addCounts,
  parseResultKey,
  parseResults,
  rangesOf,
  resultKey,
  sliceId,
  type SliceName,
  sliceWorks,
} from '../../src/domain/sideload.ts'

const mebibyte = 1024 * 1024

const bundles = fc
  .uniqueArray(fc.string({unit: 'grapheme', minLength: 1, maxLength: 12}), {maxLength: 60})
  .chain((paths) =>
    fc.tuple(
      ...paths
        .sort(compareByBytes)
        .map((path) => fc.record({path: fc.constant(path), size: fc.integer({min: 0, max: 40 * mebibyte})})),
    ),
  )

describe('ranges of a bundle', () => {
  it('are one while there is little to do, and four at most', () => {
    assert.deepEqual(rangesOf([]), [{from: '', to: ''}])
    assert.deepEqual(rangesOf([{path: 'a', size: 1}]), [{from: '', to: ''}])
    const many = Array.from({length: 4000}, (_, index) => ({path: String(index).padStart(5, '0'), size: 100_000}))
    const ranges = rangesOf(many)
    assert.deepEqual(
      ranges.map(({from}) => from),
      ['', '01000', '02000', '03000'],
    )
    assert.equal(ranges.at(-1)?.to, '')
  })

  it('hold every path exactly once, in order', () => {
    fc.assert(
      fc.property(bundles, (entries) => {
        const ranges = rangesOf(entries)
        assert.ok(ranges.length >= 1 && ranges.length <= 4)
        const held = ranges.flatMap(({from, to}) =>
          entries.filter(({path}) => compareByBytes(from, path) <= 0 && (to === '' || compareByBytes(path, to) < 0)),
        )
        assert.deepEqual(held, entries)
      }),
    )
  })
})

describe('names of slices', () => {
  const names = fc.record(
    {
      work: fc.constantFrom(...sliceWorks),
      round: fc.nat(999),
      range: fc.nat(3),
      number: fc.integer({min: 1, max: 99_999_999}),
    },
    {noNullPrototype: true},
  )

  it('are what the function takes for one, and are read back off the key', () => {
    fc.assert(
      fc.property(names, (name: SliceName) => {
        const id = sliceId(name)
        assert.match(id, /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/)
        assert.deepEqual(parseResultKey(resultKey('20260102T030405Z-sideload-abcdef' as OpId, id)), name)
      }),
    )
  })

  for (const key of [
    'ops/x/operation.json',
    'ops/x/0001-plan.done.json',
    'ops/x/result-other.ndjson',
    'result-sideload-0-0-1.ndjson',
  ])
    it(`are not in ${key}`, () => assert.equal(parseResultKey(key), undefined))
})

describe('results of a slice', () => {
  it('are its counts, its cursor and its lines', () => {
    const text = [
      JSON.stringify({state: 'continues', counts: {copied: 1, failed: 1, bytes: 3}, cursor: 'abc'}),
      JSON.stringify({path: 'svg/a b', result: 'copied', bytes: 3}),
      JSON.stringify({path: 'svg/\n', result: 'failed', code: 'DISK_FULL', reason: 'no space'}),
    ]
    assert.deepEqual(parseResults(`${text.join('\n')}\n`), {
      counts: {copied: 1, failed: 1, bytes: 3},
      cursor: 'abc',
      files: [
        {path: 'svg/a b', result: 'copied'},
        {path: 'svg/\n', result: 'failed', reason: 'no space'},
      ],
    })
    assert.deepEqual(parseResults('{"counts":{}}\n'), {counts: {}, files: []})
  })

  for (const text of [
    '',
    'x',
    '{}',
    '{"counts":{"a":"b"}}',
    '{"counts":{},"cursor":1}',
    '{"counts":{}}\n{"path":"a"}',
    '{"counts":{}}\nnull',
    '{"counts":null}',
  ])
    it(`are not read from ${JSON.stringify(text)}`, () => assert.equal(parseResults(text), undefined))

  it('are added name by name', () =>
    assert.deepEqual(addCounts({copied: 1, failed: 0}, {copied: 2, skipped: 3}), {copied: 3, failed: 0, skipped: 3}))
})
