import {UsageError} from '../errors.ts'

/** A place's time: how far it is ahead of UTC at a moment. */
export interface Zone {
  /** As the person knows it: `UTC`, `Europe/Berlin`. */
  readonly name: string
  /** Minutes east of UTC. */
  readonly offsetAt: (ms: number) => number
}

export const utc: Zone = {name: 'UTC', offsetAt: () => 0}

const units = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000} as const
const relative = /^(\d{1,6})(s|m|h|d|w)$/
const absolute =
  /^(?:(\d{4})-(\d{2})-(\d{2}))?(?:(?:^|[ T])(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?(Z|[+-]\d{2}:?\d{2})?$/

function refuse(text: string, why: string): UsageError {
  return new UsageError(`Invalid time: "${text.slice(0, 60)}" ${why}.`, {
    code: 'INVALID_TIME',
    suggestions: ['Times that work: 10m, 2h, 3d, 14:30, 2026-11-21, "2026-11-21 14:30", 2026-11-21T14:30:00Z'],
  })
}

/**
 * A moment as a person writes it: so long ago (`10m`), a time of today (`14:30`), a date or both, in the zone unless the
 * text ends with `Z` or an offset. Resolves to ms since 1970.
 * @throws UsageError INVALID_TIME for what no clock ever shows
 */
export function parseMoment(text: string, now: number, zone: Zone): number {
  const ago = relative.exec(text)
  if (ago !== null) return now - Number(ago[1]) * units[ago[2] as keyof typeof units]
  if (text === 'now') return now
  const match = text === '' ? null : absolute.exec(text)
  if (match === null) throw refuse(text, 'is neither a duration nor a date')
  const [, year, month, day, hour, minute, second, fraction, suffix] = match
  if (year === undefined && hour === undefined) throw refuse(text, 'is neither a duration nor a date')
  const place = suffix === undefined ? zone : fixed(suffix)
  const today = new Date(now + place.offsetAt(now) * 60_000)
  const parts = [
    year === undefined ? today.getUTCFullYear() : Number(year),
    year === undefined ? today.getUTCMonth() + 1 : Number(month),
    year === undefined ? today.getUTCDate() : Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
    Number((fraction ?? '0').padEnd(3, '0')),
  ] as const
  const wall = wallTime(parts)
  if (wall === undefined) throw refuse(text, 'does not exist in any calendar')
  const moment = momentAt(wall, place)
  if (moment === undefined) throw refuse(text, `does not exist in ${place.name}: clocks were put forward there`)
  return moment
}

function fixed(suffix: string): Zone {
  if (suffix === 'Z') return utc
  const [hours, minutes] = [Number(suffix.slice(1, 3)), Number(suffix.slice(-2))]
  const offset = (suffix.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
  return {name: suffix, offsetAt: () => offset}
}

type Parts = readonly [number, number, number, number, number, number, number]

/** ms of that wall time as if it were UTC; undefined where Date would have to carry over. */
function wallTime([year, month, day, hour, minute, second, ms]: Parts): number | undefined {
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  const read = new Date(wall)
  const same =
    read.getUTCMonth() === month - 1 &&
    read.getUTCDate() === day &&
    read.getUTCHours() === hour &&
    read.getUTCMinutes() === minute &&
    read.getUTCSeconds() === second
  return same ? wall : undefined
}

/** The earliest moment at which clocks of the zone show that; undefined in the hour that a change of clocks leaves out. */
function momentAt(wall: number, zone: Zone): number | undefined {
  const day = units.d
  const offsets = [zone.offsetAt(wall - day), zone.offsetAt(wall), zone.offsetAt(wall + day)]
  const fits = offsets
    .map((offset) => wall - offset * 60_000)
    .filter((moment) => moment + zone.offsetAt(moment) * 60_000 === wall)
  return fits.length === 0 ? undefined : Math.min(...fits)
}

/** `Z`, `+01:00`. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'Z'
  const two = (value: number): string => String(value).padStart(2, '0')
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** A moment as ISO 8601 in a zone, to the millisecond: `2026-11-21T14:30:00.000+01:00`. */
export function isoIn(ms: number, zone: Zone): string {
  const offset = zone.offsetAt(ms)
  const iso = new Date(ms + offset * 60_000).toISOString()
  return iso.slice(0, -1) + offsetText(offset)
}

/** What to read: from a moment to another one, or to the present and on. */
export interface Span {
  readonly from: number
  readonly to: number | undefined
}

/**
 * `--since`, `--until` as a span.
 * @throws UsageError INVALID_TIME when it is empty or lies ahead
 */
export function spanOf(since: string, until: string | undefined, now: number, zone: Zone): Span {
  const from = parseMoment(since, now, zone)
  const to = until === undefined ? undefined : parseMoment(until, now, zone)
  if (from > now) throw refuse(since, `lies ahead: it is ${isoIn(now, zone)}`)
  if (from < 0) throw refuse(since, 'lies before 1970')
  if (to !== undefined && to <= from)
    throw refuse(until ?? '', `is not after ${isoIn(from, zone)}, where --since begins`)
  return {from, to}
}
