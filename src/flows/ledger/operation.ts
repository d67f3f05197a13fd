import {AccessError, LockedError, PausedError, PendingError, PiError, RefusedError} from '../../domain/errors.ts'
import {exitCodes} from '../../domain/exit-codes.ts'
import {lockScopes, mustEndFirst, type OperationHead, type OperationKind, takesUp} from '../../domain/ledger.ts'
import {type EnvironmentName, makeOpId, type OpId} from '../../domain/names.ts'
import type {CallerIdentity, Clock, Machine, Objects, PackageFiles} from '../ports.ts'
import {paused, type Run} from '../run.ts'
import {Journal} from './journal.ts'
import {acquireLock, holderText, type Lock} from './lock.ts'
import {openOperations, type OperationSummary} from './read.ts'

export type LedgerPorts = {
  readonly objects: Objects
  readonly machine: Machine
  readonly clock: Clock
  readonly packageFiles: PackageFiles
}

export interface OperationRequest {
  readonly kind: OperationKind
  readonly environment: EnvironmentName
  readonly caller: CallerIdentity
  readonly bucket: string
  /** What is needed to go on after an interruption; never a secret. */
  readonly options: Readonly<Record<string, unknown>>
  /** Go on with this one instead of opening a new one. */
  readonly resume?: OpId
  /** The id to open it under, when something of it was made before the ledger existed. */
  readonly opId?: OpId
}

/** A journaled operation under the environment's lock. */
export class Operation {
  readonly opId: OpId
  readonly environment: EnvironmentName
  readonly journal: Journal
  /** Runs that ended somewhere in between and whose work this operation takes up. */
  readonly takenUp: readonly Attempt[]
  readonly #lock: Lock
  readonly #run: Run
  readonly #attempt: number

  constructor(journal: Journal, lock: Lock, run: Run, environment: EnvironmentName, superseded: readonly Attempt[]) {
    this.opId = journal.opId
    this.environment = environment
    const own = attemptsOf(journal)
    this.#attempt = own.length
    this.takenUp = [...superseded, ...own.slice(0, -1)]
    this.journal = journal
    this.#lock = lock
    this.#run = run
  }

