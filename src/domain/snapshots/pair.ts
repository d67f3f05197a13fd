import * as z from 'zod'
import {pointerSchema} from '../assets/bundle.ts'
import type {OpId} from '../names.ts'

/** What of a set is brought back. Nothing asked for means both halves. */
export const restoreScopes = ['database', 'files', 'assets', 'configuration'] as const
export type RestoreScope = (typeof restoreScopes)[number]

/** Those that make a generation of their own. */
const halves: readonly RestoreScope[] = ['database', 'files']

/** Whether only one thing is asked for that is no half, which goes a way of its own. */
export function isAlone(only: readonly RestoreScope[], scope: 'assets' | 'configuration'): boolean {
  return only.length === 1 && only[0] === scope
}

/** Whether scopes can be brought back in one go: halves together, anything else by itself. */
export function goTogether(only: readonly RestoreScope[]): boolean {
  return new Set(only).size < 2 || only.every((scope) => halves.includes(scope))
}

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

/** Parameters of one stack that a restore changed, and what they were. */
export const stackChangeSchema = z.object({
  part: z.string(),
  name: z.string(),
  changes: z.array(z.object({parameter: z.string(), from: z.string(), to: z.string()})),
})
export type StackChange = z.infer<typeof stackChangeSchema>

/** Which bundle of assets a restore went from and to; null before the first upload. */
export const bundleMoveSchema = z.object({from: pointerSchema.nullable(), to: pointerSchema})
export type BundleMove = z.infer<typeof bundleMoveSchema>

/** What the ledger keeps of a restore that was committed. */
export const restoreRecordSchema = z.object({
  schemaVersion: z.literal(1),
  opId: z.string(),
  snapshot: z.string(),
  /** The set of what was there before; '' where it was not wanted. */
  safety: z.string(),
  pair: pairSchema,
  /** Only where assets were brought back. */
  assets: bundleMoveSchema.optional(),
  /** Only where configuration was. */
  configuration: z.array(stackChangeSchema).optional(),
  /** ms that users were locked out for the flip; absent without one, and where a run broke off in the middle of it. */
  downMs: z.number().optional(),
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
