import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type BundleEntry,
  directoryEntry,
  parseBundle,
  sameEntries,
  serialiseBundle,
  sortEntries,
} from '../../../src/domain/assets/bundle.ts'
import {mergeBundle} from '../../../src/domain/assets/merge.ts'
import {compareByBytes, pathRefusal} from '../../../src/domain/assets/paths.ts'

function file(path: string, content = 'a', versionId = 'v1'): BundleEntry {
  return {
    path,
    key: `assets/${path}`,
    versionId,
    size: content.length,
    sha256: content.padEnd(64, '0'),
    mode: 0o644,
    kind: 'file',
  }
}

const name = fc
  .string({unit: 'grapheme', minLength: 1, maxLength: 8})
  .filter((text) => pathRefusal(`images/${text}`) === undefined && !text.includes('/'))
const path = fc.array(name, {minLength: 1, maxLength: 4}).map((names) => ['images', ...names].join('/'))
const entries = fc
  .uniqueArray(path, {maxLength: 20})
  .map((paths) => sortEntries(paths.map((one, index) => (index % 3 === 0 ? directoryEntry(one, 0o755) : file(one)))))

const head = {schemaVersion: 1, id: 'id', createdAt: '2026-01-02T03:04:05.000Z'} as const

describe('a manifest', () => {
  it('is read back as it was written, ascending by bytes', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const bundle = parseBundle(serialiseBundle({head: {...head, count: all.length}, entries: all}))
        assert.deepEqual(bundle?.entries, all)
        assert.ok(all.every((entry, index) => index === 0 || compareByBytes(all[index - 1]!.path, entry.path) < 0))
      }),
    )
  })

  it('has one line for the head and one for each entry, with all fields in their order', () => {
    const text = new TextDecoder().decode(
      serialiseBundle({head: {...head, count: 2}, entries: [directoryEntry('images', 0o755), file('images/a')]}),
    )
    assert.deepEqual(text.split('\n'), [
      '{"schemaVersion":1,"id":"id","createdAt":"2026-01-02T03:04:05.000Z","count":2}',
      '{"path":"images","key":"","versionId":"","size":0,"sha256":"","mode":493,"kind":"directory"}',
      `{"path":"images/a","key":"assets/images/a","versionId":"v1","size":1,"sha256":"a${'0'.repeat(63)}","mode":420,"kind":"file"}`,
      '',
    ])
  })

  it('is not taken for whole when any byte of its end is missing', () => {
    const bytes = serialiseBundle({head: {...head, count: 2}, entries: [file('images/a'), file('images/b')]})
    for (let length = 0; length < bytes.length; length++)
      assert.equal(parseBundle(bytes.subarray(0, length)), undefined)
    assert.notEqual(parseBundle(bytes), undefined)
  })

  for (const [why, lines] of [
    ['a path that leads out', [file('images/../../x')]],
    ['a path twice', [file('images/a'), file('images/a')]],
    ['paths out of order', [file('images/b'), file('images/a')]],
    ['a file without a version', [file('images/a', 'a', '')]],
    ['a file without a hash', [{...file('images/a'), sha256: ''}]],
    ['a mode with more than permission bits', [{...file('images/a'), mode: 0o4755}]],
  ] as const) {
    it(`with ${why} is refused`, () => {
      const bytes = serialiseBundle({head: {...head, count: lines.length}, entries: lines})
      assert.equal(parseBundle(bytes), undefined)
    })
  }
})

describe('a bundle after an upload', () => {
  const all = {categories: ['images', 'themes'], prune: false}

  for (const [why, previous, found, options, expected, removed] of [
    ['is what was found, where nothing was before', [], ['images/a'], all, ['images/a'], []],
    ['keeps what the folder no longer holds', ['images/a'], ['images/b'], all, ['images/a', 'images/b'], []],
    ['leaves it out with prune', ['images/a'], ['images/b'], {...all, prune: true}, ['images/b'], ['images/a']],
    [
      'keeps other categories even then',
      ['svg/a', 'images/a'],
      ['images/b'],
      {...all, prune: true},
      ['images/b', 'svg/a'],
      ['images/a'],
    ],
  ] as const) {
    it(why, () => {
      const merged = mergeBundle(
        previous.map((one) => file(one)),
        found.map((one) => file(one)),
        options,
      )
      assert.deepEqual(
        merged.entries.map((entry) => entry.path),
        expected,
      )
      assert.deepEqual(
        merged.removed.map((entry) => entry.path),
        removed,
      )
      assert.deepEqual(merged.conflicts, [])
    })
  }

  it('has what the folder says where both know a path', () => {
    const merged = mergeBundle([file('images/a', 'old')], [file('images/a', 'new', 'v2')], all)
    assert.equal(sameEntries(merged.entries, [file('images/a', 'new', 'v2')]), true)
    assert.equal(sameEntries(merged.entries, [file('images/a', 'old')]), false)
  })

  it('has a conflict where a file stands in the way of another one', () => {
    assert.deepEqual(mergeBundle([file('images/a/b')], [file('images/a')], all).conflicts, ['images/a'])
    assert.deepEqual(
      mergeBundle([file('images/a')], [directoryEntry('images/a', 0o755), file('images/a/b')], all).conflicts,
      [],
    )
    assert.deepEqual(mergeBundle([file('images/a/b')], [file('images/a')], {...all, prune: true}).conflicts, [])
  })
})
