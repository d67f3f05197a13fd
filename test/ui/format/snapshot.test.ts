import assert from 'node:assert/strict'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {formatSnapshotList} from '../../../src/ui/format/snapshot.ts'

const layout = () => loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24}, '--local')

describe('the list of snapshots', () => {
  it('says how to take the first one', async () => {
    const page = formatSnapshotList({environment: 'demo', snapshots: [], incomplete: []}, await layout())
    assert.equal(page, 'Environment demo has no snapshots.\n\nNext steps\n  • pi-aws snapshot create demo --local\n')
  })

  it('names apart what is not whole, and all next steps once', async () => {
    const incomplete = [{id: '20260102t030405z-abcdef', state: 'paused'}]
    const page = formatSnapshotList({environment: 'demo', snapshots: [], incomplete}, await layout())
    assert.match(page, /\nNot whole +State\n20260102t030405z-abcdef +paused\n/)
    assert.match(page, /Next steps\n.* snapshot create demo --local\n.* snapshot gc demo --local\n$/)
    assert.equal(page.split('Next steps').length, 2)
  })
})

describe('next steps', () => {
  it('bear the flags of the present command, but for help and for the embedded AWS itself', async () => {
    const {step} = await layout()
    assert.equal(step('Look again: pi-aws status demo'), 'Look again: pi-aws status demo --local')
    for (const whole of ['pi-aws local stop', 'pi-aws snapshot create --help', 'Point the name at it']) {
      assert.equal(step(whole), whole)
    }
  })
})
