import assert from 'node:assert/strict'
import fc from 'fast-check'
import {cut, displayWidth, padEnd, padStart, wrap} from '../../../src/ui/format/width.ts'

describe('the width of text', () => {
  it('counts columns, not characters', () => {
    assert.equal(displayWidth('plain'), 5)
    assert.equal(displayWidth('é'.normalize('NFD')), 1)
    assert.equal(displayWidth('価格'), 4)
    assert.equal(displayWidth('👩‍💻'), 2)
    assert.equal(displayWidth('✔ …'), 3)
  })

  it('is kept when text is cut', () => {
    assert.equal(cut('short', 5, '…'), 'short')
    assert.equal(cut('longer', 5, '…'), 'long…')
    assert.equal(cut('価格表', 4, '…'), '価…')
    assert.equal(cut('ab cd', 4, '…'), 'ab…')
    assert.equal(cut('any', 0, '…'), '')
  })

  it('is filled on either side', () => {
    assert.equal(`${padEnd('価', 4)}|${padStart('ab', 4)}|`, '価  |  ab|')
    assert.equal(padEnd('too long', 3), 'too long')
  })

  it('bounds wrapped lines, whatever the text, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', maxLength: 80}), fc.integer({min: 2, max: 30}), (text, width) => {
        const lines = wrap(text, width)
        for (const line of lines)
          assert.ok(displayWidth(line) <= width, `${JSON.stringify(line)} is wider than ${width}`)
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
        assert.ok(displayWidth(cut(text, width, '…')) <= width)
      }),
      {numRuns: 500},
    )
  })
})
