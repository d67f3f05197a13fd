import type * as z from 'zod'
import {configurationFileSchema} from './configuration.ts'
import {nearest} from './nearest.ts'

type Path = readonly PropertyKey[]

/** What is wrong with a key, and where it stands. */
export interface DescribedIssue {
  readonly path: Path
  readonly text: string
}

/** Longest part of a key that a message repeats. */
const longest = 40

interface Unwrapped {
  readonly shape?: Readonly<Record<string, unknown>>
  readonly valueType?: unknown
}

/** Looks through optional and default wrappers at an object's or a record's definition. */
function unwrap(node: unknown): Unwrapped {
  const definition = (node as {readonly def?: {readonly innerType?: unknown} & Unwrapped} | undefined)?.def
  if (definition === undefined) return {}
  return definition.innerType === undefined ? definition : unwrap(definition.innerType)
}

/** Keys that the schema knows at a path, for naming the nearest. */
function knownKeys(path: Path): readonly string[] {
  let node: unknown = configurationFileSchema
  for (const key of path) {
    const {shape, valueType} = unwrap(node)
    node = shape?.[String(key)] ?? valueType
    if (node === undefined) return []
  }
  return Object.keys(unwrap(node).shape ?? {})
}

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}... (${text.length} characters)` : text
}

function dotted(path: Path): string {
  return path.length === 0 ? 'the file' : path.map((key) => shorten(String(key))).join('.')
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'keys with values',
  record: 'keys with values',
  array: 'a list',
  null: 'nothing',
}

const rewordings: readonly (readonly [pattern: RegExp, ours: string])[] = [
  [/^Invalid (?:input|option): expected /, 'must be '],
  [/^Too (?:big|small): expected string to have <=(\d+) characters$/, 'must have at most $1 characters'],
  [/^Too (?:big|small): expected string to have >=(\d+) characters$/, 'must have at least $1 characters'],
  [/^Too (?:big|small): expected array to have ([<>])=(\d+) items$/, 'must be a list of $2 at $1'],
  [/^Too (?:big|small): expected \w+ to be <=(\d+)$/, 'must be at most $1'],
  [/^Too (?:big|small): expected \w+ to be >=(\d+)$/, 'must be at least $1'],
  [/ at <$/, ' at most'],
  [/ at >$/, ' at least'],
  [/\|/g, ', '],
]

/** The schema's own words, said as ours. */
function inOurWords(message: string): string {
  const types = /^Invalid input: expected (\w+), received (\w+)$/.exec(message)
  if (types !== null) {
    const [, wanted = '', found = ''] = types
    return found === 'undefined' ? 'is missing' : `must be ${kinds[wanted] ?? wanted}, not ${kinds[found] ?? found}`
  }
  return rewordings.reduce((text, [pattern, ours]) => text.replace(pattern, ours), message)
}

/** One line for each thing that an issue of the schema says. */
export function describeIssue(issue: z.core.$ZodIssue): readonly DescribedIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = knownKeys(issue.path)
      const near = nearest(key, known)
      const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`
      const path = [...issue.path, key]
      return {path, text: `${dotted(path)}: unknown key; ${hint}`}
    })
  }
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
  return [{path: issue.path, text: `${dotted(issue.path)}: ${inOurWords(message)}`}]
}
