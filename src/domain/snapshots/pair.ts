import * as z from 'zod'
import type {OpId} from '../names.ts'

/** What of a set is brought back. */
export const restoreScopes = ['database', 'files'] as const
export type RestoreScope = (typeof restoreScopes)[number]

const half = z.object({from: z.number().int().min(1), to: z.number().int().min(1)})

/** Which generations a restore goes from and to; equal where it leaves one as it is. */
export const pairSchema = z.object({database: half, files: half})
export type GenerationPair = z.infer<typeof pairSchema>

/** The way back. */
export function reversed({database, files}: GenerationPair): GenerationPair {
  return {database: {from: database.to, to: database.from}, files: {from: files.to, to: files.from}}
}

/** What stands already, in use or not. */
export interface StandingGenerations {
  readonly active: {readonly database: number; readonly files: number}
  readonly databases: readonly number[]
  readonly files: readonly number[]
}

/** The pair that a restore goes to: a number that nobody has had, so that nothing that stands is in its way. */
export function nextPair(standing: StandingGenerations, only: readonly RestoreScope[]): GenerationPair {
  const {active, databases, files} = standing
  const wanted = (scope: RestoreScope): boolean => only.length === 0 || only.includes(scope)
  return {
    database: {
      from: active.database,
      to: wanted('database') ? Math.max(active.database, ...databases) + 1 : active.database,
    },
    files: {from: active.files, to: wanted('files') ? Math.max(active.files, ...files) + 1 : active.files},
  }
}

/** What the ledger keeps of a restore that was committed. */
export const restoreRecordSchema = z.object({
  schemaVersion: z.literal(1),
  opId: z.string(),
  snapshot: z.string(),
  /** The set of what was there before; '' where it was not wanted. */
  safety: z.string(),
  pair: pairSchema,
  committedAt: z.string(),
})
export type RestoreRecord = z.infer<typeof restoreRecordSchema>

/** A restore as its records tell it. */
export type RestoreState = 'COMMITTED' | 'UNDONE' | 'FINALIZED'

/** What was written about a restore after it was committed; the name of the last such record. */
export type RestoreEnd = 'undone' | 'finalized'

export function restoreKey(opId: OpId | string): string {
  return `restores/${opId}.json`
}

export function restoreEndKey(opId: OpId | string, end: RestoreEnd): string {
  return `restores/${opId}.${end}.json`
}

/** Reads the states of all restores off the names of their records, newest first. */
export function restoreStates(
  keys: readonly string[],
): readonly {readonly opId: string; readonly state: RestoreState}[] {
  const ids = keys
    .flatMap((key) => /^restores\/([^./]+)\.json$/.exec(key)?.[1] ?? [])
    .toSorted()
    .toReversed()
  return ids.map((opId) => ({
    opId,
    state: keys.includes(restoreEndKey(opId, 'finalized'))
      ? 'FINALIZED'
      : keys.includes(restoreEndKey(opId, 'undone'))
        ? 'UNDONE'
        : 'COMMITTED',
  }))
}
