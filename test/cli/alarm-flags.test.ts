import assert from 'node:assert/strict'
import {silenceEnd} from '../../src/cli/alarm-flags.ts'
import {chartKindOf} from '../../src/cli/metric-flags.ts'

const asked = {names: [], all: true, for: '2h', undo: false}

describe('the words of a silence', () => {
  it('give the moment at which it is over, and none to undo one', () => {
    assert.equal(silenceEnd(asked, 1000), 7_201_000)
    assert.equal(silenceEnd({...asked, for: '30d'}, 0), 30 * 86_400_000)
    assert.equal(silenceEnd({...asked, for: undefined, undo: true}, 0), undefined)
    assert.equal(silenceEnd({...asked, names: ['a'], all: false, for: '1m'}, 0), 60_000)
  })

  it('are refused where they leave open which alarms, or how long', () => {
    const rows = [
      [{...asked, all: false}, 'ALARMS_MISSING'],
      [{...asked, names: ['a']}, 'FLAGS_DO_NOT_FIT'],
      [{...asked, for: undefined}, 'DURATION_MISSING'],
      [{...asked, for: 'soon'}, 'INVALID_DURATION'],
      [{...asked, for: '0m'}, 'INVALID_DURATION'],
      [{...asked, for: '31d'}, 'INVALID_DURATION'],
    ] as const
    for (const [words, code] of rows) assert.throws(() => silenceEnd(words, 0), {code})
  })
})

describe('the ending of a chart', () => {
  it('says what it becomes', () => {
    assert.deepEqual(['a.PNG', 'b/c.svg', 'd.csv'].map(chartKindOf), ['png', 'svg', 'csv'])
    assert.throws(() => chartKindOf('a.gif'), {code: 'UNKNOWN_CHART'})
  })
})
