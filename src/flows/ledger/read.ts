import * as z from 'zod'
import {type ExitCode, exitCodes} from '../../domain/exit-codes.ts'
import {
  isUnfinished,
  type JournalEntry,
  type OperationKind,
  operationState,
  type OperationState,
  parseEntryKey,
} from '../../domain/ledger.ts'
import type {OpId} from '../../domain/names.ts'
import {Journal, type JournalPorts} from './journal.ts'

/** One operation as lists show it. */
export interface OperationSummary {
  readonly opId: string
  readonly kind: OperationKind
  readonly environment: string
  readonly state: OperationState
  readonly startedAt: string
  /** Time of the last entry. */
  readonly updatedAt: string
  readonly holder: {readonly host: string; readonly pid: number; readonly user: string}
  readonly lastStep?: string
  readonly reason?: string
  /** Exit code that its last run ended with, where it ended before its work did. */
  readonly exitCode?: ExitCode
}

const endSchema = z.object({exitCode: z.literal(Object.values(exitCodes))})

export function summarise(journal: Journal): OperationSummary {
  const last = journal.entries.at(-1)
  return {
    opId: journal.opId,
    kind: journal.head.kind,
    environment: journal.head.environment,
    state: operationState(journal.entries.map((entry) => entry.step)),
    startedAt: journal.head.startedAt,
    updatedAt: last?.at ?? journal.head.startedAt,
    holder: journal.head.holder,
    ...(last === undefined ? {} : {lastStep: last.step}),
    ...(last?.reason === undefined ? {} : {reason: last.reason}),
    ...endOf(last),
  }
}

/** What the closing entry of a run says of its exit code. */
function endOf(last: JournalEntry | undefined): Pick<OperationSummary, 'exitCode'> {
  const end = last?.step === 'paused' || last?.step === 'failed' ? endSchema.safeParse(last.result).data : undefined
  return end ?? {}
}

/** Operation ids, newest first, with their state as the names of their records tell it: no record is read. */
async function states(
  {objects}: Pick<JournalPorts, 'objects'>,
  bucket: string,
): Promise<ReadonlyMap<OpId, OperationState>> {
  const steps = new Map<OpId, string[]>()
  for (const {key} of await objects.list(bucket, 'ops/')) {
    const opId = key.split('/')[1] as OpId
    // Results of a comparison that broke off have no journal: they alone are no operation.
    if (/\/result-[^/]+\.ndjson$/.test(key)) continue
    const list = steps.get(opId) ?? []
    steps.set(opId, list)
    const entry = parseEntryKey(key)
    if (entry !== undefined) list.push(entry.step)
  }
  const newestFirst = [...steps].toSorted(([a], [b]) => (a < b ? 1 : -1))
  return new Map(newestFirst.map(([opId, names]) => [opId, operationState(names)]))
}

async function summaries(
  ports: JournalPorts,
  bucket: string,
  ids: readonly OpId[],
): Promise<readonly OperationSummary[]> {
  return (await Promise.all(ids.map((id) => Journal.read(ports, bucket, id)))).map(summarise)
}

/**
 * The newest operation of a kind. Its id begins with the second of its start and names the kind; of several in one
 * second their records tell which began last.
 */
export async function newestOfKind(
  ports: JournalPorts,
  bucket: string,
  kind: OperationKind,
): Promise<OpId | undefined> {
  const ids = [...(await states(ports, bucket)).keys()].filter((opId) => opId.split('-')[1] === kind)
  const [first] = ids
  const second = first?.split('-')[0]
  const rivals = ids.filter((opId) => opId.split('-')[0] === second)
  if (rivals.length < 2) return first
  const began = await Promise.all(
    rivals.map(async (opId) => ({opId, at: (await Journal.read(ports, bucket, opId)).head.startedAt})),
  )
  return began.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]?.opId
}

/** Committed operations of a kind, newest first; each is read when it is asked for. */
export async function* committedOfKind(
  ports: JournalPorts,
  bucket: string,
  kind: OperationKind,
): AsyncGenerator<Journal> {
  for (const [opId, state] of await states(ports, bucket))
    if (state === 'done' && opId.split('-')[1] === kind) yield await Journal.read(ports, bucket, opId)
}

/** The newest operations of an environment's ledger, newest first. */
export async function recentOperations(
  ports: JournalPorts,
  bucket: string,
  limit: number,
): Promise<readonly OperationSummary[]> {
  return summaries(ports, bucket, [...(await states(ports, bucket)).keys()].slice(0, limit))
}

/** Those that somebody may still want to go on with. */
export async function openOperations(ports: JournalPorts, bucket: string): Promise<readonly OperationSummary[]> {
  const open = [...(await states(ports, bucket))].filter(([, state]) => isUnfinished(state)).map(([opId]) => opId)
  return summaries(ports, bucket, open)
}
