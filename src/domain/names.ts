import {UsageError} from './errors.ts'

declare const brand: unique symbol
type Branded<B extends string> = string & {readonly [brand]: B}

/** One named deployment: account + region + configuration. 1-20 characters, `a-z0-9` and single dashes, starts with a letter. */
export type EnvironmentName = Branded<'EnvironmentName'>
/** `pi-<environment>-<part>`, made only by parts.ts. */
export type StackName = Branded<'StackName'>
/** An AWS region's name such as `eu-west-1`. */
export type Region = Branded<'Region'>
/** Twelve digits. */
export type AccountId = Branded<'AccountId'>
/** The id of a journaled operation: `<yyyymmddThhmmssZ>-<kind>-<6 hex>`, so that sorting by name is sorting by time. */
export type OpId = Branded<'OpId'>
/** Number of one life of the database or of the files, from 1. */
export type Generation = number & {readonly [brand]: 'Generation'}

const environmentPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const regionPattern = /^[a-z]{2}(-[a-z]+)+-\d$/
const opIdPattern = /^\d{8}T\d{6}Z-[a-z]+(-[a-z]+)*-[0-9a-f]{6}$/

/** Longest environment name: the stack name, a generation and AWS's own suffixes must fit behind it. */
export const environmentNameLimit = 20

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}... (${text.length} characters)` : text
}

/** @throws UsageError INVALID_ENVIRONMENT_NAME */
export function parseEnvironmentName(text: string): EnvironmentName {
  if (text.length > environmentNameLimit || !environmentPattern.test(text)) {
    const why = text === '' ? 'it is empty' : `"${shorten(text)}" does not fit`
    throw new UsageError(
      `Invalid environment name: ${why}. Use 1-${environmentNameLimit} characters: lower-case letters, digits and single dashes, a letter first.`,
      {code: 'INVALID_ENVIRONMENT_NAME', suggestions: ['Names that work: prod, staging, team-a']},
    )
  }
  return text as EnvironmentName
}

/** @throws UsageError INVALID_REGION */
export function parseRegion(text: string): Region {
  if (!regionPattern.test(text)) {
    throw new UsageError(`Invalid region: "${shorten(text)}" does not look like an AWS region.`, {
      code: 'INVALID_REGION',
      suggestions: ['Regions look like eu-west-1 or us-gov-west-1'],
    })
  }
  return text as Region
}

/** @throws UsageError INVALID_ACCOUNT */
export function parseAccountId(text: string): AccountId {
  if (!/^\d{12}$/.test(text)) {
    throw new UsageError(`Invalid account: "${shorten(text)}" is not twelve digits.`, {
      code: 'INVALID_ACCOUNT',
      suggestions: ["Write the account in quotes: account: '012345678901'"],
    })
  }
  return text as AccountId
}

/** Whether a text has the form of an operation's id. */
export function isOpId(text: string): text is OpId {
  return opIdPattern.test(text)
}

/** @throws UsageError INVALID_OPERATION_ID */
export function parseOpId(text: string): OpId {
  if (!isOpId(text)) {
    throw new UsageError(`Invalid operation id: "${shorten(text)}" is not one of ours.`, {
      code: 'INVALID_OPERATION_ID',
      suggestions: ['The ids of an environment: pi-aws ops list'],
    })
  }
  return text
}

/**
 * Builds an operation id.
 * @param at UTC time of the start
 * @param random at least 6 hex digits
 */
export function makeOpId(kind: string, at: Date, random: string): OpId {
  const stamp = at.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return parseOpId(`${stamp}-${kind}-${random.slice(0, 6)}`)
}
