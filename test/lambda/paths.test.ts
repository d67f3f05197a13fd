import assert from 'node:assert/strict'
import {relative, resolve, sep} from 'node:path'
import fc from 'fast-check'
import {SideloadError} from '../../lambda/sideload/errors.ts'
import {compareNames, inside, namesOf} from '../../lambda/sideload/paths.ts'

/** Text that tries hard: separators, dots, NUL, percent signs and anything else Unicode has. */
const nasty = fc
  .array(fc.oneof(fc.constantFrom('..', '.', '/', '//', '\\', '\0', '%2e%2e', '~', ' '), fc.string({unit: 'grapheme'})))
  .map((parts) => parts.join(''))

const name = fc
  .string({unit: 'grapheme', minLength: 1, maxLength: 40})
  .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed())

describe('paths below the root', () => {
  it('never lead out of it, whatever is asked', () => {
    fc.assert(
      fc.property(nasty, (path) => {
        let place: string
        try {
          place = inside('/mnt/files', path)
        } catch (error) {
          assert.ok(error instanceof SideloadError && error.code === 'BAD_PATH')
          return
        }
        assert.equal(resolve(place), place)
        assert.ok(place === '/mnt/files' || place.startsWith(`/mnt/files${sep}`))
        assert.equal(relative('/mnt/files', place), path)
      }),
      {numRuns: 500},
    )
  })

  it('are taken as they are when every name can exist', () => {
    fc.assert(
      fc.property(fc.array(name, {minLength: 1, maxLength: 6}), (names) => {
        assert.deepEqual(namesOf(names.join('/')), names)
        assert.equal(inside('/mnt/files', names.join('/')), ['/mnt/files', ...names].join('/'))
      }),
    )
  })

  for (const [path, why] of [
    ['/etc/passwd', /absolute/],
    ['..', /".."/],
    ['a/../b', /".."/],
    ['./a', /"\."/],
    ['a//b', /empty/],
    ['a/', /empty/],
    ['a\0b', /NUL/],
    ['\uD800', /Unicode/],
    ['é'.repeat(128), /255 bytes/],
    ['abcd/'.repeat(820) + 'e', /4096 bytes/],
  ] as const) {
    it(`refuses ${JSON.stringify(path).slice(0, 30)}`, () => {
      assert.throws(() => inside('/mnt/files', path), {code: 'BAD_PATH', message: why})
    })
  }

  it('compare as a strict order: a folder comes before what it holds', () => {
    const names = fc.array(fc.constantFrom('a', 'a b', 'a-', 'b', 'é'), {maxLength: 3})
    fc.assert(
      fc.property(names, names, names, (a, b, c) => {
        assert.equal(Math.sign(compareNames(a, b)) + Math.sign(compareNames(b, a)), 0)
        assert.equal(compareNames(a, b) === 0, a.join('/') === b.join('/'))
        if (compareNames(a, b) < 0 && compareNames(b, c) < 0) assert.ok(compareNames(a, c) < 0)
        assert.ok(compareNames(a, [...a, 'x']) < 0)
      }),
    )
  })
})
