import {readFile} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {type Document, isMap, isScalar, LineCounter, parseDocument, visit} from 'yaml'
import {type Configuration, configurationSchema, type EnvironmentConfiguration} from '../domain/configuration.ts'
import {NotFoundError, UsageError} from '../domain/errors.ts'
import {type EnvironmentName, parseEnvironmentName} from '../domain/names.ts'
import {describeIssue} from './config-issues.ts'
import {nearest} from './nearest.ts'

/** A configuration with the file it came from, for messages. */
export interface ConfigurationFile {
  readonly path: string
  readonly configuration: Configuration
}

/** How many faults are told at once. */
const mostFaults = 5

/**
 * Reads the text of a pi-aws.yaml.
 * @throws UsageError BROKEN_CONFIGURATION with file, line and column; INVALID_CONFIGURATION with file, line and key
 */
export function parseConfiguration(path: string, text: string): ConfigurationFile {
  const lines = new LineCounter()
  const document = parseDocument(text, {lineCounter: lines, prettyErrors: false})
  const [error] = document.errors
  if (error !== undefined) throw broken(`${path}:${place(lines, error.pos[0])}`, error.message)
  visit(document, {
    Alias(_position, alias) {
      if (alias.resolve(document) !== undefined) return
      throw broken(
        `${path}:${place(lines, alias.range?.[0] ?? 0)}`,
        `there is no &${alias.source} before *${alias.source}`,
      )
    },
    Pair(_position, {key}) {
      // As a name it would vanish on the way to plain values instead of being refused.
      if (isScalar(key) && key.value === '__proto__')
        throw broken(`${path}:${place(lines, key.range?.[0] ?? 0)}`, '__proto__ is no name')
    },
  })
  const result = configurationSchema.safeParse(plainValue(path, document))
  if (result.success) return {path, configuration: result.data}
  const rows = result.error.issues
    .flatMap(describeIssue)
    .slice(0, mostFaults)
    .map((issue) => `${path}:${placeOf(document, lines, issue.path)}: ${issue.text}`)
  throw new UsageError(`Invalid configuration: ${rows.join('\n')}`, {
    code: 'INVALID_CONFIGURATION',
    suggestions: ['examples/pi-aws.yaml in the package shows every key'],
  })
}

/**
 * The document as plain values.
 * @throws UsageError BROKEN_CONFIGURATION where aliases would blow it up beyond all measure
 */
function plainValue(path: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw broken(path, error instanceof Error ? error.message : String(error), error)
  }
}

function broken(where: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`Broken configuration: ${where}: ${why}`, {
    code: 'BROKEN_CONFIGURATION',
    suggestions: ['examples/pi-aws.yaml in the package shows every key'],
    cause,
  })
}

/** Line and column of a key, or of the nearest thing above it that is there. */
function placeOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true)
    for (const item of isMap(parent) ? parent.items : []) {
      if (!isScalar(item.key) || String(item.key.value) !== String(path[depth - 1])) continue
      const start = item.key.range?.[0]
      if (start !== undefined) return place(lines, start)
    }
  }
  return '1:1'
}

function place(lines: LineCounter, offset: number): string {
  const {line, col} = lines.linePos(offset)
  return `${line}:${col}`
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
        suggestions: [
          'Copy examples/pi-aws.yaml of the package and edit it',
          'Name another file with --config',
          'Try without an AWS account: --local',
        ],
      })
    }
    throw new UsageError(
      `Configuration unreadable: ${path}: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'CONFIGURATION_UNREADABLE',
        cause: error,
      },
    )
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
        suggestions: [
          'Name one with --environment, in PI_AWS_ENVIRONMENT, or as the argument where the command takes one',
        ],
      })
    }
    return pickEnvironment(file, parseEnvironmentName(only))
  }
  const configuration = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (configuration === undefined) {
    const near = nearest(name, names)
    throw new NotFoundError(`Unknown environment: ${file.path} has no ${name}.`, {
      code: 'UNKNOWN_ENVIRONMENT',
      suggestions: [near === undefined ? `It has: ${names.join(', ') || 'none'}` : `Did you mean ${near}?`],
    })
  }
  return {name, configuration}
}

/**
 * Reads the configuration that the flags name and picks the environment in it. Without --config it is pi-aws.yaml of
 * the working directory, with --local the example of the package.
 * @param named the environment given as an argument
 * @param root folder of the package
 * @throws UsageError TWO_ENVIRONMENTS; as `readConfiguration` and `pickEnvironment`
 */
export async function openConfiguration(
  flags: {
    readonly environment?: EnvironmentName | undefined
    readonly config?: string | undefined
    readonly local: boolean
  },
  named: EnvironmentName | undefined,
  root: string,
): Promise<{
  readonly name: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** The folder that `assets.folder` means: it is written as seen from the file. */
  readonly assetsFolder: string | undefined
}> {
  if (named !== undefined && flags.environment !== undefined && named !== flags.environment) {
    throw new UsageError(`Two environments: the argument says ${named}, --environment says ${flags.environment}.`, {
      code: 'TWO_ENVIRONMENTS',
    })
  }
  const path = flags.config ?? (flags.local ? join(root, 'examples', 'pi-aws.yaml') : 'pi-aws.yaml')
  const picked = pickEnvironment(await readConfiguration(path), named ?? flags.environment)
  const {folder} = picked.configuration.assets
  return {...picked, assetsFolder: folder === undefined ? undefined : resolve(dirname(path), folder)}
}
