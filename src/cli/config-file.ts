import {readFile} from 'node:fs/promises'
import {closest, distance} from 'fastest-levenshtein'
import {LineCounter, parseDocument} from 'yaml'
import type {z} from 'zod'
import {type Configuration, configurationSchema, type EnvironmentConfiguration} from '../domain/configuration.ts'
import {NotFoundError, UsageError} from '../domain/errors.ts'
import {type EnvironmentName, parseEnvironmentName} from '../domain/names.ts'

/** A configuration with the file it came from, for messages. */
export interface ConfigurationFile {
  readonly path: string
  readonly configuration: Configuration
}

type Path = readonly PropertyKey[]

/** Keys that the schema knows at a path, for naming the nearest. */
function knownKeys(path: Path): readonly string[] {
  let node: unknown = configurationSchema
  for (const key of path) {
    const {shape, valueType} = unwrap(node)
    node = shape?.[String(key)] ?? valueType
    if (node === undefined) return []
  }
  return Object.keys(unwrap(node).shape ?? {})
}

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

/** The nearest of the words, when it is near enough to be a slip of the fingers. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined
  const found = closest(word, [...words])
  return distance(word.toLowerCase(), found.toLowerCase()) <= Math.max(2, Math.floor(word.length / 3)) ? found : undefined
}

function describeIssue(issue: z.core.$ZodIssue): {readonly path: Path; readonly text: string} {
  if (issue.code !== 'unrecognized_keys') {
    const at = issue.path.map(String).join('.')
    return {path: issue.path, text: `${at === '' ? 'the file' : at}: ${issue.message}`}
  }
  const key = issue.keys[0] ?? ''
  const known = knownKeys(issue.path)
  const near = nearest(key, known)
  const hint = near === undefined ? `known here: ${known.join(', ')}` : `did you mean ${near}?`
  return {path: [...issue.path, key], text: `${[...issue.path, key].map(String).join('.')}: unknown key; ${hint}`}
}

/**
 * Reads the text of a pi-aws.yaml.
 * @throws UsageError BROKEN_CONFIGURATION with file, line and column; INVALID_CONFIGURATION with file, line and key
 */
export function parseConfiguration(path: string, text: string): ConfigurationFile {
  const lines = new LineCounter()
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false})
  const broken = document.errors[0]
  if (broken !== undefined) {
    const {line, col} = lines.linePos(broken.pos[0])
    throw new UsageError(`Broken configuration: ${path}:${line}:${col}: ${broken.message}`, {
      code: 'BROKEN_CONFIGURATION',
      suggestions: ['examples/pi-aws.yaml in the package shows every key'],
    })
  }
  const result = configurationSchema.safeParse(document.toJS())
  if (result.success) return {path, configuration: result.data}
  const rows = result.error.issues.slice(0, 5).map((issue) => {
    const {path: at, text: message} = describeIssue(issue)
    return `${path}:${lineOf(document, lines, at)}: ${message}`
  })
  throw new UsageError(`Invalid configuration: ${rows.join('\n')}`, {
    code: 'INVALID_CONFIGURATION',
    suggestions: ['examples/pi-aws.yaml in the package shows every key'],
  })
}

/** The line of a key, or of the nearest thing above it that is there. */
function lineOf(document: ReturnType<typeof parseDocument>, lines: LineCounter, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true) as {readonly items?: readonly unknown[]} | undefined
    for (const item of parent?.items ?? []) {
      const key = (item as {readonly key?: {readonly value?: unknown; readonly range?: readonly number[]}}).key
      if (String(key?.value) === String(path[depth - 1]) && key?.range?.[0] !== undefined) return lines.linePos(key.range[0]).line
    }
  }
  return 1
}

/** @throws NotFoundError CONFIGURATION_NOT_FOUND; UsageError as `parseConfiguration` */
export async function readConfiguration(path: string): Promise<ConfigurationFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new NotFoundError(`Configuration not found: there is no ${path}.`, {
        code: 'CONFIGURATION_NOT_FOUND',
        suggestions: ['Copy examples/pi-aws.yaml of the package and edit it', 'Name another file with --config', 'Try without an AWS account: --local'],
      })
    }
    throw new UsageError(`Configuration unreadable: ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      code: 'CONFIGURATION_UNREADABLE',
      cause: error,
    })
  }
  return parseConfiguration(path, text)
}

/**
 * Picks an environment: the named one, or the only one.
 * @throws NotFoundError UNKNOWN_ENVIRONMENT; UsageError ENVIRONMENT_MISSING when there are several and none is named
 */
export function pickEnvironment(
  file: ConfigurationFile,
  name: EnvironmentName | undefined,
): {readonly name: EnvironmentName; readonly configuration: EnvironmentConfiguration} {
  const {environments} = file.configuration
  const names = Object.keys(environments)
  if (name === undefined) {
    const [only, ...others] = names
    if (only === undefined || others.length > 0) {
      throw new UsageError(`Environment missing: ${file.path} has ${names.length === 0 ? 'none' : names.join(', ')}.`, {
        code: 'ENVIRONMENT_MISSING',
        suggestions: ['Name one as the first argument, with --environment, or in PI_AWS_ENVIRONMENT'],
      })
    }
    return pickEnvironment(file, parseEnvironmentName(only))
  }
  const configuration = environments[name]
  if (configuration === undefined) {
    const near = nearest(name, names)
    throw new NotFoundError(`Unknown environment: ${file.path} has no ${name}.`, {
      code: 'UNKNOWN_ENVIRONMENT',
      suggestions: [near === undefined ? `It has: ${names.join(', ') || 'none'}` : `Did you mean ${near}?`],
    })
  }
  return {name, configuration}
}
