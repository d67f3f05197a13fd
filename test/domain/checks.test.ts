import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Answer,
  checkCertificate,
  checkRange,
  checkZone,
  checkZones,
  covers,
  fail,
  ok,
  unknown,
} from '../../src/domain/checks.ts'

const arn = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a'
const issued = {arn, status: 'ISSUED', names: ['*.example.com']}
const hosts = ['bi.example.com', 'bi-pirana.example.com']
const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']

/** Check, its verdict, what its message says. */
const table: readonly (readonly [why: string, check: Answer, verdict: Answer['verdict'], message: RegExp])[] = [
  ['a private and free range', checkRange('10.20.0.0/16', []), 'OK', /private and free/],
  ['no range at all', checkRange('ten', []), 'FAIL', /is not an IPv4 range/],
  ['public address space', checkRange('11.0.0.0/16', []), 'FAIL', /public address space/],
  [
    'a range that is taken',
    checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: '', cidr: '10.0.0.0/8'}]),
    'FAIL',
    /overlaps 10\.0\.0\.0\/8 of vpc-1$/,
  ],
  [
    'a range that a named VPC has',
    checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: 'old', cidr: '10.20.0.0/16'}]),
    'FAIL',
    /old \(vpc-1\)/,
  ],
  ['a neighbour', checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: '', cidr: '10.21.0.0/16'}]), 'OK', /free/],
  [
    'a VPC whose range cannot be read',
    checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: '', cidr: '?'}]),
    'OK',
    /free/,
  ],
  ['enough zones', checkZones(2, zones, 'eu-west-1'), 'OK', /3 zones, 2 are used/],
  ['too few zones', checkZones(3, zones.slice(1), 'eu-west-1'), 'FAIL', /offers 2 zones, 3 are wanted/],
  ['named zones', checkZones(['eu-west-1a', 'eu-west-1c'], zones, 'eu-west-1'), 'OK', /are offered/],
  [
    'a zone that is not there',
    checkZones(['eu-west-1a', 'eu-west-1z'], zones, 'eu-west-1'),
    'FAIL',
    /^eu-west-1z not offered/,
  ],
  ['a zone named twice', checkZones(['eu-west-1a', 'eu-west-1a'], zones, 'eu-west-1'), 'FAIL', /named twice/],
  ['a certificate that covers', checkCertificate(arn, issued, hosts, 'eu-west-1'), 'OK', /issued and covering/],
  [
    'a certificate of another region',
    checkCertificate(arn, issued, hosts, 'eu-west-2'),
    'FAIL',
    /is in eu-west-1; the load balancer is in eu-west-2/,
  ],
  ['something that is no ARN', checkCertificate('x', undefined, hosts, 'eu-west-1'), 'FAIL', /is in ;/],
  ['a certificate that is not there', checkCertificate(arn, undefined, hosts, 'eu-west-1'), 'FAIL', /does not exist/],
  [
    'a certificate that waits',
    checkCertificate(arn, {...issued, status: 'PENDING_VALIDATION'}, hosts, 'eu-west-1'),
    'FAIL',
    /PENDING_VALIDATION, not ISSUED/,
  ],
  [
    'a certificate for one of two',
    checkCertificate(arn, {...issued, names: [hosts[0]!]}, hosts, 'eu-west-1'),
    'FAIL',
    /does not cover bi-pirana\.example\.com$/,
  ],
  [
    'a zone that holds both',
    checkZone('Z1', {domain: 'example.com', private: false}, hosts),
    'OK',
    /holds bi\.example\.com/,
  ],
  ['a zone that is the host', checkZone('Z1', {domain: 'example.com', private: false}, ['example.com']), 'OK', /holds/],
  ['a zone that is not there', checkZone('Z1', undefined, hosts), 'FAIL', /does not exist/],
  ['a private zone', checkZone('Z1', {domain: 'example.com', private: true}, hosts), 'FAIL', /is private/],
  [
    'a zone whose name only ends alike',
    checkZone('Z1', {domain: 'ample.com', private: false}, ['bi.example.com']),
    'FAIL',
    /does not hold/,
  ],
]

describe('checks', () => {
  for (const [why, check, verdict, message] of table) {
    it(`answer ${verdict} to ${why}`, () => {
      assert.equal(check.verdict, verdict)
      assert.match(check.reason, message)
    })
  }

  it('that say no give a next step, but for the two that have none', () => {
    const mute = table.filter(([, check]) => check.verdict === 'FAIL' && check.next.length === 0).map(([why]) => why)
    assert.deepEqual(mute, ['no range at all', 'a zone named twice', 'a private zone'])
  })

  it('are made in a few words', () => {
    assert.deepEqual(ok('b'), {verdict: 'OK', reason: 'b', next: []})
    assert.deepEqual(unknown('b', 'c', 'd'), {verdict: 'UNKNOWN', reason: 'b', next: ['c', 'd']})
    assert.deepEqual(fail('b', 'c'), {verdict: 'FAIL', reason: 'b', next: ['c']})
  })
})

describe('a certificate', () => {
  for (const [name, host, expected] of [
    ['example.com', 'example.com', true],
    ['EXAMPLE.com', 'example.com', true],
    ['*.example.com', 'bi.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', false],
    ['*.com', 'example.com', true],
    ['b*.example.com', 'bi.example.com', false],
    ['bi.example.com', 'example.com', false],
  ] as const) {
    it(`for ${name} ${expected ? 'covers' : 'does not cover'} ${host}`, () =>
      assert.equal(covers(name, host), expected))
  }

  it('with a wildcard covers one label more and nothing else', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
    fc.assert(
      fc.property(fc.array(label, {minLength: 2, maxLength: 4}), fc.array(label, {maxLength: 3}), (base, more) => {
        assert.equal(covers(`*.${base.join('.')}`, [...more, ...base].join('.')), more.length === 1)
      }),
    )
  })
})
