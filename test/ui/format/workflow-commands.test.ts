import assert from 'node:assert/strict'
import fc from 'fast-check'
import {commandBreaker} from '../../../src/ui/format/workflow-commands.ts'

/** What the runner takes for a command, line by line, by any name: it knows only some, and plugins add more. */
function commandsIn(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/).filter((line) => {
    const begun = line.replace(/^[\s\u0085]+/, '')
    if (begun.startsWith('::') && begun.includes('::', 2)) return true
    const old = line.indexOf('##[')
    return old >= 0 && line.includes(']', old)
  })
}

const broken = (...pieces: readonly string[]): string => {
  const breaker = commandBreaker()
  return pieces.map(breaker).join('')
}

describe('commands to a runner in the words of others', () => {
  for (const [name, text, shown] of [
    ['at the beginning of a line', '::error::x\n', ':\\u003aerror::x\n'],
    ['behind blanks', ' \t\u00a0\u2003::add-mask::y\n', ' \t\u00a0\u2003:\\u003aadd-mask::y\n'],
    ['on a later line', 'a\n::set-output name=a::b', 'a\n:\\u003aset-output name=a::b'],
    ['behind a carriage return', 'a\r::stop-commands::z', 'a\r:\\u003astop-commands::z'],
    ['with a colon too many', ':::error::', ':\\u003a:error::'],
    ['of the older kind, anywhere', 'a ##[error]b ###[group]', 'a ##\\u005berror]b ###\\u005bgroup]'],
  ] as const) {
    it(`are broken ${name}`, () => {
      assert.equal(commandsIn(text).length, 1)
      assert.equal(broken(text), shown)
    })
  }

  it('are broken where pieces cut through them, and everything else stays as it is', () => {
    assert.equal(broken('a\n', ' ', ' :', ':error::x'), 'a\n  :\\u003aerror::x')
    assert.equal(broken('#', '#', '[error]'), '##\\u005berror]')
    assert.equal(broken('\u200b\ufeff::error::'), '\u200b\ufeff:\\u003aerror::')
    assert.equal(broken('x', '::error::\n'), 'x::error::\n')
    const harmless = 'std::string a::b\n12:00:00 :: x\n# #[ ##{ #[\n\n\n'
    assert.equal(broken(...harmless.match(/[^]/gu)!), harmless)
  })

  it('are none any more, however text is cut, and JSON says what it said', () => {
    const fragment = fc.constantFrom(
      ':',
      '::',
      '#',
      '##',
      '[',
      '##[',
      ']',
      'error',
      ' ',
      '\t',
      '\n',
      '\r',
      '\\',
      '"',
      'ü',
    )
    const text = fc.array(fragment, {maxLength: 30}).map((all) => all.join(''))
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), {maxLength: 4}), (words, cuts) => {
        const at = [0, ...cuts, Infinity].toSorted((a, b) => a - b)
        const pieces = (whole: string) => at.slice(1).map((end, index) => whole.slice(at[index], end))
        const shown = broken(...pieces(words))
        assert.deepEqual(commandsIn(shown), [])
        assert.equal(shown.replaceAll('\\u003a', ':').replaceAll('\\u005b', '['), words)
        const json = JSON.stringify({words, [words]: 1}, null, 2)
        const safe = broken(...pieces(json))
        assert.deepEqual(commandsIn(safe), [])
        assert.deepEqual(JSON.parse(safe), JSON.parse(json))
      }),
    )
  })
})
