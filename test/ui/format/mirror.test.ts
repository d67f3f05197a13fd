import assert from 'node:assert/strict'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {formatMirror} from '../../../src/ui/format/mirror.ts'

const image = {
  ...{from: 'ghcr.io/pi-cr/server:2026_10', repository: 'pi-prod/server', digest: `sha256:${'ab'.repeat(32)}`},
  ...{bytes: 2048, bytesSent: 1024, present: 2, sent: 3},
}

describe('the page of a mirror', () => {
  it('says what is copied from where to where, and what comes next', async () => {
    const layout = await loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})
    const shared = {environment: 'prod', tag: '2026_10', images: [image], bytesSent: 1024, file: 'pi-aws.yaml'}
    const done = formatMirror({...shared, state: 'mirrored', registry: 'host/pi-prod'}, layout)
    assert.match(done, /release 2026_10, are in ECR/)
    for (const text of [
      image.from,
      image.repository,
      'sha256:abababababab',
      '2.0 KiB',
      '1.0 KiB',
      'host/pi-prod',
      'pi-aws deploy prod',
    ])
      assert.ok(done.includes(text), text)
    assert.match(formatMirror({...shared, state: 'unchanged'}, layout), /were in ECR already/)
    const planned = formatMirror({...shared, state: 'planned'}, layout)
    assert.match(planned, /would be copied[^]*To send[^]*pi-aws registry mirror prod/)
    assert.doesNotMatch(planned, /Written to/)
  })
})
