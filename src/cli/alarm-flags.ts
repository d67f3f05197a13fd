import {Args} from '@oclif/core'
import {UsageError} from '../domain/errors.ts'

/** Alarms by their names or pieces of them. */
export const alarmsArgument = Args.custom({
  description: 'Alarms, or pieces of their names',
  parse: async (text) => text,
})

const units = {m: 60_000, h: 3_600_000, d: 86_400_000} as const
const longest = 30 * units.d

interface SilenceWords {
  readonly names: readonly string[]
  readonly all: boolean
  readonly for: string | undefined
  readonly undo: boolean
}

/**
 * When a silence that is asked for is to be over, ms since 1970; undefined to undo one.
 * @param now ms since 1970
 * @throws UsageError ALARMS_MISSING, FLAGS_DO_NOT_FIT, DURATION_MISSING, INVALID_DURATION
 */
export function silenceEnd({names, all, for: text, undo}: SilenceWords, now: number): number | undefined {
  if (names.length === 0 && !all) {
    throw new UsageError('No alarm is named, and --all is not given.', {
      code: 'ALARMS_MISSING',
      suggestions: ['pi-aws alarms list', 'Add --all'],
    })
  }
  if (names.length > 0 && all) {
    throw new UsageError('--all takes no names of alarms.', {code: 'FLAGS_DO_NOT_FIT'})
  }
  if (undo) return undefined
  const match = /^(\d{1,6})(m|h|d)$/.exec(text ?? '')
  const length = match === null ? NaN : Number(match[1]) * units[match[2] as keyof typeof units]
  if (length > 0 && length <= longest) return now + length
  throw new UsageError(
    text === undefined
      ? '--for is missing: a silence has an end.'
      : `Invalid duration: "${text.slice(0, 60)}" is not a number with m, h or d behind it, 30d at most.`,
    {
      code: text === undefined ? 'DURATION_MISSING' : 'INVALID_DURATION',
      suggestions: ['Durations that work: 30m, 2h, 3d'],
    },
  )
}
