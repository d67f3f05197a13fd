import {CancelledError, LockedError, NotFoundError, PausedError, RefusedError} from '../../domain/errors.ts'
import {type ExitCode, exitCodes} from '../../domain/exit-codes.ts'
import {lockScopes, type OperationState} from '../../domain/ledger.ts'
import type {EnvironmentName, OpId} from '../../domain/names.ts'
import type {AssetPorts} from '../assets/ports.ts'
import {readLandscape, recordsBucketOf} from '../landscape.ts'
import {Journal} from '../ledger/journal.ts'
import {readLock} from '../ledger/lock.ts'
import {type OperationSummary, recentOperations, summarise} from '../ledger/read.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import type {OpenOther} from '../snapshot/resume-copy.ts'
import {supersededBy, tellSteps} from './progress.ts'
import {resume, type ResumeOptions} from './resume.ts'

/** How often an operation is looked at that somebody else drives (ms). */
const lookMs = 2000
/** How many operations are looked at for the one that is meant. */
const recent = 20

export interface WaitOptions extends Omit<ResumeOptions, 'opId'> {
  /** The newest that is not at its end without it, or else the newest. */
  readonly opId: OpId | undefined
}

export interface OpsWaitResult extends OperationSummary {
  /** Exit code of the operation: what its own command would have ended with. */
  readonly exitCode: ExitCode
  /** Whether this command drove it to its end, since it was handed over and nobody else did. */
  readonly wentOn: boolean
}

/** Exit codes of operations whose journal names none. */
const endings: Readonly<Record<OperationState, ExitCode>> = {
  open: exitCodes.paused,
  paused: exitCodes.paused,
  done: exitCodes.ok,
  failed: exitCodes.failed,
  aborted: exitCodes.cancelled,
  superseded: exitCodes.failed,
}

/** Whoever handed it over (`--no-wait`, `--timeout`) wants it to go on. */
function handedOver({state, exitCode}: OperationSummary): boolean {
  return state === 'paused' && exitCode === exitCodes.pending
}

/** @throws NotFoundError NO_OPERATION, OPERATION_NOT_FOUND */
async function meant(ports: Ports, bucket: string, {opId, environment}: WaitOptions): Promise<OpId> {
  if (opId !== undefined) return opId
  const newest = await recentOperations(ports, bucket, recent)
  const found = newest.find((each) => each.state === 'open' || handedOver(each)) ?? newest[0]
  if (found !== undefined) return found.opId as OpId
  throw new NotFoundError(`Environment ${environment} has no operations.`, {
    code: 'NO_OPERATION',
    suggestions: [`pi-aws deploy ${environment}`],
  })
}

async function isDriven(ports: Ports, bucket: string, {head, opId}: Journal): Promise<boolean> {
  const lock = await readLock(ports, bucket, head.environment as EnvironmentName, lockScopes[head.kind])
  return lock?.record?.opId === opId && !lock.dead
}

/**
 * Waits until an operation ends that somebody else drives, and tells its steps. One that was handed over is gone on with
 * where nobody else does; one that a person paused, or whose process died, is not: that is for `ops resume`.
 * @param other opens the environment that a copy comes from
 * @throws NotFoundError NO_OPERATION, OPERATION_NOT_FOUND; CancelledError; PendingError after the time limit; what the
 * operation throws that is gone on with
 */
export async function waitForOperation(
  options: WaitOptions,
  ports: Ports,
  run: Run,
  assetPorts: () => Promise<AssetPorts>,
  other: OpenOther,
): Promise<OpsWaitResult> {
  const {environment} = options
  const bucket = recordsBucketOf(await readLandscape(ports, environment))
  let opId = await meant(ports, bucket, options)
  let told: number | undefined
  for (;;) {
    const journal = await Journal.read(ports, bucket, opId)
    const driven = await isDriven(ports, bucket, journal)
    // It may have ended between the two reads.
    const now = driven ? journal : await Journal.read(ports, bucket, opId)
    told = tellSteps(now, told, run.report)
    const summary = summarise(now)
    const successor = summary.state === 'superseded' ? supersededBy(now) : undefined
    if (successor !== undefined) {
      run.report({type: 'note', message: `Operation ${opId} was taken up by ${successor}.`})
      opId = successor
      told = undefined
      continue
    }
    if (!driven && handedOver(summary)) {
      const ended = await goOn({...options, opId}, ports, run, assetPorts, other)
      if (ended) return ending(summarise(await Journal.read(ports, bucket, opId)), true)
    } else if (!driven || (summary.state !== 'open' && summary.state !== 'paused')) return ending(summary, false)
    await look(ports, run, opId, environment)
  }
}

function ending(summary: OperationSummary, wentOn: boolean): OpsWaitResult {
  return {...summary, exitCode: summary.exitCode ?? endings[summary.state], wentOn}
}

/** Drives an operation to its end; false where somebody else has taken it by now. */
async function goOn(
  options: ResumeOptions,
  ports: Ports,
  run: Run,
  assetPorts: () => Promise<AssetPorts>,
  other: OpenOther,
): Promise<boolean> {
  try {
    await resume(options, ports, run, assetPorts, other)
    return true
  } catch (error) {
    const takenUp =
      (error instanceof LockedError && error.code === 'LOCKED') ||
      (error instanceof RefusedError && error.code === 'NOT_UNFINISHED')
    if (!takenUp) throw error
    return false
  }
}

/** Until the next look. @throws CancelledError where somebody leaves: the operation goes on; PendingError */
async function look({clock}: Ports, {pause}: Run, opId: OpId, environment: EnvironmentName): Promise<void> {
  try {
    pause.throwIfAborted()
    await clock.sleep(lookMs, pause)
  } catch (error) {
    if (!(error instanceof PausedError)) throw error
    throw new CancelledError(`Cancelled: operation ${opId} goes on without you.`, {
      code: 'CANCELLED',
      suggestions: [`pi-aws ops wait ${opId} --environment ${environment}`],
    })
  }
}
