import {sep} from 'node:path'
import {Errors} from '@oclif/core'
import {CancelledError, FailedError, PiError, UsageError} from '../domain/errors.ts'
import {nearest} from '../domain/nearest.ts'
import {noWait} from '../domain/no-wait.ts'

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? text
}

/** What oclif's parser adds to its errors, each where it applies. */
interface ParserDetails {
  /** Flags that the command does not have, as they were typed. */
  readonly flags?: readonly string[]
  /** Arguments that are missing, or words that are too many. */
  readonly args?: readonly (string | {readonly name: string})[]
  readonly parse?: {readonly input?: {readonly flags?: Readonly<Record<string, unknown>>}}
}

function wrongUsage(error: Error, commandIds: readonly string[], argv: readonly string[]): UsageError {
  const {flags = [], args = [], parse} = error as ParserDetails
  const missing = args.flatMap((arg) => (typeof arg === 'string' ? [] : [arg.name.toUpperCase()]))
  const known = Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`)
  const near = flags.flatMap((flag) => nearest(flag, known) ?? [])
  const words = commandWords(commandIds, argv)
  const driven = flags.includes('--no-wait') ? noWait[words] : undefined
  if (driven !== undefined && 'why' in driven) {
    return new UsageError(`No --no-wait for ${words}: ${driven.why}.`, {
      code: 'NEEDS_ITS_DRIVER',
      suggestions: [`Instead: ${driven.instead}`, `pi-aws ${words} --help`],
      cause: error,
    })
  }
  const message = missing.length > 0 ? `${missing.join(', ')} is missing` : reasonOf(error.message)
  return new UsageError(`Wrong usage: ${message.replace(/\.?$/, '.')}`, {
    code: 'WRONG_USAGE',
    suggestions: [
      ...near.map((flag) => `Did you mean: ${flag}`),
      words === '' ? 'pi-aws --help' : `pi-aws ${words} --help`,
    ],
    cause: error,
  })
}

/** The sentence that says what is wrong: oclif puts a heading before some of its reasons, which may alone name the flag. */
function reasonOf(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  const heading = /^(?:The following errors? occurred:|Parsing (--\S+))$/
  const flag = lines.flatMap((line) => heading.exec(line)?.[1] ?? [])[0]
  const reason = firstLine(lines.filter((line) => !heading.test(line)).join('\n'))
  return flag === undefined || reason.includes(flag)
    ? reason
    : `${flag}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`
}

/**
 * Rewrites oclif's own errors as ours, so that one function prints them all and the exit codes hold.
 * @param stateFolder pi-aws's own folder: what fails inside of it is no fault of the program
 */
export function asPiError(
  error: unknown,
  commandIds: readonly string[],
  argv: readonly string[],
  stateFolder: string,
): PiError {
  if (error instanceof PiError) {
    // oclif wraps what a flag's own parser throws into its words.
    error.message = error.message.replace(/^Parsing --\S+\s+/, '').replace(/\s+See more help with --help$/, '')
    return error
  }
  if (!(error instanceof Error)) return new FailedError(String(error), {code: 'BUG', cause: error})
  if (error.name === 'AbortError') return new CancelledError('Cancelled.', {code: 'CANCELLED', cause: error})
  if (/^command .* not found$/.test(firstLine(error.message))) return unknownCommand(commandIds, argv)
  if (error instanceof Errors.CLIError) return wrongUsage(error, commandIds, argv)
  if (liesIn((error as NodeJS.ErrnoException).path, stateFolder)) return stateUnusable(error, stateFolder)
  return new FailedError(`Unexpected error: ${error.message}`, {
    code: 'BUG',
    cause: error,
    suggestions: ['This is a fault of pi-aws: please report it with the output of the same command with --verbose'],
  })
}

function liesIn(path: string | undefined, folder: string): boolean {
  return path === folder || path?.startsWith(`${folder}${sep}`) === true
}

/** What this machine does not allow in pi-aws's own folder: a home that is read-only or somebody else's, a full disk. */
function stateUnusable(error: Error, folder: string): FailedError {
  return new FailedError(`pi-aws's own folder ${folder} cannot be used: ${error.message}`, {
    code: 'STATE_UNUSABLE',
    cause: error,
    suggestions: ['Name a folder that may be written in PI_AWS_HOME'],
  })
}

/** The leading words of a command line that name a command or a topic. */
export function commandWords(commandIds: readonly string[], argv: readonly string[]): string {
  const words: string[] = []
  for (const word of argv) {
    if (
      word.startsWith('-') ||
      !commandIds.some((id) => id === [...words, word].join(':') || id.startsWith(`${[...words, word].join(':')}:`))
    )
      break
    words.push(word)
  }
  return words.join(' ')
}

function unknownCommand(commandIds: readonly string[], argv: readonly string[]): UsageError {
  const words = argv.filter((word) => !word.startsWith('-'))
  const command = commandWords(commandIds, argv)
  // Where a command takes no argument, oclif looks for one whose name goes on with the word.
  if (commandIds.includes(command.replaceAll(' ', ':'))) {
    const extra = words.slice(command.split(' ').length).join(' ')
    return new UsageError(`Wrong usage: ${command} takes no argument, and was given "${extra}".`, {
      code: 'WRONG_USAGE',
      suggestions: [`pi-aws ${command} --help`],
    })
  }
  const known = commandIds.map((id) => id.replaceAll(':', ' '))
  const near = nearest(words.slice(0, 2).join(' '), known) ?? nearest(words[0] ?? '', known)
  return new UsageError(`Unknown command: pi-aws has no "${words.slice(0, 2).join(' ')}".`, {
    code: 'UNKNOWN_COMMAND',
    suggestions: [...(near === undefined ? [] : [`Did you mean: pi-aws ${near}`]), 'pi-aws --help'],
  })
}
