import assert from 'node:assert/strict'
import fc from 'fast-check'
import {isoIn, offsetText, parseMoment, spanOf, utc, type Zone} from '../../../src/domain/logs/moments.ts'

const now = Date.UTC(2026, 10, 22, 3, 30)
/** Central Europe in 2026: summer time from 29 March, 01:00 UTC, to 25 October, 01:00 UTC. */
const berlin: Zone = {
  name: 'Europe/Berlin',
  offsetAt: (ms) => (ms >= Date.UTC(2026, 2, 29, 1) && ms < Date.UTC(2026, 9, 25, 1) ? 120 : 60),
}
const india: Zone = {name: 'Asia/Kolkata', offsetAt: () => 330}

describe('a moment as a person writes it', () => {
  const rows: readonly (readonly [text: string, zone: Zone, iso: string])[] = [
    ['90s', utc, '2026-11-22T03:28:30.000Z'],
    ['10m', utc, '2026-11-22T03:20:00.000Z'],
    ['2h', berlin, '2026-11-22T01:30:00.000Z'],
    ['3d', utc, '2026-11-19T03:30:00.000Z'],
    ['1w', utc, '2026-11-15T03:30:00.000Z'],
    ['now', utc, '2026-11-22T03:30:00.000Z'],
    ['2026-11-21', utc, '2026-11-21T00:00:00.000Z'],
    ['2026-11-21', berlin, '2026-11-20T23:00:00.000Z'],
    ['2026-11-21 14:30', india, '2026-11-21T09:00:00.000Z'],
    ['2026-11-21T14:30:15', berlin, '2026-11-21T13:30:15.000Z'],
    ['2026-11-21T14:30:15.5Z', berlin, '2026-11-21T14:30:15.500Z'],
    ['2026-11-21T14:30:15.123+02:00', utc, '2026-11-21T12:30:15.123Z'],
    ['2026-11-21T14:30-0330', utc, '2026-11-21T18:00:00.000Z'],
    ['2026-11-21Z', berlin, '2026-11-21T00:00:00.000Z'],
    ['02:15', utc, '2026-11-22T02:15:00.000Z'],
    ['02:15', berlin, '2026-11-22T01:15:00.000Z'],
    ['00:10', india, '2026-11-21T18:40:00.000Z'],
    ['2026-02-28', utc, '2026-02-28T00:00:00.000Z'],
    ['2024-02-29', utc, '2024-02-29T00:00:00.000Z'],
    // The hour that comes twice means its first time.
    ['2026-10-25 02:30', berlin, '2026-10-25T00:30:00.000Z'],
    ['2026-03-29 03:30', berlin, '2026-03-29T01:30:00.000Z'],
  ]
  for (const [text, zone, iso] of rows) {
    it(`"${text}" in ${zone.name} is ${iso}`, () => {
      assert.equal(new Date(parseMoment(text, now, zone)).toISOString(), iso)
    })
  }

  for (const text of [
    '',
    'yesterday',
    '10',
    '10x',
    '-5m',
    '2026-13-01',
    '2026-02-30',
    '2026-02-29',
    '24:30',
    '12:60',
    '2026-11-21T',
    'Z',
    '12:30:61',
    '2026-1-1',
  ]) {
    it(`"${text}" is refused`, () => {
      assert.throws(() => parseMoment(text, now, utc), {code: 'INVALID_TIME'})
    })
  }

  it('in an hour that a change of clocks leaves out does not exist there', () => {
    assert.throws(() => parseMoment('2026-03-29 02:30', now, berlin), /put forward/)
  })

  it('is read back from what is printed, in every zone', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 4e12}), fc.constantFrom(utc, berlin, india), (ms, zone) => {
        assert.equal(parseMoment(isoIn(ms, zone), now, utc), ms)
      }),
    )
  })

  it('shows its offset', () => {
    assert.deepEqual([0, 60, 330, -210].map(offsetText), ['Z', '+01:00', '+05:30', '-03:30'])
    assert.equal(isoIn(now, berlin), '2026-11-22T04:30:00.000+01:00')
  })
})

describe('a span', () => {
  it('goes from --since to --until, or on', () => {
    assert.deepEqual(spanOf('10m', undefined, now, utc), {from: now - 600_000, to: undefined})
    assert.deepEqual(spanOf('2h', '1h', now, utc), {from: now - 7_200_000, to: now - 3_600_000})
  })

  for (const [since, until] of [
    ['2027-01-01', undefined],
    ['1h', '2h'],
    ['10m', '10m'],
    ['1960-01-01', undefined],
  ] as const) {
    it(`from ${since} to ${until ?? 'now'} is refused`, () => {
      assert.throws(() => spanOf(since, until, now, utc), {code: 'INVALID_TIME'})
    })
  }
})
