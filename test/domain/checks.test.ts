import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type Check,
  checkCertificate,
  checkRange,
  checkZone,
  checkZones,
  covers,
  no,
  ok,
} from '../../src/domain/checks.ts'

const arn = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a'
const issued = {arn, status: 'ISSUED', names: ['*.example.com']}
const hosts = ['bi.example.com', 'bi-pirana.example.com']
const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']

/** Check, its verdict, what its message says. */
const table: readonly (readonly [why: string, check: Check, verdict: Check['verdict'], message: RegExp])[] = [
  ['a private and free range', checkRange('10.20.0.0/16', []), 'ok', /private and free/],
  ['no range at all', checkRange('ten', []), 'no', /is not an IPv4 range/],
  ['public address space', checkRange('11.0.0.0/16', []), 'no', /public address space/],
  [
    'a range that is taken',
    checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: '', cidr: '10.0.0.0/8'}]),
    'no',
    /overlaps 10\.0\.0\.0\/8 of vpc-1$/,
  ],
  [
    'a range that a named VPC has',
    checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: 'old', cidr: '10.20.0.0/16'}]),
    'no',
    /old \(vpc-1\)/,
  ],
  ['a neighbour', checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: '', cidr: '10.21.0.0/16'}]), 'ok', /free/],
  [
    'a VPC whose range cannot be read',
    checkRange('10.20.0.0/16', [{vpcId: 'vpc-1', name: '', cidr: '?'}]),
    'ok',
    /free/,
  ],
  ['enough zones', checkZones(2, zones, 'eu-west-1'), 'ok', /3 zones, 2 are used/],
  ['too few zones', checkZones(3, zones.slice(1), 'eu-west-1'), 'no', /offers 2 zones, 3 are wanted/],
  ['named zones', checkZones(['eu-west-1a', 'eu-west-1c'], zones, 'eu-west-1'), 'ok', /are offered/],
  [
    'a zone that is not there',
    checkZones(['eu-west-1a', 'eu-west-1z'], zones, 'eu-west-1'),
    'no',
    /^eu-west-1z not offered/,
  ],
  ['a zone named twice', checkZones(['eu-west-1a', 'eu-west-1a'], zones, 'eu-west-1'), 'no', /named twice/],
  ['a certificate that covers', checkCertificate(arn, issued, hosts, 'eu-west-1'), 'ok', /issued and covering/],
  [
    'a certificate of another region',
    checkCertificate(arn, issued, hosts, 'eu-west-2'),
    'no',
    /is in eu-west-1; the load balancer is in eu-west-2/,
  ],
  ['something that is no ARN', checkCertificate('x', undefined, hosts, 'eu-west-1'), 'no', /is in ;/],
  ['a certificate that is not there', checkCertificate(arn, undefined, hosts, 'eu-west-1'), 'no', /does not exist/],
  [
    'a certificate that waits',
    checkCertificate(arn, {...issued, status: 'PENDING_VALIDATION'}, hosts, 'eu-west-1'),
    'no',
    /PENDING_VALIDATION, not ISSUED/,
  ],
  [
    'a certificate for one of two',
    checkCertificate(arn, {...issued, names: [hosts[0]!]}, hosts, 'eu-west-1'),
    'no',
    /does not cover bi-pirana\.example\.com$/,
  ],
  [
    'a zone that holds both',
    checkZone('Z1', {domain: 'example.com', private: false}, hosts),
    'ok',
    /holds bi\.example\.com/,
  ],
  ['a zone that is the host', checkZone('Z1', {domain: 'example.com', private: false}, ['example.com']), 'ok', /holds/],
  ['a zone that is not there', checkZone('Z1', undefined, hosts), 'no', /does not exist/],
  ['a private zone', checkZone('Z1', {domain: 'example.com', private: true}, hosts), 'no', /is private/],
  [
    'a zone whose name only ends alike',
    checkZone('Z1', {domain: 'ample.com', private: false}, ['bi.example.com']),
    'no',
    /does not hold/,
  ],
]

describe('checks', () => {
  for (const [why, check, verdict, message] of table) {
    it(`answer ${verdict} to ${why}`, () => {
      assert.equal(check.verdict, verdict)
      assert.match(check.message, message)
    })
  }

  it('that say no give a next step, but for the two that have none', () => {
    const mute = table
      .filter(([, check]) => check.verdict === 'no' && check.suggestion === undefined)
      .map(([why]) => why)
    assert.deepEqual(mute, ['no range at all', 'a zone named twice', 'a private zone'])
  })

  it('are made in two words', () => {
    assert.deepEqual(ok('a', 'b'), {name: 'a', verdict: 'ok', message: 'b'})
    assert.deepEqual(no('a', 'b'), {name: 'a', verdict: 'no', message: 'b'})
    assert.deepEqual(no('a', 'b', 'c'), {name: 'a', verdict: 'no', message: 'b', suggestion: 'c'})
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
