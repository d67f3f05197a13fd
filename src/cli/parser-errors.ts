import {Errors} from '@oclif/core'
import {CancelledError, FailedError, PiError, UsageError} from '../domain/errors.ts'
import {nearest} from './config-file.ts'

function firstLine(text: string): string {
  return text.split('\n').filter((line) => line.trim() !== '')[0] ?? text
}

/** Rewrites oclif's own errors as ours, so that one function prints them all and the exit codes hold. */
export function asPiError(error: unknown, commandIds: readonly string[], argv: readonly string[]): PiError {
  if (error instanceof PiError) {
    // oclif wraps what a flag's own parser throws into its words.
    error.message = error.message.replace(/^Parsing --\S+\s+/, '').replace(/\s+See more help with --help$/, '')
    return error
  }
  if (!(error instanceof Error)) return new FailedError(String(error), {code: 'BUG', cause: error})
  if (error.name === 'AbortError') return new CancelledError('Cancelled.', {code: 'CANCELLED', cause: error})
  if (/^command .* not found$/.test(firstLine(error.message))) return unknownCommand(commandIds, argv)
  if (error instanceof Errors.CLIError) {
    const help = argv[0] === undefined || argv[0].startsWith('-') ? 'pi-aws --help' : `pi-aws ${commandWords(commandIds, argv)} --help`
    return new UsageError(`Wrong usage: ${firstLine(error.message).replace(/\.?$/, '.')}`, {code: 'WRONG_USAGE', suggestions: [help], cause: error})
  }
  return new FailedError(`Unexpected error: ${error.message}`, {
    code: 'BUG',
    cause: error,
    suggestions: ['This is a fault of pi-aws: please report it with the output of the same command with --verbose'],
  })
}

/** The leading words of a command line that name a command or a topic. */
function commandWords(commandIds: readonly string[], argv: readonly string[]): string {
  const words: string[] = []
  for (const word of argv) {
    if (word.startsWith('-') || !commandIds.some((id) => id === [...words, word].join(':') || id.startsWith(`${[...words, word].join(':')}:`))) break
    words.push(word)
  }
  return words.join(' ')
}

function unknownCommand(commandIds: readonly string[], argv: readonly string[]): UsageError {
  const words = argv.filter((word) => !word.startsWith('-'))
  const known = commandIds.map((id) => id.replaceAll(':', ' '))
  const near = nearest(words.slice(0, 2).join(' '), known) ?? nearest(words[0] ?? '', known)
  return new UsageError(`Unknown command: pi-aws has no "${words.slice(0, 2).join(' ')}".`, {
    code: 'UNKNOWN_COMMAND',
    suggestions: [...(near === undefined ? [] : [`Did you mean: pi-aws ${near}`]), 'pi-aws --help'],
  })
}
