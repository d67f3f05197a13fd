import {UsageError} from './errors.ts'

/** A licence as the platform wants it: one line. */
export interface Licence {
  readonly value: string
  /** How many line ends and blanks around them were taken out. */
  readonly joinedLines: number
}

/** Secrets Manager's limit of a secret's value (API model, PutSecretValue), in characters. */
const limit = 65_536

/**
 * Joins a licence that mail or an editor broke into lines.
 * @throws UsageError EMPTY_LICENCE, LICENCE_TOO_LONG
 */
export function normaliseLicence(text: string): Licence {
  const lines = text
    .replace(/^\u{feff}/u, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const value = lines.join('')
  if (value === '') {
    throw new UsageError('Empty licence: there is nothing in it but blanks.', {
      code: 'EMPTY_LICENCE',
      suggestions: ['pi-aws licence set ENVIRONMENT --file licence.txt'],
    })
  }
  if (value.length > limit) {
    throw new UsageError(`Licence too long: ${value.length} characters, a secret holds ${limit}.`, {
      code: 'LICENCE_TOO_LONG',
    })
  }
  return {value, joinedLines: lines.length - 1}
}
