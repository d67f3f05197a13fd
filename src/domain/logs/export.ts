import * as z from 'zod'

const day = 86_400_000
/** Lines that come later than that behind the end of what was read are not waited for, ms. */
const settling = 3_600_000

/** A file of an export: what one service wrote on one day, UTC. */
export interface ExportUnit {
  readonly service: string
  /** `2026-11-21` */
  readonly day: string
  /** What of the day is wanted, both inclusive, ms since 1970. */
  readonly from: number
  readonly to: number
}

const unitSchema = z.object({
  service: z.string(),
  day: z.string(),
  from: z.number(),
  to: z.number(),
  /** When it was read, ms since 1970. */
  readAt: z.number(),
  lines: z.number(),
  /** Of the file; 0 where there is none, for want of lines. */
  bytes: z.number(),
  sha256: z.string(),
})
export type ExportedUnit = z.infer<typeof unitSchema>

/** What lies in a folder of exports: beside the files, as export.json. */
export const exportSchema = z.object({
  schemaVersion: z.literal(1),
  environment: z.string(),
  gzip: z.boolean(),
  files: z.array(unitSchema),
})
export type ExportRecord = z.infer<typeof exportSchema>

/** A file for each service and day of a span, days first, so that what is oldest and soonest gone is read first. */
export function unitsOf(
  services: readonly string[],
  {from, to}: {readonly from: number; readonly to: number},
): readonly ExportUnit[] {
  const first = Math.floor(from / day)
  const last = Math.floor(to / day)
  return Array.from({length: last - first + 1}, (_, index) => first + index).flatMap((number) => {
    const name = new Date(number * day).toISOString().slice(0, 10)
    const begin = Math.max(from, number * day)
    const end = Math.min(to, (number + 1) * day - 1)
    return services.map((service) => ({service, day: name, from: begin, to: end}))
  })
}

/** True where a file holds all that is wanted of its day, and was read when nothing more was to come. */
export function isThere(unit: ExportUnit, known: ExportedUnit | undefined): known is ExportedUnit {
  return known !== undefined && known.from <= unit.from && known.to >= unit.to && known.readAt >= known.to + settling
}

/** What to read for a file that was read before, so that none of its lines goes lost. */
export function widened(unit: ExportUnit, known: ExportedUnit | undefined): ExportUnit {
  if (known === undefined) return unit
  return {...unit, from: Math.min(unit.from, known.from), to: Math.max(unit.to, known.to)}
}

export function exportFile({service, day: name}: Pick<ExportUnit, 'service' | 'day'>, gzip: boolean): string {
  return `${service}-${name}.ndjson${gzip ? '.gz' : ''}`
}
