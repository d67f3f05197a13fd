import assert from 'node:assert/strict'
import {formatDestroy} from '../../../src/ui/format/destroy.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const layout = () => loadLayout({isTTY: true, color: false, unicode: true, width: 80, height: 24})
const long = `pi-demo-g1-1e49f321-snapshot-${'4'.repeat(60)}`
const result = {
  ...{environment: 'demo', removed: ['pi-demo-app'], state: 'done', changed: true, opId: 'op'},
  keptDetails: [
    {what: 'Database snapshot', id: `arn:aws:rds:eu-west-1:1:snapshot:${long}`, costs: 'by GB and month'},
    {what: 'Database secret', id: 'secret', costs: 'each month'},
    {what: 'Database snapshot', id: 'second', costs: 'by GB and month'},
  ],
} as unknown as Parameters<typeof formatDestroy>[0]

describe('the page of destroy', () => {
  it('tells what stays by what it costs, with names that are never cut', async () => {
    const page = formatDestroy(result, await layout())
    const groups = `Database snapshot (by GB and month)\n  • ${long}\n  • second\nDatabase secret (each month)\n  • secret\n`
    assert.ok(page.includes(groups), page)
    assert.match(page, /Bring it back with its data: pi-aws deploy demo\n/)
  })

  it('names nothing that stays, and no next step, where all is gone', async () => {
    const page = formatDestroy({...result, keptDetails: []}, await layout())
    assert.doesNotMatch(page, /stay|Next steps/)
  })
})
