import assert from 'node:assert/strict'
import fc from 'fast-check'
import {endsInLine, linesOf} from '../../src/domain/lines.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('lines of a text', () => {
  it('are those that it was made of, whatever is in them', () => {
    const line = fc.string({unit: 'grapheme'}).filter((text) => !text.includes('\n') && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const bytes = bytesOf(lines.map((text) => `${text}\n`).join(''))
        assert.deepEqual([...linesOf(bytes)], lines)
        assert.equal(endsInLine(bytes), lines.length > 0)
      }),
    )
  })

  it('end with what follows the last line break, where something does', () => {
    assert.deepEqual([...linesOf(bytesOf('a\nb'))], ['a', 'b'])
    assert.equal(endsInLine(bytesOf('a\nb')), false)
    assert.deepEqual([...linesOf(bytesOf('\n\n'))], ['', ''])
  })

  it('are none of bytes that are no UTF-8', () => {
    assert.throws(() => [...linesOf(new Uint8Array([0x61, 0xff, 0x0a]))], TypeError)
  })
})
