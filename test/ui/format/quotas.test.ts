import assert from 'node:assert/strict'
import type {QuotaFinding} from '../../../src/domain/quotas/judge.ts'
import {
  formatQuotasCheck,
  formatQuotasHistory,
  formatQuotasList,
  formatQuotasRequest,
} from '../../../src/ui/format/quotas.ts'
import {loadLayout} from '../../../src/ui/format/layout.ts'

const layout = await loadLayout({isTTY: false, width: 80, colours: 0, unicode: false} as never, '--local')

const row = (key: string, verdict: QuotaFinding['verdict'], more: Partial<QuotaFinding> = {}): QuotaFinding => ({
  ...{key, service: 'vpc', code: 'L-1', scope: 'region', limit: 5, limitSource: 'applied', used: 4, need: 2},
  ...{headroom: -1, verdict, reason: '4 of 5 are used, 2 more are needed, 1 too many'},
  ...more,
})

const request = {
  id: 'r1',
  key: 'vpcs',
  service: 'vpc',
  code: 'L-1',
  name: 'VPCs',
  desired: 9,
  status: 'PENDING',
  createdAt: '2026-01-01T00:00:00.000Z',
}

describe('pages on quotas', () => {
  it('a line for each quota, and under each that is short why, and the command that asks for more', () => {
    const text = formatQuotasCheck(
      {
        mode: 'deploy',
        verdict: 'SHORT',
        rows: [
          row('vpcs', 'SHORT'),
          row('groups', 'UNKNOWN', {limit: null, used: null, headroom: null, reason: 'refused'}),
          row('stacks', 'TIGHT'),
          row('keys', 'OK'),
        ],
      },
      new Map([['vpcs', ['pi-aws quotas request vpcs --to 6 --environment prod']]]),
      layout,
    )
    assert.match(text, /^Quotas for deploy: 4 limits met\nSHORT\n/)
    assert.match(text, /SHORT +vpcs +5 +4 +2 +-1 +applied +region/)
    assert.match(text, /UNKNOWN +groups +- +- +2 +-/)
    assert.match(
      text,
      /SHORT vpcs: 4 of 5 are used, 2 more are needed, 1 too many\.\nNext steps\n.*pi-aws quotas request vpcs --to 6 --environment prod --local/,
    )
    assert.match(text, /UNKNOWN groups: refused\./)
    assert.doesNotMatch(text, /(OK|TIGHT) \w+: /)
  })

  it('lists, requests and their history', () => {
    const listed = {
      key: 'vpcs',
      title: 'VPCs',
      service: 'vpc',
      code: 'L-1',
      scope: 'region',
      limit: 5,
      limitSource: 'applied',
      default: 5,
      adjustable: true,
      source: 's',
      asOf: '2026-11',
    } as const
    const list = formatQuotasList(
      {region: 'eu-west-1', rows: [listed, {...listed, key: 'alarms', code: '', limit: null}]},
      layout,
    )
    assert.match(list, /vpcs +5 +applied +region +on request +vpc L-1 +VPCs/)
    assert.match(list, /alarms +- +applied +region +no +- +VPCs/)
    assert.match(
      formatQuotasRequest({key: 'vpcs', limit: 5, made: true, request}, layout),
      /AWS was asked for 9 of vpcs/,
    )
    assert.match(
      formatQuotasRequest({key: 'vpcs', limit: 5, made: false, request}, layout),
      /A request for vpcs is open already/,
    )
    const {key: _key, ...stranger} = request
    assert.match(
      formatQuotasHistory({requests: [request, {...stranger, caseId: '77'}]}, layout),
      /vpcs +vpc L-1 +9 +PENDING[^]*- +vpc L-1 +9 +PENDING +2026-01-01T00:00:00.000Z +77/,
    )
    assert.match(formatQuotasHistory({requests: []}, layout), /asked for no quota/)
  })
})
