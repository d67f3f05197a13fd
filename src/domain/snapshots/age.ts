/** What an operator has promised: how much may be lost, and how long it may take to be back (ms). */
export interface RecoveryPolicy {
  /** RPO. */
  readonly rpoMs: number
  /** RTO. */
  readonly rtoMs: number
}

/** What promises hold until somebody says otherwise: a day and four hours. */
export const usualPolicy: RecoveryPolicy = {rpoMs: 24 * 3_600_000, rtoMs: 4 * 3_600_000}

/** A set as far as its age matters. */
export interface AgedSet {
  readonly id: string
  readonly createdAt: string
  /** How long its proof took, and when that was. */
  readonly proof?: {readonly at: string; readonly restoreMs: number}
}

export interface RecoveryState {
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
