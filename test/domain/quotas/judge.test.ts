import assert from 'node:assert/strict'
import fc from 'fast-check'
import {resourcesOf} from '../../../src/domain/datasheet/resources.ts'
import {demandOf} from '../../../src/domain/quotas/demand.ts'
import {nothingStands, type Standing} from '../../../src/domain/quotas/standing.ts'
import {interfacesOf, isStandard, vcpuOf} from '../../../src/domain/quotas/instances.ts'
import {
  adds,
  byUrgency,
  judge,
  meets,
  overall,
  type QuotaFacts,
  type QuotaFinding,
} from '../../../src/domain/quotas/judge.ts'
import {quotaCalled} from '../../../src/domain/quotas/rows.ts'
import {cannotRoll, rollingCount} from '../../../src/domain/quotas/tasks.ts'
import {requestCommand, waysOut, wanted} from '../../../src/domain/quotas/ways-out.ts'
import type {Thing} from '../../../src/domain/quotas/model.ts'
import type {QuotaMode} from '../../../src/domain/quotas/modes.ts'
import {demo, environmentOf, packageTemplates, refusal} from '../samples.ts'

const templates = packageTemplates()

function demandFor(mode: QuotaMode = 'deploy', settings: object = {}, standing: Standing = nothingStands) {
  const resources = resourcesOf(demo, environmentOf({domain: {httpOnly: true}, ...settings}), templates, {
    zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  })
  return demandOf(mode, resources, standing)
}

function facts(limit: number | undefined, used: number, more: Partial<QuotaFacts> = {}): QuotaFacts {
  return {limit: {value: limit, source: 'applied'}, used: {value: new Map([['', used]])}, things: [], ...more}
}

const vpcs = quotaCalled('vpcs')

