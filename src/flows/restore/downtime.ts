import type {JournalEntry} from '../../domain/ledger.ts'
import type {Manifest} from '../../domain/snapshots/manifest.ts'
import type {Objects} from '../ports.ts'
import type {Site} from '../snapshot/site.ts'
import type {RestoreOptions} from './options.ts'
import {readRestore, readRestores} from './records.ts'

/** How long (ms) users were locked out the last time, and by what: the id of a restore or of a set. */
export interface Measured {
  readonly ms: number
  readonly by: string
}

/** What is known beforehand of the time that users are locked out; null of what was never measured in this environment. */
export interface Downtime {
  /** While the safety snapshot is taken, as when the set was; null too where it locks nobody out. */
  readonly safety: Measured | null
  /** From QUIESCED to PROVEN, as in the last restore that was committed. */
  readonly flip: Measured | null
}

/** Restores that are looked at for one that flipped. */
const looks = 5

/** ms from the services' way to zero until users were served again, by the journal, whoever wrote it; 0 without a flip. */
export function lockedOutMs(entries: readonly JournalEntry[]): number {
  const since = entries.slice(entries.findLastIndex(({step}) => step === 'back') + 1)
  const from = since.find(({step, kind}) => step === 'quiesced' && kind === 'intent')
  const to = since.findLast(({step, kind}) => step === 'prove' && kind === 'done')
  return from === undefined || to === undefined ? 0 : Date.parse(to.at) - Date.parse(from.at)
}

/** Looks up what earlier runs took. @throws FailedError LEDGER_UNREADABLE */
export async function foreseenDowntime(
  objects: Objects,
  {environment, recordsBucket}: Pick<Site, 'environment' | 'recordsBucket'>,
  manifest: Manifest,
  {safety, flips}: Pick<RestoreOptions, 'safety'> & {readonly flips: boolean},
): Promise<Downtime> {
  const isLike = safety === 'strict' && manifest.downMs > 0 && manifest.environment === environment
  return {
    safety: isLike && manifest.copiedFrom === undefined ? {ms: manifest.downMs, by: manifest.id} : null,
    flip: flips ? await lastFlip(objects, recordsBucket) : null,
  }
}

async function lastFlip(objects: Objects, bucket: string): Promise<Measured | null> {
  for (const {opId} of (await readRestores(objects, bucket)).slice(0, looks)) {
    const {downMs = 0} = await readRestore(objects, bucket, opId)
    if (downMs > 0) return {ms: downMs, by: opId}
  }
  return null
}
