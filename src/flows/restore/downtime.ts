import * as z from 'zod'
import {PiError} from '../../domain/errors.ts'
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

/** How long a flip locked users out. */
export interface LockedOut {
  readonly ms: number
  /** False where a run broke off meanwhile: how long the next one takes follows from nothing. */
  readonly isUndisturbed: boolean
}

/** An intent to make a change set has no result; that to execute it has. */
const executedSchema = z.object({changes: z.unknown().refine((changes) => changes !== undefined)})

/**
 * From the services' way to zero until users were served again, by the journal, whoever wrote it; a first try that went back is
 * not in it. Undefined without a flip.
 */
export function lockedOut(entries: readonly JournalEntry[]): LockedOut | undefined {
  const since = entries.slice(entries.findLastIndex(({step}) => step === 'back') + 1)
  const isDown = ({step, kind, result}: JournalEntry): boolean =>
    step === 'quiesced' && (kind === 'done' || (kind === 'intent' && executedSchema.safeParse(result).success))
  const from = since.findIndex(isDown)
  const to = since.findLastIndex(({step, kind}) => step === 'prove' && kind === 'done')
  const [begun, ended] = [since[from], since[to]]
  if (begun === undefined || ended === undefined) return undefined
  return {
    // Two machines may have written them, and their clocks may differ.
    ms: Math.max(0, Date.parse(ended.at) - Date.parse(begun.at)),
    isUndisturbed: since.slice(from, to).every(({step}) => step !== 'resumed'),
  }
}

/** A record that is broken, or gone since it was listed, keeps nobody from a plan. */
function notARecord(error: unknown): undefined {
  if (error instanceof PiError && ['LEDGER_UNREADABLE', 'RESTORE_NOT_FOUND'].includes(error.code)) return undefined
  throw error
}

/** Looks up what earlier runs took. */
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
    const record = await readRestore(objects, bucket, opId).catch(notARecord)
    if (record?.downMs !== undefined) return {ms: record.downMs, by: opId}
  }
  return null
}
