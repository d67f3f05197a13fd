import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {root} from './project.ts'

/** Characters of a title that must not be put in: less than that would fit anything. */
const least = 8

interface Shown {
  readonly file: string
  readonly title: string
}

/** Rows of the table: number, words, and the tests that are named. */
function rowsOf(text: string): readonly {readonly number: string; readonly tests: readonly Shown[]}[] {
  return text
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
      const tests = (cells[4] ?? '').split('<br>').map((entry) => {
        const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(entry.trim()) ?? []
        assert.notEqual(title, '', `row ${cells[1]}: not a test but "${entry}"`)
        return {file, title}
      })
      return {number: cells[1] ?? '', tests}
    })
}

/** Patterns of the titles of a file's tests: what is put into a template may be anything. */
function titlesIn(source: string): readonly RegExp[] {
  return [...source.matchAll(/\bit\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs)].flatMap(([, quote, text = '']) => {
    const parts = quote === '`' ? text.split(/\$\{[^}]*\}/) : [text]
    const plain = parts.map((part) => part.replaceAll(/\\(.)/g, '$1'))
    if (plain.join('').length < least) return []
    return [new RegExp(`^${plain.map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('.+')}$`, 's')]
  })
}

function missing({file, title}: Shown): boolean {
  const path = join(root, file)
  if (!file.startsWith('test/') || !file.endsWith('.test.ts') || !existsSync(path)) return true
  return !titlesIn(readFileSync(path, 'utf8')).some((pattern) => pattern.test(title))
}

describe('the map of faults', () => {
  const rows = rowsOf(readFileSync(join(root, 'docs', 'faults.md'), 'utf8'))

  it('numbers its rows and leaves none without a test', () => {
    assert.deepEqual(
      rows.map(({number}) => number),
      Array.from({length: 26}, (_, index) => String(index + 1)),
    )
    assert.ok(rows.every(({tests}) => tests.length > 0))
  })

  it('names tests that are there', () => {
    const gone = rows.flatMap(({number, tests}) =>
      tests.filter(missing).map(({file, title}) => `row ${number}: ${file} has no test "${title}"`),
    )
    assert.deepEqual(gone, [])
  })

  it('would tell of a test that is not there, that has another name, or that is skipped', () => {
    const source = "it('ends well', () => {}); it(`ends ${how} (${when}) as it began`, f); it.skip('is never run', f)"
    const has = (title: string): boolean => titlesIn(source).some((pattern) => pattern.test(title))
    assert.deepEqual(
      ['ends well', 'ends resumed (strict) as it began', 'ends', 'ends badly (strict)', 'is never run'].map(has),
      [true, true, false, false, false],
    )
    assert.ok(missing({file: 'test/flows/nowhere.test.ts', title: 'ends well'}))
  })
})
