import assert from 'node:assert/strict'
import type {UploadAssetsResult} from '../../../src/flows/assets/upload.ts'
import {type Layout, loadLayout} from '../../../src/ui/format/layout.ts'
import {formatUploadAssets} from '../../../src/ui/format/upload-assets.ts'
import {traitsOf} from '../../../src/ui/theme.ts'

describe('what an upload of assets prints', () => {
  let layout: Layout
  before(async () => {
    layout = await loadLayout(traitsOf({}, {LANG: 'C.UTF-8'}))
  })
  const result = (changed: boolean, more: Partial<UploadAssetsResult> = {}): UploadAssetsResult => ({
    environment: 'prod',
    opId: '20260102T030405Z-upload-abcdef',
    changed,
    manifestKey: 'bundles/a.ndjson',
    dryRun: false,
    sent: changed ? 2 : 0,
    skipped: 1,
    removed: 0,
    bytes: 2048,
    requests: 9,
    seconds: 1.2,
    ...more,
  })

  it('is one line of counts, and what brings them into the file system', () => {
    const text = formatUploadAssets(result(true), layout)
    assert.match(text, /Assets of prod uploaded\n2 sent, 1 skipped, 0 removed, 2\.0 KiB in 1\.2s \(9 requests\)/)
    assert.match(text, /Next steps[^]*pi-aws sideload start prod/)
  })

  it('of nothing new says so, and that is all', () => {
    const text = formatUploadAssets(result(false), layout)
    assert.match(text, /Assets of prod: nothing to change/)
    assert.doesNotMatch(text, /Next steps/)
  })

  it('of a dry run is what would be sent and left out', () => {
    const changes = [
      {change: 'sent', size: 10, path: 'svg/a'} as const,
      {change: 'removed', size: 5, path: 'svg/b'} as const,
    ]
    const text = formatUploadAssets(result(true, {dryRun: true, changes}), layout)
    assert.match(text, /as it would be[^]*send[^]*svg\/a[^]*leave out[^]*svg\/b[^]*nothing was changed/)
    const many = Array.from({length: 60}, (_, index) => ({change: 'sent', size: 1, path: `svg/${index}`}) as const)
    assert.match(formatUploadAssets(result(true, {dryRun: true, changes: many}), layout), /and 10 more/)
  })
})
