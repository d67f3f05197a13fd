import type {EnvironmentConfiguration} from '../configuration.ts'

/** What an operator has promised: how much may be lost, and how long it may take to be back (ms). */
export interface RecoveryPolicy {
  /** RPO. */
  readonly rpoMs: number
  /** RTO. */
  readonly rtoMs: number
  /** Which of them the configuration promises; the others are what is usual, to compare with and no more. */
  readonly promised: readonly ('rpo' | 'rto')[]
}

/** What promises hold until somebody says otherwise: a day and four hours. */
export const usualPolicy: RecoveryPolicy = {rpoMs: 24 * 3_600_000, rtoMs: 4 * 3_600_000, promised: []}

const units: Readonly<Record<string, number>> = {m: 60_000, h: 3_600_000, d: 86_400_000}

/** ms of `90m`, `24h`, `7d`; the schema lets nothing else through. */
function msOf(text: string): number {
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 0)
}

/** The promises of an environment, and what is usual where it makes none. */
export function recoveryPolicy({rpo, rto}: NonNullable<EnvironmentConfiguration['recovery']> = {}): RecoveryPolicy {
  return {
    rpoMs: rpo === undefined ? usualPolicy.rpoMs : msOf(rpo),
    rtoMs: rto === undefined ? usualPolicy.rtoMs : msOf(rto),
    promised: [...(rpo === undefined ? [] : (['rpo'] as const)), ...(rto === undefined ? [] : (['rto'] as const))],
  }
}

/** A set as far as its age matters. */
export interface AgedSet {
  readonly id: string
  readonly createdAt: string
  /** How long its proof took, and when that was. */
  readonly proof?: {readonly at: string; readonly restoreMs: number}
}

export interface RecoveryState {
  /** What it is measured against. */
  readonly policy: RecoveryPolicy
  /** The newest whole set. */
  readonly lastGood?: {readonly id: string; readonly at: string; readonly ageMs: number}
  /** The set that was restored on trial last. */
  readonly lastProven?: {readonly id: string; readonly at: string; readonly ageMs: number; readonly restoreMs: number}
  /** Whether the newest set is young enough, and the last trial was fast enough; undefined where nobody knows. */
  readonly withinRpo?: boolean
  readonly withinRto?: boolean
}

/** How an environment stands towards its promises. Sets that do not exist are unknown, never within. */
export function recoveryState(sets: readonly AgedSet[], now: Date, policy: RecoveryPolicy): RecoveryState {
  const age = (at: string): number => Math.max(0, now.getTime() - Date.parse(at))
  const [good] = [...sets].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
  const [proven] = sets
    .flatMap((set) => (set.proof === undefined ? [] : [{...set, proof: set.proof}]))
    .sort((a, b) => (a.proof.at < b.proof.at ? 1 : -1))
  return {
    policy,
    ...(good === undefined
      ? {withinRpo: false}
      : {
          lastGood: {id: good.id, at: good.createdAt, ageMs: age(good.createdAt)},
          withinRpo: age(good.createdAt) <= policy.rpoMs,
        }),
    ...(proven === undefined
      ? {}
      : {
          lastProven: {
            id: proven.id,
            at: proven.proof.at,
            ageMs: age(proven.proof.at),
            restoreMs: proven.proof.restoreMs,
          },
          withinRto: proven.proof.restoreMs <= policy.rtoMs,
        }),
  }
}

/** A duration in the largest unit that leaves two of it or more. */
function told(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 2) return `${Math.round(ms / 1000)} s`
  if (minutes < 120) return `${minutes} min`
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`
}

/** Promises that do not hold, in words. One that nobody made cannot be broken; one that nobody knows to hold is. */
export function brokenPromises(state: RecoveryState): readonly string[] {
  const {policy, lastGood, lastProven, withinRpo, withinRto} = state
  const {promised, rpoMs, rtoMs} = policy
  const late =
    lastGood === undefined
      ? `there is no snapshot, and at most ${told(rpoMs)} may be lost`
      : `the last snapshot is ${told(lastGood.ageMs)} old, and at most ${told(rpoMs)} may be lost`
  const slow =
    lastProven === undefined
      ? `no snapshot was restored on trial: nobody knows whether it takes less than ${told(rtoMs)}`
      : `the last trial took ${told(lastProven.restoreMs)}, and it may take ${told(rtoMs)}`
  return [
    ...(promised.includes('rpo') && withinRpo !== true ? [late] : []),
    ...(promised.includes('rto') && withinRto !== true ? [slow] : []),
  ]
}
