import assert from 'node:assert/strict'
import type {Check} from '../../../src/domain/checks.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {formatPolicy} from '../../../src/ui/format/policy.ts'
import {formatPreflight} from '../../../src/ui/format/preflight.ts'

const traits = {isTTY: false, color: false, unicode: true, width: 80, height: 24}
const checks: readonly Check[] = [
  {name: 'account', verdict: 'OK', reason: 'right', next: []},
  {name: 'clock', verdict: 'SKIP', reason: 'passed over, as asked', next: []},
  {name: 'backup-services', verdict: 'WARN', reason: 'opted out', next: ['aws backup x']},
  {name: 'permissions', verdict: 'FAIL', reason: 'may not', next: ['pi-aws policy print prod']},
  {name: 'quotas', verdict: 'UNKNOWN', reason: 'denied', next: ['aws backup x']},
]

describe('the page of preflight', () => {
  it('has the worst first, each bad one in full, and each next step once', async () => {
    const page = formatPreflight({environment: 'prod', ok: false, checks}, await loadLayout(traits))
    assert.match(page, /^A deploy of prod must not begin\n/)
    const names = [...page.matchAll(/^(\S+) +(?:OK|WARN|FAIL|SKIP|UNKNOWN) /gm)].map(([, name]) => name)
    assert.deepEqual(names, ['permissions', 'quotas', 'backup-services', 'account', 'clock'])
    assert.match(page, /FAIL permissions: may not\n/)
    assert.equal(page.split('aws backup x').length, 2)
    assert.doesNotMatch(page, /pi-aws deploy prod/)
  })

  it('that is well leads to deploy, in colours that mean the same as the words', async () => {
    const result = {environment: 'prod', ok: true, checks: checks.filter(({verdict}) => verdict !== 'FAIL')}
    const page = formatPreflight(result, await loadLayout({...traits, color: true}))
    assert.match(page, /pi-aws deploy prod/)
    assert.ok(page.includes('\u001B[32mOK'), page)
    const red = formatPreflight({environment: 'prod', ok: false, checks}, await loadLayout({...traits, color: true}))
    assert.ok(red.includes('\u001B[31mFAIL'), red)
  })
})

describe('the page of policy print', () => {
  const one = {name: 'pi-aws', document: {Version: '2012-10-17' as const, Statement: []}}

  it('is what IAM takes where it is one, and named policies where there are more', () => {
    assert.deepEqual(JSON.parse(formatPolicy({environment: 'prod', policies: [one]})), one.document)
    assert.deepEqual(JSON.parse(formatPolicy({environment: 'prod', policies: [one, one]})), [one, one])
  })
})
