import {type ExitCode, exitCodes} from './exit-codes.ts'

/** What an error says besides its sentence: a stable code, runnable next steps, the error below it. */
export interface ErrorDetails {
  /** Stable, SCREAMING_SNAKE; scripts may compare it. */
  readonly code: string
  /** Next steps, each a command or an imperative sentence. */
  readonly suggestions?: readonly string[]
  readonly cause?: unknown
}

/** The root of every error that pi-aws raises on purpose. Its exit code comes from the one table in exit-codes.ts. */
export abstract class PiError extends Error {
  readonly code: string
  readonly suggestions: readonly string[]
  abstract readonly exitCode: ExitCode

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : {cause: details.cause})
    this.name = new.target.name
    this.code = details.code
    this.suggestions = details.suggestions ?? []
  }
}

/** Something was tried and failed. */
export class FailedError extends PiError {
  override readonly exitCode = exitCodes.failed
}

/** The words, flags or configuration file cannot be understood. */
export class UsageError extends PiError {
  override readonly exitCode = exitCodes.usage
}

/** Credentials or permissions are missing; the refused action is named where AWS names it. */
export class AccessError extends PiError {
  override readonly exitCode = exitCodes.access
}

/** The named thing does not exist. */
export class NotFoundError extends PiError {
  override readonly exitCode = exitCodes.notFound
}

/** The wait is over and the work goes on without us. */
export class PendingError extends PiError {
  override readonly exitCode = exitCodes.pending
}

/** Somebody else works on the environment. */
export class LockedError extends PiError {
  override readonly exitCode = exitCodes.locked
}

/** A precondition does not hold; nothing was changed. */
export class RefusedError extends PiError {
  override readonly exitCode = exitCodes.refused
}

/** Stopped at a safe point; the journal knows where, and `ops resume` goes on from there. */
export class PausedError extends PiError {
  override readonly exitCode = exitCodes.paused
}

/** The change failed and AWS brought back what was there before. */
export class RolledBackError extends PiError {
  override readonly exitCode = exitCodes.rolledBack
}

/** Neither forward nor back without a decision of a person. */
export class OperatorNeededError extends PiError {
  override readonly exitCode = exitCodes.operatorNeeded
}

/** The person said no, or pressed Ctrl-C where nothing needs to be kept. */
export class CancelledError extends PiError {
  override readonly exitCode = exitCodes.cancelled
}
