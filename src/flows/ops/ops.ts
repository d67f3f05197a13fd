import {LockedError, NotFoundError, RefusedError} from '../../domain/errors.ts'
import {isUnfinished, lockKey, type LockScope, lockScopes, operationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import {type OperationStep, stepsOf} from '../../domain/operation-steps.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import {acquireLock, holderText, readLock} from '../ledger/lock.ts'
import {attemptsOf} from '../ledger/operation.ts'
import {type OperationSummary, recentOperations, summarise} from '../ledger/read.ts'
import type {Ports} from '../ports.ts'
import {forgetChangeSets} from '../stack/forgotten-change-sets.ts'

export type OpsPorts = Pick<Ports, 'stacks' | 'objects' | 'machine' | 'clock'>

async function bucketOf(ports: OpsPorts, environment: EnvironmentName): Promise<string> {
  return recordsBucketOf(await readLandscape(ports, environment))
}

export interface OpsListResult {
  readonly environment: string
  readonly operations: readonly OperationSummary[]
}

/** The newest operations, newest first. */
export async function opsList(
  options: {readonly environment: EnvironmentName; readonly limit: number},
  ports: OpsPorts,
): Promise<OpsListResult> {
  const bucket = await bucketOf(ports, options.environment)
  return {environment: options.environment, operations: await recentOperations(ports, bucket, options.limit)}
}

export interface OpsShowResult extends OperationSummary {
  readonly account: string
  readonly region: string
  readonly cliVersion: string
  /** Each step once, as it stands. */
  readonly steps: readonly OperationStep[]
  /** The whole story. */
  readonly entries: readonly {
    readonly number: number
    readonly step: string
    readonly kind: string
    readonly at: string
    readonly reason?: string
  }[]
}

/** One operation with its journal. */
export async function opsShow(
  options: {readonly environment: EnvironmentName; readonly opId: OpId},
  ports: OpsPorts,
): Promise<OpsShowResult> {
  const journal = await Journal.read(ports, await bucketOf(ports, options.environment), options.opId)
  return {
    ...summarise(journal),
    account: journal.head.account,
    region: journal.head.region,
    cliVersion: journal.head.cliVersion,
    steps: stepsOf(journal.entries),
    entries: journal.entries.map(({number, step, kind, at, reason}) => ({
      number,
      step,
      kind,
      at,
      ...(reason === undefined ? {} : {reason}),
    })),
  }
}

export interface OpsAbortResult {
  readonly environment: string
  readonly opId: string
  readonly state: 'aborted'
  /** Change sets that were deleted and stacks whose update was stopped. */
  readonly undone: readonly string[]
}

/**
 * Gives an operation up: change sets that were made and not executed go, stack updates that run are stopped and rolled
 * back by CloudFormation. What was already changed stays; the next deploy converges.
 * @throws LockedError while its holder is alive; RefusedError NOT_UNFINISHED
 */
export async function opsAbort(
  options: {readonly environment: EnvironmentName; readonly opId: OpId},
  ports: OpsPorts,
): Promise<OpsAbortResult> {
  const {environment, opId} = options
  const bucket = await bucketOf(ports, environment)
  const journal = await Journal.read(ports, bucket, opId)
  const state = operationState(journal.entries.map((entry) => entry.step))
  if (!isUnfinished(state)) {
    throw new RefusedError(`Operation ${opId} is ${state}: there is nothing to abort.`, {
      code: 'NOT_UNFINISHED',
      suggestions: ['pi-aws ops list'],
    })
  }
  const scope = lockScopes[journal.head.kind]
  const lock = await acquireLock(ports, bucket, environment, opId, scope)
  try {
    const now = await readLandscape(ports, environment)
    const ofStacks = scope === 'environment'
    const undone = ofStacks ? [...(await forgetChangeSets(ports.stacks, now, attemptsOf(journal)))] : []
    for (const stack of ofStacks ? now.stacks : []) {
      if (stack.status !== 'UPDATE_IN_PROGRESS') continue
      await ports.stacks.cancelUpdate(stack.id, `${opId}-abort`)
      undone.push(stack.name)
    }
    await journal.write('aborted', 'done', {result: {undone}})
    return {environment, opId, state: 'aborted', undone}
  } finally {
    await lock.release()
  }
}

export interface OpsUnlockResult {
  readonly environment: string
  readonly unlocked: boolean
  readonly holder?: string
}

/**
 * Breaks the dead locks of an environment, and says so in the journal of the operation that held each.
 * @param options.force also one whose holder may be alive
 * @throws LockedError HOLDER_MAY_LIVE
 */
export async function opsUnlock(
  options: {readonly environment: EnvironmentName; readonly force: boolean},
  ports: OpsPorts,
): Promise<OpsUnlockResult> {
  const {environment} = options
  const bucket = await bucketOf(ports, environment)
  const holders: string[] = []
  for (const scope of new Set(Object.values(lockScopes))) {
    const holder = await unlock(ports, bucket, options, scope)
    if (holder !== undefined) holders.push(holder)
  }
  return holders.length === 0
    ? {environment, unlocked: false}
    : {environment, unlocked: true, holder: holders.join(', ')}
}

/** @returns who held it, or undefined when nobody did */
async function unlock(
  ports: OpsPorts,
  bucket: string,
  {environment, force}: {readonly environment: EnvironmentName; readonly force: boolean},
  scope: LockScope,
): Promise<string | undefined> {
  const lock = await readLock(ports, bucket, environment, scope)
  if (lock === undefined) return undefined
  const holder = lock.record === undefined ? 'somebody unknown' : holderText(lock.record.holder)
  if (!lock.dead && !force) {
    throw new LockedError(
      `The lock of ${environment} may be alive: ${holder} renewed it ${Math.round(lock.ageMs / 1000)} s ago.`,
      {
        code: 'HOLDER_MAY_LIVE',
        suggestions: [
          'Wait two minutes: a dead holder renews nothing',
          `If you are sure: pi-aws ops unlock ${environment} --force`,
        ],
      },
    )
  }
  if (!(await ports.objects.deleteIfMatch(bucket, lockKey(environment, scope), lock.etag))) {
    throw new LockedError(`The lock of ${environment} changed hands just now.`, {
      code: 'LOCK_MOVED',
      suggestions: ['pi-aws status'],
    })
  }
  await noteInJournal(ports, bucket, lock.record?.opId, holder)
  return holder
}

async function noteInJournal(ports: OpsPorts, bucket: string, opId: string | undefined, holder: string): Promise<void> {
  if (opId === undefined) return
  try {
    const journal = await Journal.read(ports, bucket, opId as OpId)
    const closed = !isUnfinished(operationState(journal.entries.map((entry) => entry.step)))
    if (!closed) await journal.write('unlocked', 'done', {result: {holder, by: ports.machine.holder()}})
  } catch (error) {
    // The lock may be older than its journal: taken, and killed before the first record.
    if (!(error instanceof NotFoundError)) throw error
  }
}
