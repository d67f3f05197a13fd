import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  assetKey,
  categoryOf,
  compareByBytes,
  fileSizeLimit,
  foldersAbove,
  isCategory,
  pathRefusal,
} from '../../../src/domain/assets/paths.ts'
import {partSizeOf} from '../../../src/domain/assets/part-size.ts'
import {isUntouched} from '../../../src/domain/assets/stamp.ts'
import {hardFiles} from '../../helpers/asset-tree.ts'

describe('paths of assets', () => {
  for (const {path} of hardFiles()) {
    it(`may be ${JSON.stringify(path)}`, () => {
      assert.equal(pathRefusal(path), undefined)
      assert.equal(assetKey(path), `assets/${path}`)
      assert.ok(isCategory(categoryOf(path)))
    })
  }

  for (const [path, why] of [
    ['images/../keys/x', /".."/],
    ['images/./x', /"\."/],
    ['images//x', /empty/],
    ['images/', /empty/],
    ['images/a\0b', /NUL/],
    ['images/\ud800', /Unicode/],
    [`images/${'x'.repeat(256)}`, /256 bytes, of 255/],
    [`images/${'ä'.repeat(128)}`, /256 bytes/],
    [`images/${Array.from({length: 5}, () => 'x'.repeat(250)).join('/')}`, /its key has .* of 1024/],
  ] as const) {
    it(`may not be ${JSON.stringify(path.slice(0, 30))}`, () => assert.match(pathRefusal(path) ?? '', why))
  }

  it('are ordered by the bytes of UTF-8', () => {
    const text = fc.string({unit: 'binary'})
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(Math.sign(compareByBytes(a, b)), Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
      }),
    )
    assert.ok(compareByBytes('\uffee', '\u{1f680}') < 0)
  })

  it('name the folders above them, nearest first', () => {
    assert.deepEqual(foldersAbove('images/a/b'), ['images/a', 'images'])
    assert.deepEqual(foldersAbove('images'), [])
  })
})

describe('parts of a large file', () => {
  it('are at most 10,000, the same for the same size, and fit into memory', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: fileSizeLimit}), (size) => {
        const part = partSizeOf(size)
        assert.ok(Math.ceil(size / part) <= 10_000)
        assert.ok(part >= 5 * 1024 * 1024 && part <= 32 * 1024 * 1024)
        assert.equal(part, partSizeOf(size))
      }),
    )
  })
})

describe('a file that the index knows', () => {
  for (const [why, mark, touchedMs, expected] of [
    ['is untouched with the same mark, long after', 'a', 7000, true],
    ['is touched with another mark', 'b', 7000, false],
    ['counts as touched within two seconds of the index', 'a', 8001, false],
    ['counts as touched when its time lies after the index', 'a', 20_000, false],
  ] as const) {
    it(why, () => assert.equal(isUntouched({mark: 'a', touchedMs}, {mark}, 10_000), expected))
  }

  it('is touched when the index does not know it', () =>
    assert.equal(isUntouched({mark: 'a', touchedMs: 0}, undefined, 10_000), false))
})
