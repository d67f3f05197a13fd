import type {Report} from '../../flows/events.ts'
import type {OutputStream} from '../stream.ts'
import type {TerminalTraits} from '../theme.ts'

/**
 * tasks: a live list for a terminal; plain: a line an event, for CI and files; ndjson: events as JSON lines on stdout;
 * silent: warnings only. All but ndjson write to stderr.
 */
export type ReporterKind = 'tasks' | 'plain' | 'ndjson' | 'silent'

export interface Output {
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  /** Of stderr, where people look. */
  readonly traits: TerminalTraits
}

export interface ReporterOptions {
  /** Every event of every resource, in `plain`. */
  readonly verbose?: boolean
  /** Milliseconds since 1970; tests give their own. */
  readonly now?: () => number
}

export interface Reporter {
  /** Never throws and never waits. */
  readonly report: Report
  /** Takes the live list off the terminal, does the work (a question, say), and lets the list come back. */
  aside<T>(work: () => Promise<T>): Promise<T>
  /** Writes what is left to say; events after it are dropped, except warnings. */
  finish(): Promise<void>
}

/** For reporters that paint nothing which could be in the way. */
export function inTheOpen<T>(work: () => Promise<T>): Promise<T> {
  return work()
}
