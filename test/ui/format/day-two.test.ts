import assert from 'node:assert/strict'
import type {DriftResult} from '../../../src/flows/drift/drift.ts'
import type {UpgradePlan} from '../../../src/flows/upgrade/options.ts'
import {formatDrift} from '../../../src/ui/format/drift.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'
import {formatUpgrade} from '../../../src/ui/format/upgrade.ts'

const layout = () => loadLayout({isTTY: false, color: false, unicode: true, width: 80, height: 24})

const plan: UpgradePlan = {
  environment: 'demo',
  tag: {from: '2026_10', to: '2026_11'},
  images: [
    {
      name: 'server',
      from: {reference: 'r/server:2026_10', digest: `sha256:${'a'.repeat(64)}`},
      to: {reference: 'r/server:2026_11', digest: `sha256:${'b'.repeat(64)}`},
      same: false,
    },
    {name: 'pirana', to: {reference: 'r/pirana:2026_11'}, same: false},
  ],
  templates: [{part: 'files', from: '1.0.1', to: '1.0.2', notes: ['results expire']}],
  parts: [
    {part: 'app', stack: 'pi-demo-app', action: 'update', changes: []},
    {part: 'files', stack: 'pi-demo-files', action: 'unchanged', changes: []},
  ],
  downtime: ['users get a 503 page'],
  warnings: ['it does not come back'],
  snapshotFirst: true,
  file: 'pi-aws.yaml',
}

describe('the page of upgrade', () => {
  it('shows digests, notes, downtime and warnings, and the command that does it', async () => {
    const page = formatUpgrade({state: 'planned', plan}, await layout())
    assert.match(page, /server +2026_10 sha256:a{12} +2026_11 sha256:b{12}\n/)
    assert.match(page, /pirana +- +2026_11\n/)
    assert.match(page, /Template files: 1\.0\.1 -> 1\.0\.2\n.*files: results expire/)
    assert.match(page, /Release +2026_10 -> 2026_11\n/)
    assert.match(page, /Written +images\.tag of pi-aws\.yaml\n/)
    assert.match(page, /503 page\n.*Mind: it does not come back/)
    assert.match(page, /pi-aws upgrade demo --tag 2026_11 --to-template/)
  })

  it('leads on when it is done, and says when there is nothing to do', async () => {
    const done = formatUpgrade({state: 'upgraded', plan, snapshot: '20261122t1015z-1', opId: 'op'}, await layout())
    assert.match(done, /^Environment demo runs 2026_11\n[^]*upgrade demo --rollback\n[^]*restore plan 20261122t1015z-1/)
    const bare = {...plan, images: [], templates: [], parts: [], downtime: [], warnings: [], snapshotFirst: false}
    const moved = {...bare, tag: {from: '2026_11', to: '2026_11'}}
    assert.match(
      formatUpgrade({state: 'upgraded', plan: moved}, await layout()),
      /Release +2026_11 \(stays\)[^]*first +no/,
    )
    assert.equal(
      formatUpgrade({state: 'unchanged', plan}, await layout()),
      'Environment demo runs 2026_11: nothing to upgrade\n',
    )
  })
})

describe('the page of drift', () => {
  it('shows what was added, removed, changed, deleted and not read', async () => {
    const resource = {part: 'app', stack: 'pi-demo-app', physicalId: 'p', type: 'AWS::X', weight: 'other'} as const
    const result: DriftResult = {
      environment: 'demo',
      verdict: 'drifted',
      checkedAt: '2026-11-22T10:15:00.000Z',
      stacks: [
        {
          ...{part: 'app', stack: 'pi-demo-app', verdict: 'drifted', inSync: 1, drifted: 2, notComparable: 3},
          unknown: ['pi-demo-app: Odd could not be read'],
        },
      ],
      resources: [
        {
          ...{...resource, name: 'Edge.Listener', state: 'modified', weight: 'access'},
          differences: [
            {path: '/A', kind: 'added', expected: '', actual: 'x'},
            {path: '/B', kind: 'removed', expected: 'y', actual: ''},
            {path: '/C', kind: 'changed', expected: '1'.repeat(80), actual: '2'},
          ],
        },
        {...resource, name: 'Gone', state: 'deleted', differences: []},
        {...resource, name: 'Odd', state: 'unknown', differences: []},
      ],
      notComparable: {'AWS::X': 2, 'AWS::Y': 1},
    }
    const page = formatDrift(result, await layout())
    assert.match(page, /Edge\.Listener of pi-demo-app \(AWS::X\): changed {2}decides access\n/)
    assert.match(page, /\/A: x was added\n.*\/B: y was removed\n.*\/C: 1{57}\.\.\. -> 2\n/)
    assert.match(page, /Gone of .*: gone\n[^]*Odd of .*: could not be read\n/)
    assert.match(page, /Not known\n.*Odd could not be read[^]*3 resources of 2 types CloudFormation cannot compare/)
    assert.match(page, /Next steps/)
    const calm = {...result, verdict: 'in-sync', resources: [], notComparable: {}, stacks: []} as const
    assert.doesNotMatch(formatDrift(calm, await layout()), /Next steps|cannot compare/)
  })
})
