import {UsageError} from '../errors.ts'
import {latestOf, newestFirst, type NamedSet} from './id.ts'
import {isHeld, lockWords, type VaultLock} from './lock.ts'

/** How many sets to keep of each sort. A period counts only when there is a set in it. */
export interface RetentionPolicy {
  readonly last: number
  readonly hourly: number
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
  readonly yearly: number
  /** Sets with any of these tags stay. */
  readonly tags: readonly string[]
}

export interface RetainedSet extends NamedSet {
  readonly tags: readonly string[]
  readonly proven: boolean
  /** What keeps the vault from letting it go. */
  readonly lock?: VaultLock
}

export interface RetentionRow<S extends RetainedSet> {
  readonly set: S
  readonly keep: boolean
  /** Why it stays; empty for one that goes. */
  readonly reasons: readonly string[]
}

type Period = 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly'

/** The period that a time lies in, in UTC; weeks begin on Monday and belong to the year of their Thursday (ISO 8601). */
const periods: Readonly<Record<Period, (at: Date) => string>> = {
  hourly: (at) => at.toISOString().slice(0, 13),
  daily: (at) => at.toISOString().slice(0, 10),
  weekly: isoWeek,
  monthly: (at) => at.toISOString().slice(0, 7),
  yearly: (at) => at.toISOString().slice(0, 4),
}

function isoWeek(at: Date): string {
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7))
  const days = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000
  return `${thursday.getUTCFullYear()}-W${String(1 + Math.floor(days / 7)).padStart(2, '0')}`
}

/** Why sets stay whatever the rules say; the first of their reasons. */
const lastGood = ['the last good set', 'the last good set but for safety snapshots', 'the last proven set'] as const

/** Whether a set stays since nothing better may be left. */
export function isLastGood(reason: string | undefined): boolean {
  return lastGood.some((why) => why === reason)
}

/**
 * Says of every set whether it stays, and why. The newest set, the newest that is no safety snapshot and the newest proven
 * one always stay: a safety snapshot holds what a restore was to be rid of.
 * @throws UsageError RETENTION_EMPTY for a policy that would keep nothing on purpose
 */
export function retention<S extends RetainedSet>(
  sets: readonly S[],
  policy: RetentionPolicy,
  now: Date,
): readonly RetentionRow<S>[] {
  const counts = Object.entries(policy).filter(([name]) => name !== 'tags')
  if (policy.tags.length === 0 && counts.every(([, count]) => count === 0)) {
    throw new UsageError('Retention without a rule: it would keep nothing. Nothing was removed.', {
      code: 'RETENTION_EMPTY',
      suggestions: ['--keep-last 7 --keep-weekly 4'],
    })
  }
  const sorted = newestFirst(sets)
  const reasons = new Map<S, string[]>(sorted.map((set) => [set, []]))
  const keep = (set: S, why: string): void => void reasons.get(set)?.push(why)

  const [good] = sorted
  if (good !== undefined) keep(good, lastGood[0])
  const latest = latestOf(sorted)
  if (latest !== undefined && latest !== good) keep(latest, lastGood[1])
  const proven = sorted.find((set) => set.proven)
  if (proven !== undefined) keep(proven, lastGood[2])
  for (const [index, set] of sorted.slice(0, policy.last).entries()) keep(set, `last ${index + 1} of ${policy.last}`)
  for (const [name, periodOf] of Object.entries(periods) as [Period, (at: Date) => string][]) {
    const seen = new Set<string>()
    for (const set of sorted) {
      const period = periodOf(new Date(set.createdAt))
      if (seen.has(period) || seen.size >= policy[name]) continue
      seen.add(period)
      keep(set, `${name} ${seen.size} of ${policy[name]} (${period})`)
    }
  }
  for (const set of sorted) {
    for (const tag of set.tags) if (policy.tags.includes(tag)) keep(set, `tag ${tag}`)
    if (isHeld(set.lock, now)) keep(set, `locked by the vault ${lockWords(set.lock)}`)
  }
  return sorted.map((set) => {
    const why = reasons.get(set) ?? []
    return {set, keep: why.length > 0, reasons: why}
  })
}
