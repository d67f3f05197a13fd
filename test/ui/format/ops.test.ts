import assert from 'node:assert/strict'
import {formatOpsWait} from '../../../src/ui/format/ops.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const traits = {isTTY: false, color: false, unicode: false, width: 80, height: 24}
const result = {
  opId: '20261122T101500Z-deploy-1a2b3c',
  kind: 'deploy',
  environment: 'prod',
  startedAt: '2026-11-22T10:15:00.000Z',
  updatedAt: '2026-11-22T10:20:00.000Z',
  holder: {host: 'runner-7', pid: 1, user: 'ann'},
  wentOn: false,
} as const

describe('the page of ops wait', () => {
  it('says how the operation ended, and with it what comes next', async () => {
    const layout = await loadLayout(traits, '--local')
    const done = formatOpsWait({...result, state: 'done', exitCode: 0}, layout)
    assert.match(done, /^Operation 20261122T101500Z-deploy-1a2b3c is done\n[^]*Exit code +0\n/)
    assert.match(done, /pi-aws status prod --local/)
    assert.doesNotMatch(done, /Reason|ops resume/)
    const failed = formatOpsWait({...result, state: 'failed', exitCode: 14, reason: 'STACK_ROLLED_BACK: no'}, layout)
    assert.match(
      failed,
      /Exit code +14\nReason +STACK_ROLLED_BACK: no\n[^]*pi-aws ops resume \S+ --environment prod --local/,
    )
  })

  it('says of one that nobody drives any more that it is broken off', async () => {
    const layout = await loadLayout(traits, '')
    const open = formatOpsWait({...result, state: 'open', exitCode: 13}, layout)
    assert.match(open, /is broken off\n[^]*pi-aws ops abort 20261122T101500Z-deploy-1a2b3c --environment prod/)
  })
})