describe('the verdict on a quota', () => {
  const cases: readonly (readonly [what: string, facts: QuotaFacts, verdict: string, headroom: number | null])[] = [
    ['with room', facts(5, 1), 'OK', 3],
    ['at four fifths exactly', facts(5, 3), 'OK', 1],
    ['over four fifths', facts(5, 4), 'TIGHT', 0],
    ['one too few', facts(5, 5), 'SHORT', -1],
    ['without any', facts(0, 0), 'SHORT', -1],
    ['without a limit', facts(undefined, 0), 'UNKNOWN', null],
    ['where nobody could count', facts(5, 0, {used: {failure: 'denied'}}), 'UNKNOWN', null],
    [
      'where nobody could count and the limit is less than the need',
      facts(0, 0, {used: {failure: 'denied'}}),
      'SHORT',
      null,
    ],
    [
      'with a stale limit because of a failure',
      {...facts(5, 0), limit: {value: 5, source: 'stale', failure: 'denied'}},
      'UNKNOWN',
      4,
    ],
    [
      'with a stale limit that would be short',
      {...facts(5, 9), limit: {value: 5, source: 'stale', failure: 'denied'}},
      'UNKNOWN',
      -5,
    ],
    ['with a limit that only ships', {...facts(5, 0), limit: {value: 5, source: 'stale'}}, 'OK', 4],
    ['with a usage metric that sees more', facts(5, 0, {metric: {value: 5}}), 'SHORT', -1],
    ['with a usage metric without a value', facts(5, 1, {metric: {value: undefined}}), 'OK', 3],
    ['with a usage metric that cannot be read', facts(5, 0, {metric: {failure: 'denied'}}), 'UNKNOWN', 4],
  ]
  for (const [what, given, verdict, headroom] of cases) {
    it(what, () => {
      const finding = judge(vpcs, demandFor(), given)
      assert.deepEqual([finding.verdict, finding.headroom], [verdict, headroom], finding.reason)
      assert.notEqual(finding.reason, '')
    })
  }

  it('says why nobody knows', () => {
    const unknown = {
      ...facts(undefined, 0),
      limit: {value: undefined, source: 'stale', failure: 'no right to list'} as const,
    }
    assert.match(judge(vpcs, demandFor(), unknown).reason, /the limit could not be read: no right to list/)
    assert.match(judge(vpcs, demandFor(), facts(undefined, 0)).reason, /AWS tells no limit/)
    assert.match(
      judge(vpcs, demandFor(), facts(5, 0, {used: {failure: 'no right'}})).reason,
      /could not be counted: no right/,
    )
    assert.match(
      judge(vpcs, demandFor(), facts(5, 0, {metric: {failure: 'no right'}})).reason,
      /usage metric could not be read/,
    )
  })

  it('is decided by the worst zone, which is named', () => {
    const row = quotaCalled('nat-gateways')
    const used = new Map([
      ['eu-west-1a', 1],
      ['eu-west-1b', 5],
      ['eu-west-1c', 9],
    ])
    const finding = judge(row, demandFor('deploy', {preset: 'standard'}), facts(5, 0, {used: {value: used}}))
    assert.deepEqual([finding.used, finding.verdict], [5, 'SHORT'])
    assert.equal(finding.reason, 'eu-west-1b: 5 of 5 are used, 1 more is needed, 1 too many')
  })

  it('does not name the reference of what is not made yet', () => {
    assert.match(
      judge(quotaCalled('subnets'), demandFor(), facts(200, 0)).reason,
      /^in a new one: 0 of 200 are used, 6 more are needed$/,
    )
  })

  it('counts what our own VPC has once it stands', () => {
    const standing: Standing = {...nothingStands, physical: new Map([['network/Vpc', 'vpc-9']])}
    const used = new Map([
      ['vpc-9', 4],
      ['vpc-8', 200],
    ])
    const finding = judge(
      quotaCalled('subnets'),
      demandFor('deploy', {}, standing),
      facts(200, 0, {used: {value: used}}),
    )
    assert.deepEqual([finding.used, finding.need], [4, 6])
  })

  it('takes the addresses of a subnet from its range, and of an existing one from the account', () => {
    const row = quotaCalled('subnet-addresses')
    const small = judge(row, demandFor('deploy', {network: {cidr: '10.0.0.0/22'}}), facts(undefined, 0))
    assert.deepEqual([small.limit, small.need, small.limitSource], [59, 9, 'template'])
    const ids = (letter: string) => [`subnet-0${letter}1`, `subnet-0${letter}2`]
    const network = {
      existing: {
        vpc: 'vpc-0a',
        cidr: '10.0.0.0/16',
        publicSubnets: ids('a'),
        applicationSubnets: ids('b'),
        dataSubnets: ids('c'),
      },
    }
    const things: Thing[] = [...ids('a'), ...ids('b'), ...ids('c')].map((id) => {
      const free = id === 'subnet-0a2' ? 7 : 100
      return {id, within: 'vpc-0a', amount: 1, counts: {size: 251, free}}
    })
    const taken = row.counts?.(things, []) ?? new Map<string, number>()
    const finding = judge(row, demandFor('deploy', {network}), facts(undefined, 0, {things, used: {value: taken}}))
    assert.deepEqual([finding.limit, finding.used, finding.need, finding.verdict], [251, 244, 8, 'SHORT'])
    assert.match(finding.reason, /^subnet-0a2: /)
  })

  it('never gets better with more used, less limit or more need', () => {
    const rank = {OK: 0, TIGHT: 1, SHORT: 2, UNKNOWN: 3}
    const amounts = fc.integer({min: 0, max: 50})
    fc.assert(
      fc.property(amounts, amounts, amounts, (limit, used, more) => {
        const verdict = (value: number, taken: number) => rank[judge(vpcs, demandFor(), facts(value, taken)).verdict]
        assert.ok(verdict(limit, used + more) >= verdict(limit, used))
        assert.ok(verdict(limit + more, used) <= verdict(limit, used))
      }),
      {numRuns: 25},
    )
  })

  it('sorts the worst first', () => {
    const row = (key: string, verdict: QuotaFinding['verdict'], used: number | null): QuotaFinding => ({
      ...{key, service: 's', code: 'c', scope: 'region', limit: 10, limitSource: 'applied', used, need: 1, headroom: 0},
      ...{verdict, reason: 'r'},
    })
    const rows = [
      row('a', 'OK', 1),
      row('b', 'TIGHT', 8),
      row('c', 'UNKNOWN', null),
      row('d', 'SHORT', 10),
      row('e', 'SHORT', 20),
      row('f', 'OK', 1),
    ]
    assert.deepEqual(
      rows.toSorted(byUrgency).map(({key}) => key),
      ['e', 'd', 'c', 'b', 'a', 'f'],
    )
    assert.equal(overall(rows), 'SHORT')
    assert.equal(overall([]), 'OK')
  })

  it('leaves out what a configuration never meets', () => {
    assert.equal(meets(quotaCalled('instance-vcpu'), demandFor()), false)
    assert.equal(meets(quotaCalled('instance-vcpu'), demandFor('deploy', {compute: 'ec2'})), true)
    assert.equal(adds(quotaCalled('vpcs'), demandFor()), true)
  })
})

