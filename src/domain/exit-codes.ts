/**
 * The exit codes, once. Help, docs/scripting.md and the tests are generated from this table.
 * Unknown is never ok: a check that could not be made says so and does not end 0.
 */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  checkFailed: 3,
  access: 4,
  notFound: 5,
  pending: 8,
  locked: 11,
  refused: 12,
  paused: 13,
  rolledBack: 14,
  operatorNeeded: 15,
  cancelled: 130,
} as const

export type ExitName = keyof typeof exitCodes
export type ExitCode = (typeof exitCodes)[ExitName]

/** One row of the table: what the code means and the situations that end with it. */
export interface ExitRow {
  readonly name: ExitName
  readonly code: ExitCode
  readonly meaning: string
  readonly situations: readonly string[]
}

const meanings: Record<ExitName, readonly [meaning: string, situations: readonly string[]]> = {
  ok: ['done', ['nothing to change', 'plan with or without changes', 'the reader of stdout went away']],
  failed: ['tried and failed', ['an error that no other row names', 'a side-load in which a file failed']],
  usage: [
    'the command line or pi-aws.yaml cannot be understood',
    [
      'unknown command, flag or configuration key',
      'malformed pi-aws.yaml',
      'a value is missing and nobody can be asked',
    ],
  ],
  checkFailed: [
    'a check answered no',
    [
      'status or diagnose of an environment that is not healthy',
      'drift where something differs or could not be compared',
      'plan --exit-code with changes',
      'a quota that is short, or that nobody can tell',
      'clean-up after a change is incomplete',
      'sideload verify that finds a difference, sideload status of one that failed',
    ],
  ],
  access: [
    'credentials or permission missing',
    ['no or expired credentials before anything was begun', 'an IAM action was denied'],
  ],
  notFound: [
    'the named thing does not exist',
    ['unknown environment, operation, plan file or local file', 'a path that the file system does not have'],
  ],
  pending: ['the work goes on without us', ['--no-wait', '--timeout ended the wait']],
  locked: ['somebody else works on the environment', ['a second deploy, upload or side-load; the holder is named']],
  refused: [
    'a precondition does not hold, nothing was changed',
    [
      'overlapping or public address ranges',
      'a preflight check that says no, a denied action among them',
      'a check that could not be made, with --strict',
      'wrong account or region for the environment',
      'zones or certificate that do not fit',
      'a quota that is short for what would be made',
      'an environment made by a newer pi-aws',
      'a change that would replace or remove data',
      'a stale plan',
      'files get of a private key',
    ],
  ],
  paused: ['stopped at a safe point, resumable', ['first Ctrl-C', 'credentials ended while a journaled operation ran']],
  rolledBack: [
    'the change failed and AWS restored what was there',
    ['a stack update that rolled back', 'secret rotate that was taken back'],
  ],
  operatorNeeded: ['neither forward nor back without a decision', ['a rollback that failed', 'a deletion that failed']],
  cancelled: [
    'cancelled',
    [
      'second Ctrl-C',
      'a confirmation that was declined',
      'Ctrl-C in a read-only command, logs --follow and status --watch among them',
    ],
  ],
}

/** The whole table in ascending order of code. */
export const exitTable: readonly ExitRow[] = (Object.keys(exitCodes) as ExitName[]).map((name) => ({
  name,
  code: exitCodes[name],
  meaning: meanings[name][0],
  situations: meanings[name][1],
}))
