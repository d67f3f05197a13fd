import {closest} from 'fastest-levenshtein'
import * as z from 'zod'
import {NotFoundError} from '../errors.ts'
import type {EnvironmentName} from '../names.ts'

const silenceSchema = z.object({
  /** Name of the alarm. */
  alarm: z.string(),
  /** ISO 8601 UTC. */
  at: z.string(),
  until: z.string(),
  by: z.string(),
  opId: z.string(),
})
export type Silence = z.infer<typeof silenceSchema>

/** What was silenced and not undone, in the records bucket. CloudWatch knows only that actions are off, not why. */
export const silencesSchema = z.object({schemaVersion: z.literal(1), silences: z.array(silenceSchema)})

export function silencesKey(environment: EnvironmentName): string {
  return `silences/${environment}.json`
}

/** An alarm that tells nobody, and how long that was meant to be so. */
export interface SilencedAlarm {
  readonly alarm: string
  /** ISO 8601 UTC. */
  readonly until: string
  /** Past its time, and still silent. */
  readonly overdue: boolean
}

/**
 * Which of the silences hold. One whose alarm acts again was ended by somebody else: by the console, or by a deploy that
 * changed the alarm.
 * @param now ms since 1970
 */
export function silenced(
  alarms: readonly {readonly name: string; readonly acts: boolean}[],
  silences: readonly Silence[],
  now: number,
): readonly SilencedAlarm[] {
  return alarms.flatMap(({name, acts}) => {
    const silence = acts ? undefined : silences.find(({alarm}) => alarm === name)
    return silence === undefined ? [] : [{alarm: name, until: silence.until, overdue: Date.parse(silence.until) <= now}]
  })
}

/** What an alarm of ours begins its description with. */
export function descriptionPrefix(environment: EnvironmentName): string {
  return `pi-aws ${environment}: `
}

/**
 * The alarm that somebody means: by its whole name, or by a piece of it that no other has, in either case.
 * @throws NotFoundError UNKNOWN_ALARM
 */
export function alarmCalled<A extends {readonly name: string}>(
  text: string,
  alarms: readonly A[],
  environment: EnvironmentName,
): A {
  const exact = alarms.find(({name}) => name === text)
  if (exact !== undefined) return exact
  const found = alarms.filter(({name}) => name.toLowerCase().includes(text.toLowerCase()))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const names = (found.length === 0 ? alarms : found).map(({name}) => name)
  const near = found.length > 0 || names.length === 0 ? [] : [`Did you mean ${closest(text, names)}?`]
  throw new NotFoundError(
    found.length > 1
      ? `Unclear alarm: "${text}" is a piece of ${found.length} names: ${names.slice(0, 5).join(', ')}.`
      : `Unknown alarm: ${environment} has none with "${text}" in its name.`,
    {code: 'UNKNOWN_ALARM', suggestions: [...near, `pi-aws alarms list ${environment}`]},
  )
}