describe('tasks of a release', () => {
  it('are rounded down, as ECS does it', () => {
    assert.equal(rollingCount({maximumPercent: 150}, 3), 4)
    assert.equal(rollingCount({maximumPercent: 200}, 3), 6)
    assert.equal(rollingCount({maximumPercent: 100}, 3), 3)
  })

  it('can never be replaced where none may be added and none may stop', () => {
    const shape = {...demandFor().tasks.services[0]!, count: 1, maximumPercent: 150, minimumHealthyPercent: 100}
    assert.equal(cannotRoll(shape), true)
    assert.equal(cannotRoll({...shape, count: 2}), false)
    assert.equal(cannotRoll({...shape, maximumPercent: 200}), false)
    assert.equal(cannotRoll({...shape, minimumHealthyPercent: 0}), false)
    assert.equal(cannotRoll({...shape, count: 0}), false)
  })

  it('start from what runs: a deploy over a scaled-out service asks for its surge', () => {
    const shape = demandFor('deploy', {preset: 'standard'}).tasks.services.find(({name}) => name === 'renderer')
    assert(shape !== undefined)
    const live = (desired: number, running: number): Standing => ({
      ...nothingStands,
      physical: new Map([[shape.reference, 'arn:renderer']]),
      services: new Map([['arn:renderer', {desired, running}]]),
    })
    const need = (desired: number, running: number) =>
      demandFor('deploy', {preset: 'standard'}, live(desired, running)).tasks.counts.get(shape.reference)
    assert.equal(need(3, 3), 6)
    assert.equal(need(0, 0), 4, 'a quiesced service comes back with its start count')
    assert.equal(demandFor('deploy', {preset: 'standard'}, live(3, 3)).tasks.vcpu.fargate, 5 + 6 - 3)
  })
})

describe('instances', () => {
  it('count against one quota by their family', () => {
    for (const type of ['m6i.xlarge', 't3.micro', 'c7g.large', 'r5.2xlarge', 'z1d.large'])
      assert.ok(isStandard(type), type)
    for (const type of ['p4d.24xlarge', 'g5.xlarge', 'inf2.xlarge', 'x2idn.16xlarge', 'trn1.2xlarge', 'dl1.24xlarge'])
      assert.ok(!isStandard(type), type)
  })

  it('have the vCPU and interfaces of their size', () => {
    assert.deepEqual(
      ['m6i.large', 'm6i.xlarge', 'm6i.2xlarge', 'm6i.24xlarge', 'm6i.metal'].map(vcpuOf),
      [2, 4, 8, 96, 0],
    )
    assert.deepEqual(['m6i.large', 'm6i.xlarge', 'm6i.4xlarge', 'm6i.24xlarge'].map(interfacesOf), [3, 4, 8, 15])
  })
})

describe('ways out of a short quota', () => {
  const short = (key: string, mode: QuotaMode = 'deploy', settings: object = {}) => {
    const row = quotaCalled(key)
    const demand = demandFor(mode, settings)
    const finding = judge(row, demand, facts(0, 0))
    return waysOut(row, finding, demand, 'prod')
  }

  it('begin with the command that asks AWS for as much as is needed', () => {
    assert.equal(short('vpcs')[0], 'pi-aws quotas request vpcs --to 1 --environment prod')
    assert.equal(short('fargate-vcpu', 'restore')[0], 'pi-aws quotas request fargate-vcpu --to 5 --environment prod')
    assert.equal(wanted({used: null, need: 4.5} as QuotaFinding), 5)
  })

  it('tell where AWS raises nothing', () => {
    assert.deepEqual(short('backup-plans'), ['AWS does not raise this limit: remove what nobody uses'])
    assert.equal(requestCommand(quotaCalled('alarms'), {used: 0, need: 1} as QuotaFinding, 'prod'), undefined)
    for (const key of ['elastic-ips', 'subnet-addresses', 'manual-snapshots', 'instance-interfaces'])
      assert.notEqual(short(key).at(-1), undefined)
    assert.equal(short('buckets').length, 1)
  })

  it('explain why a release needs twice the vCPU, and what helps', () => {
    const lines = short('fargate-vcpu', 'update', {preset: 'standard'}).join('\n')
    assert.match(lines, /side by side: renderer \(4 tasks, 200 %\), pirana \(4 tasks, 200 %\)/)
    assert.match(lines, /RendererOverlap and PiranaOverlap to false/)
    assert.match(lines, /preset: small/)
    assert.doesNotMatch(short('fargate-vcpu', 'scale').join('\n'), /side by side/)
  })

  it('an unknown key is told with the nearest', () => {
    assert.throws(() => quotaCalled('vpc'), refusal('UNKNOWN_QUOTA', /there is no "vpc"/))
  })
})
