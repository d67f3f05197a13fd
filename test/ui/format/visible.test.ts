import assert from 'node:assert/strict'
import fc from 'fast-check'
import {jsonLine, oneLine, visibleLines} from '../../../src/ui/format/visible.ts'

const raw = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b\ufeff]/

describe('foreign text made harmless', () => {
  it('loses escape sequences', () => {
    assert.equal(
      oneLine('\u001b[31mred\u001b[0m and \u001b]8;;https://example.com\u0007a link\u001b]8;;\u0007'),
      'red and a link',
    )
  })

  it('shows other control characters as escapes', () => {
    assert.equal(oneLine('bell\u0007, del\u007f, csi\u0085'), 'bell\\x07, del\\x7f, csi')
    assert.equal(oneLine('abc\u202edcba'), 'abc\\u202edcba')
  })

  it('has no second line', () => {
    assert.equal(oneLine('first\r\n  second\u2028third\tfourth\n'), 'first second third fourth')
  })

  it('keeps letters of any script, joined signs included', () => {
    const text = 'Größe 価格 مرحبا 👩‍💻'
    assert.equal(oneLine(text), text)
  })

  it('keeps wanted lines apart', () => {
    assert.deepEqual(visibleLines('\nfirst\r\n\tsecond\u001b[2J\rthird\n\n'), ['first', '  second\\x0dthird'])
    assert.deepEqual(visibleLines(''), [''])
  })

  it('never lets a control character through, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 60}), (text) => {
        assert.doesNotMatch(oneLine(text), raw)
        for (const line of visibleLines(text)) assert.doesNotMatch(line, raw)
      }),
      {numRuns: 1000},
    )
  })
})

describe('a line of JSON', () => {
  it('is one line, safe on a terminal, and means the same', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 60}), (text) => {
        const line = jsonLine({text})
        assert.doesNotMatch(line.slice(0, -1), raw)
        assert.equal(line.at(-1), '\n')
        assert.equal((JSON.parse(line) as {text: string}).text, text)
      }),
      {numRuns: 1000},
    )
  })
})
