import assert from 'node:assert/strict'
import type {SideloadResult} from '../../../src/flows/sideload/options.ts'
import {formatFilesGet, formatFilesLs} from '../../../src/ui/format/files.ts'
import {type Layout, loadLayout} from '../../../src/ui/format/layout.ts'
import {formatSideload, formatVerify} from '../../../src/ui/format/sideload.ts'
import {traitsOf} from '../../../src/ui/theme.ts'

const done: SideloadResult = {
  environment: 'prod',
  opId: '20260102T030405Z-sideload-abcdef',
  state: 'done',
  bundle: '20260102T030405Z-upload-abcdef',
  generation: 1,
  copied: 3,
  skipped: 2,
  removed: 1,
  failed: 0,
  bytes: 2048,
  files: [{path: 'svg/a', result: 'copied'}],
}

describe('what side-loads print', () => {
  let layout: Layout
  before(async () => {
    layout = await loadLayout(traitsOf({}, {LANG: 'C.UTF-8'}))
  })

  it('is what was done, and how to go on where there is something left', () => {
    const text = formatSideload(done, layout)
    assert.match(text, /Side-load of prod is done/)
    assert.match(text, /3 copied, 2 skipped, 1 removed, 0 failed/)
    assert.doesNotMatch(text, /svg\/a/)
    assert.match(text, /Next steps[^]*pi-aws sideload verify prod/)
    assert.match(formatSideload({...done, state: 'running', bundle: '', generation: 0}, layout), /sideload wait 2026/)
    assert.match(formatSideload({...done, state: 'failed'}, layout), /ops resume 2026/)
  })

  it('names the files that failed, as many as a page takes', () => {
    const files = Array.from({length: 25}, (_, index) => ({path: `svg/${index}\n`, result: 'failed', reason: 'full'}))
    const text = formatSideload({...done, state: 'failed', failed: 25, files}, layout)
    assert.match(text, /svg\/0/)
    assert.match(text, /and 5 more/)
    assert.match(text, /Mend what the reasons name/)
  })

  it('of a verification is what differs', () => {
    const {environment, opId, bundle, generation} = done
    const same = {
      environment,
      opId,
      bundle,
      generation,
      thorough: true,
      same: 3,
      changed: 0,
      missing: 0,
      failed: 0,
      bytes: 1,
    }
    assert.match(formatVerify({...same, files: []}, layout), /are what the bundle says/)
    const files = [{path: 'svg/gone', result: 'missing'}]
    const text = formatVerify({...same, thorough: false, missing: 1, files}, layout)
    assert.match(text, /are not what the bundle says[^]*missing[^]*svg\/gone[^]*sideload start prod/)
  })

  it('of files is a table, or a line', () => {
    const entries = [
      {path: 'svg', kind: 'directory' as const, size: 0, modifiedAt: '2026-01-02T03:04:05.000Z'},
      {path: 'x.css', kind: 'file' as const, size: 2048, modifiedAt: '2026-01-02T03:04:05.000Z'},
    ]
    const listed = {environment: 'prod', generation: 1, path: '', entries}
    assert.match(formatFilesLs(listed, layout), /folder[^]*svg[^]*file[^]*2.0 KiB[^]*x\.css/)
    assert.equal(formatFilesLs({...listed, entries: []}, layout), 'Generation 1 of prod is empty.\n')
    assert.equal(formatFilesLs({...listed, path: 'svg', entries: []}, layout), 'svg is empty.\n')
    const got = {environment: 'prod', generation: 1, path: 'svg/a', file: '/x/a', bytes: 1, sha256: 'abc'}
    assert.match(formatFilesGet(got, layout), /svg\/a is here[^]*\/x\/a[^]*abc/)
  })
})
