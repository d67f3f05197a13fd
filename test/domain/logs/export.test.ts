import assert from 'node:assert/strict'
import {
  type ExportedUnit,
  exportFile,
  type ExportUnit,
  isThere,
  unitsOf,
  widened,
} from '../../../src/domain/logs/export.ts'

const at = (text: string): number => Date.parse(text)
const unit = {service: 'dashboard', day: '2026-11-21', from: 1000, to: 2000}
const there = (wanted: ExportUnit, held: ExportedUnit | undefined): boolean => isThere(wanted, held)
const known = {...unit, readAt: 2000 + 3_600_000, lines: 1, bytes: 10, sha256: 'x'}

describe('files of an export', () => {
  it('are one for each service and day in UTC, the first and the last day as far as they are wanted', () => {
    const span = {from: at('2026-11-20T22:00:00Z'), to: at('2026-11-22T01:00:00Z')}
    const units = unitsOf(['dashboard', 'events'], span)
    assert.deepEqual(
      units.map((one) => exportFile(one, true)),
      ['20', '21', '22'].flatMap((day) => [`dashboard-2026-11-${day}.ndjson.gz`, `events-2026-11-${day}.ndjson.gz`]),
    )
    assert.deepEqual([units[0]?.from, units[0]?.to], [span.from, at('2026-11-20T23:59:59.999Z')])
    assert.deepEqual([units[2]?.from, units[2]?.to], [at('2026-11-21T00:00:00Z'), at('2026-11-21T23:59:59.999Z')])
    assert.deepEqual([units[4]?.from, units[4]?.to], [at('2026-11-22T00:00:00Z'), span.to])
    assert.equal(exportFile(unit, false), 'dashboard-2026-11-21.ndjson')
  })

  it('are there where they hold all that is wanted and were read when nothing more came', () => {
    assert.ok(there(unit, known))
    assert.ok(there({...unit, from: 1500}, known))
    assert.ok(!there(unit, undefined))
    assert.ok(!there({...unit, from: 999}, known))
    assert.ok(!there({...unit, to: 2001}, known))
    assert.ok(!there(unit, {...known, readAt: known.readAt - 1}))
  })

  it('lose no line that they held when they are read again', () => {
    assert.deepEqual(widened({...unit, from: 1500, to: 3000}, known), {...unit, from: 1000, to: 3000})
    assert.deepEqual(widened(unit, undefined), unit)
  })
})
