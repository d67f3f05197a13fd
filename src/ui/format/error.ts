import {completed} from './next-step.ts'
import {PiError} from '../../domain/errors.ts'
import {type ExitCode, exitCodes} from '../../domain/exit-codes.ts'
import {plainTheme, type Symbols, symbolsFor, type Theme} from '../theme.ts'
import {oneLine, visibleLines} from './visible.ts'

/** An error as scripts read it; the one shape of all JSON errors. */
export interface ErrorJson {
  readonly schemaVersion: 1
  readonly error: {
    readonly code: string
    readonly message: string
    readonly suggestions: readonly string[]
    readonly exitCode: ExitCode
  }
}

/** The code of an error that nobody foresaw. */
export const bugCode = 'BUG'

const bugSteps = [
  'Run the same command again with --verbose: it adds the place in the program',
  'Report that output together with `pi-aws --version` and what you did',
]

interface Story {
  readonly code: string
  readonly message: string
  readonly suggestions: readonly string[]
  readonly exitCode: ExitCode
}

function nameAndMessage(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : `${error.name}: ${error.message}`
  return typeof error === 'string' ? error : `a value that is no error was thrown (${typeof error})`
}

function storyOf(error: unknown): Story {
  if (error instanceof PiError) {
    return {code: error.code, message: error.message, suggestions: error.suggestions, exitCode: error.exitCode}
  }
  return {
    code: bugCode,
    message: `This is a bug in pi-aws: ${nameAndMessage(error)}`,
    suggestions: bugSteps,
    exitCode: exitCodes.failed,
  }
}

/** The error as JSON, escape sequences and control characters of foreign text made harmless. */
export function errorToJson(error: unknown): ErrorJson {
  const {code, message, suggestions, exitCode} = storyOf(error)
  const harmless = visibleLines(message).join('\n')
  return {schemaVersion: 1, error: {code, message: harmless, suggestions: suggestions.map(oneLine), exitCode}}
}

/** The error's stack and those of its causes, outermost first; a loop of causes ends where it began. */
function traces(error: unknown): readonly string[] {
  const seen = new Set<unknown>()
  const lines: string[] = []
  for (
    let current = error;
    current !== undefined && !seen.has(current);
    current = current instanceof Error ? current.cause : undefined
  ) {
    if (seen.size > 0) lines.push('caused by:')
    seen.add(current)
    lines.push(
      ...visibleLines(current instanceof Error ? (current.stack ?? nameAndMessage(current)) : nameAndMessage(current)),
    )
  }
  return lines
}

export interface ErrorLook {
  readonly theme?: Theme
  readonly symbols?: Symbols
  /** What commands among the next steps need to find the same environment. */
  readonly flags?: string
  /** Adds the stack traces of the error and its causes. */
  readonly verbose?: boolean
}

/**
 * The error for a person: the sentence and its code, below it the next steps. An error that is not ours is a bug,
 * and says how to report it.
 */
export function formatError(error: unknown, look: ErrorLook = {}): string {
  const {theme = plainTheme, symbols = symbolsFor({unicode: false}), verbose = false, flags = ''} = look
  const {code, message, suggestions} = storyOf(error)
  const [first = '', ...others] = visibleLines(message)
  const lines = [
    `${theme.bad(first)} ${theme.dim(`[${oneLine(code)}]`)}`,
    ...others.map((line) => `  ${line}`),
    ...(suggestions.length === 0 ? [] : ['', theme.strong('Next steps')]),
    ...suggestions.map((suggestion) => `  ${symbols.bullet} ${oneLine(completed(suggestion, flags))}`),
    ...(verbose ? ['', ...traces(error).map((line) => theme.dim(`  ${line}`))] : []),
  ]
  return `${lines.join('\n')}\n`
}
