import assert from 'node:assert/strict'
import {assetsDiffLines, assetsListLines, assetsStatusLines} from '../../../src/ui/format/asset-lines.ts'

describe('assets as ndjson', () => {
  it('are a line each, and the rest is the result', () => {
    const asset = {path: 'images/a', kind: 'file', size: 1, in: ['folder', 'efs']} as const
    assert.deepEqual(assetsListLines({environment: 'demo', places: ['folder', 'efs'], assets: [asset]}), {
      lines: [{type: 'asset', ...asset}],
      rest: {environment: 'demo', places: ['folder', 'efs'], count: 1},
    })
    const place = {place: 'efs', files: 1, bytes: 1, categories: {images: 1}} as const
    const status = {environment: 'demo', bundle: 'b', uploadedAt: 't', same: 1, different: 0}
    assert.deepEqual(assetsStatusLines({...status, places: [place]}), {
      lines: [{type: 'place', ...place}],
      rest: status,
    })
  })

  it('tell differences in one form, wherever they are', () => {
    const changed = {path: 'd', reason: 'content', in: ['bucket', 'efs']} as const
    const places = ['folder', 'bucket', 'efs'] as const
    const {lines, rest} = assetsDiffLines({
      environment: 'demo',
      places,
      same: 3,
      onlyFolder: ['a'],
      onlyBucket: ['b'],
      onlyEfs: ['c'],
      changed: [changed],
    })
    assert.deepEqual(
      [...lines],
      [
        {type: 'difference', path: 'a', reason: 'missing', in: ['folder']},
        {type: 'difference', path: 'b', reason: 'missing', in: ['bucket']},
        {type: 'difference', path: 'c', reason: 'missing', in: ['efs']},
        {type: 'difference', ...changed},
      ],
    )
    assert.deepEqual(rest, {environment: 'demo', places, same: 3, different: 4})
  })
})