  /**
   * Idempotency token of a step in this attempt.
   * A resumed operation is a new attempt: what the last one began is found by looking, never by repeating its token.
   */
  token(step: string): string {
    return stepToken({opId: this.opId, attempt: this.#attempt}, step)
  }

  /**
   * Call before each piece of new work.
   * @throws PausedError after the first Ctrl-C; PendingError after the time limit; LockedError when the lock was lost
   */
  checkpoint(): void {
    if (this.#lock.lost.aborted) throw lostReason(this.#lock.lost)
    if (this.#run.pause.aborted) throw this.#stopped()
  }

  #stopped(): PausedError | PendingError {
    const reason: unknown = this.#run.pause.reason
    const stopped = paused(this.opId, this.environment, 'you asked to stop')
    return reason instanceof PendingError
      ? new PendingError(reason.message, {code: reason.code, suggestions: stopped.suggestions})
      : stopped
  }

  /** Ends a wait early when the operation is to stop. */
  get stop(): AbortSignal {
    return AbortSignal.any([this.#run.pause, this.#lock.lost])
  }

  /** Intent before effect, result after it. The effect must converge: after a crash it is run again. */
  async record<T>(name: string, effect: (token: string) => Promise<T>, summary?: (value: T) => unknown): Promise<T> {
    this.checkpoint()
    return this.#write(name, effect, summary)
  }

  /**
   * The same for what has to be done also after Ctrl-C, such as releasing services.
   * @throws LockedError when the lock was lost: then it is for whoever has it now
   */
  async recordAnyway<T>(name: string, effect: () => Promise<T>, summary?: (value: T) => unknown): Promise<T> {
    if (this.#lock.lost.aborted) throw lostReason(this.#lock.lost)
    return this.#write(name, effect, summary)
  }

  async #write<T>(
    name: string,
    effect: (token: string) => Promise<T>,
    summary: ((value: T) => unknown) | undefined,
  ): Promise<T> {
    await this.journal.write(name, 'intent')
    try {
      const value = await effect(this.token(name))
      await this.journal.write(name, 'done', summary === undefined ? {} : {result: summary(value)})
      return value
    } catch (error) {
      if (!leavesOpen(error)) {
        await this.journal.write(name, 'fail', {reason: error instanceof Error ? error.message : String(error)})
      }
      throw error
    }
  }

  async commit(result: unknown): Promise<void> {
    await this.journal.write('committed', 'done', {result})
    await this.#lock.release()
  }

  /** Ends an operation that was given up and has taken back what it began. */
  async abort(result: unknown): Promise<void> {
    await this.journal.write('aborted', 'done', {result})
    await this.#lock.release()
  }

  /** Ends an operation that removed its own ledger: there is nowhere left to write. */
  async release(): Promise<void> {
    await this.#lock.release().catch(() => undefined)
  }

  /**
   * Writes how it ended, frees the lock and gives back the error to throw: credentials that end under a running
   * operation pause it.
   * @param servicesDown whether users have to be told that the platform stays quiesced meanwhile
   */
  async end(error: unknown, servicesDown = false): Promise<unknown> {
    const reason = error instanceof Error ? error.message : String(error)
    const final = this.#asEnded(error, reason)
    const stopped = final instanceof PausedError || final instanceof PendingError
    if (servicesDown) {
      const message = `The platform is quiesced: users get a 503 page until operation ${this.opId} has gone on.`
      this.#run.report({type: 'warning', code: 'SERVICES_DOWN', message})
    }
    try {
      if (final instanceof LockedError) return final
      await this.journal.write(stopped ? 'paused' : 'failed', 'done', {
        reason: error instanceof PiError ? `${error.code}: ${reason}` : reason,
        result: {exitCode: final instanceof PiError ? final.exitCode : exitCodes.failed},
      })
    } catch {
      // With the credentials gone the ledger refuses too: an operation without a closing entry reads as open.
    } finally {
      if (stopped) this.#run.report({type: 'operation.paused', opId: this.opId, reason})
      await this.#lock.release().catch(() => undefined)
    }
    return final
  }

  #asEnded(error: unknown, reason: string): unknown {
    if (error instanceof AccessError && error.code.startsWith('CREDENTIALS')) {
      return paused(this.opId, this.environment, `credentials ended (${reason})`)
    }
    const {pause} = this.#run
    return pause.aborted && (error === pause.reason || leavesOpen(error)) && !(error instanceof LockedError)
      ? this.#stopped()
      : error
  }
}

/** One run of an operation: the first, or a resumption. */
export interface Attempt {
  readonly opId: OpId
  /** From 1. */
  readonly attempt: number
}

/** At most 128 characters, as CloudFormation and ECS take them. */
export function stepToken({opId, attempt}: Attempt, step: string): string {
  return `${opId}-${attempt}-${step}`.slice(0, 128)
}

/** All runs of an operation so far. */
export function attemptsOf(journal: Journal): readonly Attempt[] {
  const resumed = journal.entries.filter((entry) => entry.step === 'resumed').length
  return Array.from({length: resumed + 1}, (_, index) => ({opId: journal.opId, attempt: index + 1}))
}

/** A pause, the end of the wait or a lost lock leaves a step's intent open: its effect may be under way. */
export function leavesOpen(error: unknown): boolean {
  return error instanceof PausedError || error instanceof PendingError || error instanceof LockedError
}

function lostReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new LockedError('The lock was lost.', {code: 'LOCK_LOST'})
}

/**
 * Takes the lock and opens the journal. Unfinished operations under the same lock are marked as superseded: each kind
 * converges from whatever it finds. One that keeps services down or data staged has to be ended first.
 * @throws LockedError LOCKED; RefusedError OPERATION_UNFINISHED
 */
export async function beginOperation(ports: LedgerPorts, request: OperationRequest, run: Run): Promise<Operation> {
  const {clock, machine} = ports
  const opId = request.resume ?? request.opId ?? makeOpId(request.kind, clock.now(), machine.randomHex(6))
  const lock = await acquireLock(ports, request.bucket, request.environment, opId, lockScopes[request.kind])
  try {
    if (lock.tookOverFrom !== undefined) {
      run.report({
        type: 'warning',
        code: 'LOCK_TAKEN_OVER',
        message: `The lock of ${holderText(lock.tookOverFrom.holder)} was dead and was taken over (operation ${lock.tookOverFrom.opId}).`,
      })
    }
    const others = request.resume === undefined ? await unfinishedOthers(ports, request, opId) : []
    const journal =
      request.resume === undefined
        ? await Journal.open(ports, request.bucket, headOf(ports, request, opId))
        : await Journal.read(ports, request.bucket, request.resume)
    const superseded = await supersede(takesUp(request.kind) ? others : [], opId, run)
    if (request.resume !== undefined) await journal.write('resumed', 'done')
    if (lock.tookOverFrom !== undefined) await journal.write('lock-taken-over', 'done', {result: lock.tookOverFrom})
    run.report({type: 'operation.started', opId, kind: request.kind, environment: request.environment})
    return new Operation(journal, lock, run, request.environment, superseded)
  } catch (error) {
    await lock.release()
    throw error
  }
}

function headOf(ports: LedgerPorts, request: OperationRequest, opId: OpId): OperationHead {
  return {
    schemaVersion: 1,
    opId,
    kind: request.kind,
    environment: request.environment,
    account: request.caller.account,
    region: request.caller.region,
    cliVersion: ports.packageFiles.version,
    startedAt: ports.clock.now().toISOString(),
    holder: ports.machine.holder(),
    options: request.options,
  }
}

function unfinished({opId, kind, state}: OperationSummary, environment: EnvironmentName): RefusedError {
  return new RefusedError(
    `Operation ${opId} (${kind}) is ${state}: what it began has to be ended or taken back first. Nothing was changed.`,
    {
      code: 'OPERATION_UNFINISHED',
      suggestions: [
        `pi-aws ops resume ${opId} --environment ${environment}`,
        `pi-aws ops abort ${opId} --environment ${environment}`,
      ],
    },
  )
}

/** Unfinished operations under the same lock. @throws RefusedError OPERATION_UNFINISHED, before anything is written */
async function unfinishedOthers(
  ports: LedgerPorts,
  request: OperationRequest,
  opId: OpId,
): Promise<readonly {readonly open: OperationSummary; readonly journal: Journal}[]> {
  const others: {readonly open: OperationSummary; readonly journal: Journal}[] = []
  for (const open of await openOperations(ports, request.bucket)) {
    if (open.opId === opId || lockScopes[open.kind] !== lockScopes[request.kind]) continue
    const journal = await Journal.read(ports, request.bucket, open.opId as OpId)
    if (mustEndFirst(open.kind, journal.entries)) throw unfinished(open, request.environment)
    others.push({open, journal})
  }
  return others
}

async function supersede(
  others: readonly {readonly open: OperationSummary; readonly journal: Journal}[],
  opId: OpId,
  run: Run,
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = []
  for (const {open, journal} of others) {
    attempts.push(...attemptsOf(journal))
    await journal.write('superseded', 'done', {result: {by: opId}})
    run.report({
      type: 'note',
      message: `Operation ${open.opId} was unfinished (${open.state}); this one takes up what it left.`,
    })
  }
  return attempts
}
