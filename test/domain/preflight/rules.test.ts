import assert from 'node:assert/strict'
import type {Answer} from '../../../src/domain/checks.ts'
import type {EnvironmentConfiguration} from '../../../src/domain/configuration.ts'
import {checkSkew} from '../../../src/domain/preflight/clock-skew.ts'
import {checkConcurrency} from '../../../src/domain/preflight/concurrency.ts'
import {checkDelegation} from '../../../src/domain/preflight/delegation.ts'
import {checkLicence, licenceEnd} from '../../../src/domain/preflight/licence.ts'
import {linkedRolesOf} from '../../../src/domain/preflight/linked-roles.ts'

const now = new Date('2026-06-01T12:00:00Z')
const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000)
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = (claims: unknown, header: unknown = {alg: 'RS256'}): string => `${encoded(header)}.${encoded(claims)}.s`
const until = (date: string): string => token({exp: Date.parse(date) / 1000})

const table: readonly (readonly [what: string, answer: Answer, verdict: Answer['verdict'], reason: RegExp])[] = [
  ['an exact clock', checkSkew(now, now), 'OK', /0 s ahead of AWS/],
  ['a clock half a minute ahead', checkSkew(at(30), now), 'WARN', /30 s ahead of AWS/],
  ['a clock a little less ahead', checkSkew(at(29.9), now), 'OK', /ahead/],
  ['a clock five minutes behind', checkSkew(now, at(300)), 'FAIL', /300 s behind AWS/],
  ['a new account', checkConcurrency({limit: 10, unreserved: 10}, 'eu-west-1'), 'WARN', /10 concurrent executions/],
  ['a reserved account', checkConcurrency({limit: 10, unreserved: 0}, 'eu-west-1'), 'FAIL', /all 10 .* are reserved/],
  ['a usual account', checkConcurrency({limit: 1000, unreserved: 900}, 'eu-west-1'), 'OK', /900 of 1000/],
  ['a delegated zone', checkDelegation('a.b', ['NS-1.net.', 'ns-2.net'], ['ns-2.net', 'ns-1.NET.']), 'OK', /delegated/],
  ['an undelegated zone', checkDelegation('a.b', ['ns-1.net'], []), 'FAIL', /a\.b is delegated to nobody/],
  [
    'a zone delegated elsewhere',
    checkDelegation('a.b', ['ns-1.net'], ['ns-9.org', 'ns-1.net']),
    'FAIL',
    /to ns-9\.org, which/,
  ],
  ['a licence of one line', checkLicence('abc', now), 'OK', /no end can be read/],
  ['a licence of two lines', checkLicence('abc\ndef', now), 'WARN', /has 2 lines, which are joined/],
  ['an empty licence', checkLicence(' \n', now), 'FAIL', /Empty licence/],
  ['a licence that is too long', checkLicence('x'.repeat(70_000), now), 'FAIL', /too long/],
  ['a token that is over', checkLicence(until('2026-05-31T00:00:00Z'), now), 'FAIL', /expired on 2026-05-31/],
  ['a token that is soon over', checkLicence(until('2026-06-30T00:00:00Z'), now), 'WARN', /expires on 2026-06-30/],
  ['a token with time left', checkLicence(until('2027-06-30T00:00:00Z'), now), 'OK', /good until 2027-06-30/],
  [
    'a date that is over',
    checkLicence('acme;Expiry: 2026-05-01;x', now),
    'WARN',
    /seems to have expired on 2026-05-01/,
  ],
  ['a date on this very day', checkLicence('valid_until=2026-06-01', now), 'WARN', /seems to expire on 2026-06-01/],
  ['a date with time left', checkLicence('valid_until=2027-06-01', now), 'OK', /seems good until 2027-06-01/],
]

describe('preflight rules', () => {
  for (const [what, answer, verdict, reason] of table) {
    it(`say ${verdict} to ${what}`, () => {
      assert.equal(answer.verdict, verdict, answer.reason)
      assert.match(answer.reason, reason)
      if (verdict === 'FAIL') assert.notDeepEqual(answer.next, [])
    })
  }

  it('find no end in what only looks like a token or a date', () => {
    const exp = 1_500_000_000
    const tokens = [token(null), token({exp: 'soon'}), token({exp}, null), token({exp}, {typ: 'x'})]
    for (const text of [...tokens, 'a.b.c', 'expires 2026-99-99', 'v1.2.3', 'made 2020-01-01'])
      assert.equal(licenceEnd(text), undefined, text)
  })

  it('want the service-linked roles of what the configuration uses', () => {
    const rolesOf = (more: object): readonly string[] =>
      linkedRolesOf({compute: 'fargate', ...more} as EnvironmentConfiguration).map(({role}) => role)
    assert.equal(rolesOf({}).length, 6)
    assert.deepEqual(rolesOf({compute: 'ec2'}).slice(6), ['AWSServiceRoleForAutoScaling'])
    assert.deepEqual(rolesOf({waf: true}).slice(6), ['AWSServiceRoleForWAFV2Logging'])
  })
})
