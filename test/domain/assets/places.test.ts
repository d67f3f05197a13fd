import assert from 'node:assert/strict'
import {countByCategory, differs, diffPlaces, type PlacedEntry, type Places} from '../../../src/domain/assets/places.ts'

function file(path: string, size = 1, sha256?: string): PlacedEntry {
  return {path, kind: 'file', size, ...(sha256 === undefined ? {} : {sha256})}
}

function directory(path: string): PlacedEntry {
  return {path, kind: 'directory', size: 0, sha256: ''}
}

describe('the difference between places', () => {
  for (const [why, places, expected] of [
    [
      'is none between equal ones',
      {folder: [file('images/a', 1, 'x')], bucket: [file('images/a', 1, 'x')], efs: [file('images/a')]},
      {same: 1},
    ],
    ['leaves out the categories themselves', {bucket: [directory('images')], efs: []}, {same: 0}],
    [
      'counts folders',
      {bucket: [directory('images/d')], efs: [{path: 'images/d', kind: 'directory', size: 0}]},
      {same: 1},
    ],
    [
      'names what is in one place only',
      {folder: [file('images/f')], bucket: [file('images/b')], efs: [file('images/e')]},
      {onlyFolder: ['images/f'], onlyBucket: ['images/b'], onlyEfs: ['images/e']},
    ],
    [
      'names what is missing in one place of three',
      {folder: [file('images/a')], bucket: [file('images/a')], efs: []},
      {changed: [{path: 'images/a', reason: 'missing', in: ['folder', 'bucket']}]},
    ],
    [
      'sees another size',
      {bucket: [file('images/a', 1)], efs: [file('images/a', 2)]},
      {changed: [{path: 'images/a', reason: 'size', in: ['bucket', 'efs']}]},
    ],
    [
      'sees another content of the same size',
      {folder: [file('images/a', 1, 'x')], bucket: [file('images/a', 1, 'y')]},
      {changed: [{path: 'images/a', reason: 'content', in: ['folder', 'bucket']}]},
    ],
    [
      'sees another kind',
      {bucket: [file('images/a', 0)], efs: [directory('images/a')]},
      {changed: [{path: 'images/a', reason: 'kind', in: ['bucket', 'efs']}]},
    ],
  ] as const satisfies readonly (readonly [string, Places, object])[]) {
    it(why, () => {
      const diff = diffPlaces(places)
      const empty = {same: 0, onlyFolder: [], onlyBucket: [], onlyEfs: [], changed: []}
      assert.deepEqual(diff, {...empty, ...expected})
      assert.equal(differs(diff), !('same' in expected))
    })
  }
})

describe('a place', () => {
  it('is counted by category, files only', () => {
    const counts = countByCategory([directory('images'), file('images/a', 3), file('images/b/c', 4), file('svg/a', 5)])
    assert.deepEqual(
      [...counts],
      [
        ['images', {files: 2, bytes: 7}],
        ['svg', {files: 1, bytes: 5}],
      ],
    )
  })
})
