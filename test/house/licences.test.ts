import assert from 'node:assert/strict'
import {
  downloadable,
  isAmong,
  licenceTable,
  npmPackages,
  pythonPackages,
  shippable,
  usable,
} from '../../scripts/licences.ts'
import {root} from './project.ts'

describe('licences', () => {
  it('of every npm package are known and may be used', () => {
    const packages = npmPackages(root)
    assert.ok(packages.length > 300)
    assert.deepEqual(
      packages.filter(({licence}) => !isAmong(licence, usable)),
      [],
    )
  })

  it('of every Python package of the embedded AWS are known and may be used', () => {
    const packages = pythonPackages(root)
    assert.ok(packages.length > 30)
    assert.deepEqual(
      packages.filter(({licence}) => !isAmong(licence, downloadable)),
      [],
    )
  })

  it('are understood as SPDX joins them', () => {
    for (const fine of ['MIT', '(MIT OR GPL-3.0-only)', 'MIT AND ISC', 'GPL-3.0-only OR MIT AND ISC'])
      assert.ok(isAmong(fine, shippable), fine)
    for (const wrong of ['GPL-3.0-only', 'MIT AND GPL-3.0-only', 'unknown', '', 'GPL-2.0-only OR AGPL-3.0-only'])
      assert.ok(!isAmong(wrong, shippable), wrong)
  })

  it('are listed with what bears them, the most frequent first', () => {
    const table = licenceTable([
      {name: 'b', licence: 'MIT'},
      {name: 'c', licence: 'ISC'},
      {name: 'a', licence: 'MIT'},
    ])
    assert.match(table, /\| MIT \| 2 \| a, b \|\n\| ISC \| 1 \| c \|\n$/)
  })
})
