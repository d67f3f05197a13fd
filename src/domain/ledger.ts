import * as z from 'zod'
import type {EnvironmentName, OpId} from './names.ts'

/** Kinds of journaled operations. */
export const operationKinds = [
  'deploy',
  'destroy',
  'upload',
  'sideload',
  'verify',
  'snapshot',
  'prove',
  'tidy',
  'restore',
  'undo',
  'finalize',
  'service',
  'copy',
  'rotate',
  'silence',
] as const
export type OperationKind = (typeof operationKinds)[number]

/**
 * What an operation works on alone: the stacks and data of the environment, the assets that lie in its bucket, the
 * files that assets are loaded into, or the voices of alarms. A verification changes nothing and keeps only others of its kind out.
 */
export type LockScope = 'environment' | 'assets' | 'files' | 'alarms' | 'verification'
export const lockScopes: Readonly<Record<OperationKind, LockScope>> = {
  deploy: 'environment',
  destroy: 'environment',
  upload: 'assets',
  sideload: 'files',
  verify: 'verification',
  snapshot: 'environment',
  prove: 'environment',
  tidy: 'environment',
  restore: 'environment',
  undo: 'environment',
  finalize: 'environment',
  service: 'environment',
  copy: 'environment',
  rotate: 'environment',
  silence: 'alarms',
}

/**
 * Whether an operation takes up what others of its lock left unfinished. One on single services or a secret does one thing
 * and leaves a deploy that was paused to be resumed.
 */
export function takesUp(kind: OperationKind): boolean {
  return kind !== 'service' && kind !== 'rotate'
}

/** How an operation stands; read off its journal, never stored as such. */
export type OperationState = 'open' | 'paused' | 'done' | 'failed' | 'aborted' | 'superseded'

const holderSchema = z.object({host: z.string(), pid: z.number().int(), user: z.string()})

/** First record of an operation: what was asked, by whom, with which version. Never a secret. */
export const headSchema = z.object({
  schemaVersion: z.literal(1),
  opId: z.string(),
  kind: z.enum(operationKinds),
  environment: z.string(),
  account: z.string(),
  region: z.string(),
  cliVersion: z.string(),
  startedAt: z.string(),
  holder: holderSchema,
  /** The options of the flow, as far as they are needed to go on. */
  options: z.record(z.string(), z.unknown()),
})
export type OperationHead = z.infer<typeof headSchema>

export const entryKinds = ['intent', 'done', 'fail'] as const
export type EntryKind = (typeof entryKinds)[number]

/** One journal entry, written once. */
export const entrySchema = z.object({
  schemaVersion: z.literal(1),
  number: z.number().int(),
  step: z.string(),
  kind: z.enum(entryKinds),
  at: z.string(),
  holder: holderSchema,
  /** What the step found or made, for `resume`. */
  result: z.unknown().optional(),
  reason: z.string().optional(),
})
export type JournalEntry = z.infer<typeof entrySchema>

/** Steps that say something about the whole operation; their entries are of kind `done`. */
export const closingSteps = {
  committed: 'done',
  aborted: 'aborted',
  superseded: 'superseded',
  paused: 'paused',
  failed: 'failed',
} as const
type ClosingStep = keyof typeof closingSteps

/** A lock of an environment. */
export const lockSchema = z.object({
  schemaVersion: z.literal(1),
  environment: z.string(),
  opId: z.string(),
  holder: holderSchema,
  acquiredAt: z.string(),
})
export type LockRecord = z.infer<typeof lockSchema>

/** A lock that was not renewed for so long (ms, by S3's clock) is dead. */
export const lockLifetimeMs = 120_000
/** A holder renews this often (ms). */
export const lockRenewalMs = 20_000

export function lockKey(environment: EnvironmentName, scope: LockScope = 'environment'): string {
  return scope === 'environment' ? `locks/${environment}.json` : `locks/${environment}/${scope}.json`
}

export function headKey(opId: OpId): string {
  return `ops/${opId}/operation.json`
}

/** `ops/<opId>/<nnnn>-<step>.<kind>.json`; listing them by name is reading them in order. */
export function entryKey(opId: OpId, number: number, step: string, kind: EntryKind): string {
  return `ops/${opId}/${String(number).padStart(4, '0')}-${step}.${kind}.json`
}

/** Reads an entry's key back; undefined for any other key. */
export function parseEntryKey(
  key: string,
): {readonly opId: string; readonly number: number; readonly step: string} | undefined {
  const match = /^ops\/([^/]+)\/(\d{4,})-(.+)\.(?:intent|done|fail)\.json$/.exec(key)
  return match === null ? undefined : {opId: match[1] ?? '', number: Number(match[2]), step: match[3] ?? ''}
}

function isClosing(step: string): step is ClosingStep {
  return Object.hasOwn(closingSteps, step)
}

/** How an operation stands, given the steps of its entries in order. A resumed one is open again. */
export function operationState(steps: readonly string[]): OperationState {
  const last = steps.at(-1)
  return last !== undefined && isClosing(last) ? closingSteps[last] : 'open'
}

/** True while somebody may still want to go on with it. */
export function isUnfinished(state: OperationState): boolean {
  return state === 'open' || state === 'paused' || state === 'failed'
}

/** Steps of a restore that leave nothing behind which only the restore itself can take back. */
const harmless = /^(resumed|paused|failed|target|safe|unlocked|lock-taken-over)$/

/** Whether the entries tell that services were taken to zero and not released since. */
export function leftQuiesced(entries: readonly Pick<JournalEntry, 'step' | 'kind'>[]): boolean {
  const last = entries.findLast(
    ({step, kind}) => (step === 'quiesce' && kind === 'intent') || (step === 'release' && kind === 'done'),
  )
  return last?.step === 'quiesce'
}

/** Whether the entries tell that a snapshot was shared with another account and not taken back since. */
export function isStillShared(entries: readonly Pick<JournalEntry, 'step' | 'kind'>[]): boolean {
  const last = entries.findLast(
    ({step, kind}) => (step === 'share' && kind === 'intent') || (step === 'unshare' && kind === 'done'),
  )
  return last?.step === 'share'
}

/**
 * Whether an unfinished operation holds something that another one must not find: services at zero, a generation beside
 * the active one, a flip or a secret that is half done, a snapshot that another account may read.
 */
export function mustEndFirst(kind: OperationKind, entries: readonly Pick<JournalEntry, 'step' | 'kind'>[]): boolean {
  if (leftQuiesced(entries)) return true
  // A new password that the database does not know, or the other way round.
  if (kind === 'rotate') return entries.some(({step, kind: entry}) => step === 'value' && entry === 'intent')
  // Something of another account: only the copy knows what it was given.
  if (kind === 'copy') return isStillShared(entries)
  if (kind !== 'restore' && kind !== 'undo' && kind !== 'finalize') return false
  return entries.some(({step, kind: entry}) => entry === 'intent' && !harmless.test(step) && !captureSteps.test(step))
}

/** Steps that a set is made by; a restore makes one before anything else. */
const captureSteps =
  /^(set|counts|quiesce|release|mark|freeze|seal|database|vault|vaulted|backup|saved|captured|assets|configuration|images|tidy|verified|manifest)(-\d+)?$/

/** Whether a lock is dead. Both times come from S3. */
export function lockExpired(lastModified: Date, serverTime: Date): boolean {
  return serverTime.getTime() - lastModified.getTime() > lockLifetimeMs
}
