import assert from 'node:assert/strict'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import path from 'node:path'

const folder = path.resolve(import.meta.dirname, '../golden')

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Compares a text with the file `test/golden/<name>` (name with its ending, such as `ui/plain.txt`). The escape
 * character is kept in the file as `␛`. With UPDATE_GOLDENS=1 the file is written instead.
 */
export function matchesGolden(name: string, text: string): void {
  const file = path.join(folder, name)
  const actual = text.replaceAll('\u001b', '␛')
  if (process.env['UPDATE_GOLDENS'] === '1') {
    mkdirSync(path.dirname(file), {recursive: true})
    writeFileSync(file, actual)
    return
  }
  const expected = read(file)
  const how = 'If the change is meant: npm run golden:update, then look at the difference in git.'
  if (expected === undefined) assert.fail(`There is no test/golden/${name}. ${how}`)
  if (actual === expected) return
  throw new assert.AssertionError({
    message: `The text differs from test/golden/${name}. ${how}`,
    actual,
    expected,
    operator: 'strictEqual',
  })
}
