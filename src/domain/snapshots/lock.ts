/** What a locked vault says of one recovery point in it. */
export interface VaultLock {
  /** When the vault lets it go by itself (ISO 8601 UTC); absent where that never comes, and only the end of the lock frees it. */
  readonly until?: string
}

/** Whether a vault still keeps something, whatever anybody wants. */
export function isHeld(lock: VaultLock | undefined, now: Date): lock is VaultLock {
  return lock !== undefined && (lock.until === undefined || Date.parse(lock.until) > now.getTime())
}

/** How long a vault keeps it, in words. */
export function lockWords({until}: VaultLock): string {
  return until === undefined ? 'for as long as its lock holds' : `until ${until}`
}

/** The lock that holds longest. */
export function longestLock(locks: readonly VaultLock[]): VaultLock | undefined {
  const [first] = locks.toSorted((a, b) => end(b) - end(a))
  return first
}

function end({until}: VaultLock): number {
  return until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(until)
}
