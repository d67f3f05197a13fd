import * as z from 'zod'
import {LockedError, NotFoundError} from '../../domain/errors.ts'
import {operationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {opsAbort, type OpsAbortResult} from '../ops/ops.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import {readLock} from '../ledger/lock.ts'
import {newestOfKind} from '../ledger/read.ts'
import type {Run} from '../run.ts'
import {outcomeOf} from './ledger.ts'
import type {SideloadPorts, SideloadResult} from './options.ts'
import {handedOverUntil, plannedIn} from './plan.ts'
import {countsOf, sideload} from './start.ts'

/** How often a side-load is looked at that somebody else drives (ms). */
const lookMs = 2000

export interface SideloadTarget {
  readonly environment: EnvironmentName
  /** The newest side-load without it. */
  readonly opId: OpId | undefined
}

type LedgerPorts = Pick<SideloadPorts, 'stacks' | 'objects' | 'clock' | 'machine'>

/** @throws NotFoundError NO_SIDELOAD, OPERATION_NOT_FOUND */
async function journalOf(ports: LedgerPorts, bucket: string, {environment, opId}: SideloadTarget): Promise<Journal> {
  const wanted = opId ?? (await newestOfKind(ports, bucket, 'sideload'))
  const journal = wanted === undefined ? undefined : await Journal.read(ports, bucket, wanted)
  if (journal?.head.kind === 'sideload') return journal
  throw new NotFoundError(
    wanted === undefined
      ? `Environment ${environment} has no side-load yet.`
      : `Operation ${wanted} is no side-load but of kind ${journal?.head.kind ?? 'unknown'}.`,
    {code: 'NO_SIDELOAD', suggestions: [`pi-aws sideload start ${environment}`]},
  )
}

/**
 * How a side-load stands: its journal, and what its results say so far.
 * @throws NotFoundError NO_SIDELOAD, OPERATION_NOT_FOUND; RefusedError NO_FOUNDATION
 */
export async function sideloadStatus(target: SideloadTarget, ports: LedgerPorts): Promise<SideloadResult> {
  const bucket = recordsBucketOf(await readLandscape(ports, target.environment))
  return statusOf(ports, bucket, target.environment, await journalOf(ports, bucket, target))
}

async function statusOf(
  ports: LedgerPorts,
  bucket: string,
  environment: EnvironmentName,
  journal: Journal,
): Promise<SideloadResult> {
  const [{counts, files}, lock] = await Promise.all([
    outcomeOf(ports.objects, bucket, journal.opId),
    readLock(ports, bucket, environment, 'files'),
  ])
  const state = operationState(journal.entries.map(({step}) => step))
  const driven = lock?.record?.opId === journal.opId && !lock.dead
  const alone = state === 'paused' && ports.clock.now().getTime() < handedOverUntil(journal)
  const plan = plannedIn(journal)
  return {
    environment,
    opId: journal.opId,
    state: (state === 'open' && driven) || alone ? 'running' : state,
    bundle: plan?.bundle ?? '',
    generation: plan?.generation ?? 0,
    ...countsOf(files.length === 0 ? (committedCounts(journal) ?? counts) : counts),
    files,
  }
}

/** What a side-load came to in all, as its journal says: its results expire before that does. */
function committedCounts(journal: Journal): Readonly<Record<string, number>> | undefined {
  const entry = journal.entries.findLast(({step}) => step === 'committed')
  return z.record(z.string(), z.unknown()).transform(numbersOf).safeParse(entry?.result).data
}

function numbersOf(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, number] => typeof field[1] === 'number'),
  )
}

/**
 * Waits for a side-load to end, and drives it where nobody else does. One that failed is not tried again.
 * @throws as `sideload`
 */
export async function sideloadWait(
  target: SideloadTarget & {readonly account: string | undefined},
  ports: SideloadPorts,
  run: Run,
): Promise<SideloadResult> {
  const {environment, account} = target
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const {opId} = await journalOf(ports, bucket, target)
  for (;;) {
    const journal = await Journal.read(ports, bucket, opId)
    const state = operationState(journal.entries.map(({step}) => step))
    if (state !== 'open' && state !== 'paused') return statusOf(ports, bucket, environment, journal)
    const prune = journal.head.options['prune'] === true
    try {
      return await sideload({environment, account, prune, wait: true, resume: opId}, ports, run)
    } catch (error) {
      if (!(error instanceof LockedError) || error.code !== 'LOCKED') throw error
    }
    run.pause.throwIfAborted()
    await ports.clock.sleep(lookMs, run.pause)
  }
}

/**
 * Gives an unfinished side-load up: what is loaded stays. Slices that the function is at end by themselves.
 * @throws LockedError while somebody drives it; RefusedError NOT_UNFINISHED; NotFoundError NO_SIDELOAD
 */
export async function sideloadCancel(target: SideloadTarget, ports: LedgerPorts): Promise<OpsAbortResult> {
  const {environment} = target
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  const {opId} = await journalOf(ports, bucket, target)
  return opsAbort({environment, opId}, ports)
}
