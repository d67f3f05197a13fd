import assert from 'node:assert/strict'
import {loadTheme, type LookEnvironment, type Paint, plainTheme, traitsOf} from '../../src/ui/theme.ts'

const terminal = {isTTY: true, columns: 100, rows: 30}

describe('the traits of a terminal', () => {
  const colors: readonly (readonly [
    name: string,
    stream: typeof terminal | object,
    env: LookEnvironment,
    color: boolean,
  ])[] = [
    ['a terminal has colour', terminal, {TERM: 'xterm-256color'}, true],
    ['a pipe has none', {}, {TERM: 'xterm-256color'}, false],
    ['NO_COLOR takes it away', terminal, {NO_COLOR: '1'}, false],
    ['an empty NO_COLOR means nothing', terminal, {NO_COLOR: ''}, true],
    ['FORCE_COLOR brings it to a pipe', {}, {FORCE_COLOR: '1'}, true],
    ['FORCE_COLOR goes before NO_COLOR', terminal, {FORCE_COLOR: '', NO_COLOR: '1'}, true],
    ['FORCE_COLOR=0 takes it away', terminal, {FORCE_COLOR: '0'}, false],
    ['FORCE_COLOR=false takes it away', terminal, {FORCE_COLOR: 'false'}, false],
    ['a dumb terminal has none', terminal, {TERM: 'dumb'}, false],
  ]
  for (const [name, stream, env, color] of colors) {
    it(name, () => assert.equal(traitsOf(stream, env).color, color))
  }

  it('count a dumb terminal as none', () => {
    assert.equal(traitsOf(terminal, {TERM: 'dumb'}).isTTY, false)
    assert.equal(traitsOf(terminal, {TERM: 'xterm'}).isTTY, true)
  })

  const unicode: readonly (readonly [name: string, env: LookEnvironment, unicode: boolean])[] = [
    ['without a word about it', {}, true],
    ['with a UTF-8 locale', {LANG: 'de_DE.UTF-8'}, true],
    ['with utf8 in lower case', {LC_CTYPE: 'C.utf8'}, true],
    ['not in the C locale', {LC_ALL: 'C', LANG: 'en_GB.UTF-8'}, false],
    ['not on the Linux console', {TERM: 'linux', LANG: 'en_GB.UTF-8'}, false],
    ['not in the old Windows console', {OS: 'Windows_NT'}, false],
    ['in the new Windows terminal', {OS: 'Windows_NT', WT_SESSION: 'x'}, true],
  ]
  for (const [name, env, expected] of unicode) {
    it(`have Unicode ${name}`.replace('have Unicode not', 'have no Unicode'), () =>
      assert.equal(traitsOf(terminal, env).unicode, expected),
    )
  }

  it('take the size from the stream, then from COLUMNS and LINES, then 80 by 24', () => {
    const sizeOf = (stream: object, env: LookEnvironment): readonly number[] => {
      const {width, height} = traitsOf(stream, env)
      return [width, height]
    }
    assert.deepEqual(sizeOf(terminal, {COLUMNS: '50', LINES: '10'}), [100, 30])
    assert.deepEqual(sizeOf({}, {COLUMNS: '50', LINES: '10'}), [50, 10])
    assert.deepEqual(sizeOf({columns: 0, rows: 0}, {COLUMNS: 'wide', LINES: '-3'}), [80, 24])
  })
})

describe('the theme', () => {
  it('paints by meaning where there is colour', async () => {
    const theme = await loadTheme({color: true})
    assert.equal(theme.bad('no'), '\u001b[31mno\u001b[39m')
    assert.equal(theme.ok('yes'), '\u001b[32myes\u001b[39m')
  })

  it('leaves text alone without colour', async () => {
    const theme = await loadTheme({color: false})
    assert.equal(theme, plainTheme)
    const {several, ...paints} = theme
    assert.deepEqual(several, [])
    for (const paint of Object.values<Paint>(paints)) assert.equal(paint('text'), 'text')
  })
})
