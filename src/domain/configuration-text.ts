import {type Document, isMap, isScalar, LineCounter, parseDocument, visit} from 'yaml'
import {type Configuration, configurationSchema, configurationVersion, sharedSchema} from './configuration.ts'
import {type DescribedIssue, describeIssue} from './configuration-issues.ts'
import {UsageError} from './errors.ts'
import {isPlain, withoutDefaults} from './shared-defaults.ts'

/** A configuration with the file it came from, for messages. */
export interface ConfigurationFile {
  readonly path: string
  readonly configuration: Configuration
  /** The file's values as they are written: `defaults` apart, nothing filled in. */
  readonly written: unknown
}

/** How many faults are told at once. */
const mostFaults = 5

/**
 * Reads the text of a pi-aws.yaml.
 * @throws UsageError BROKEN_CONFIGURATION with file, line and column; INVALID_CONFIGURATION with file, line and key;
 * NEWER_CONFIGURATION
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
  const written = plainValue(path, document)
  refuseNewer(written, () => `${path}:${placeOf(document, lines, ['version'])}`)
  const issues = issuesOf(written)
  if (issues.length === 0) return {path, written, configuration: configurationSchema.parse(withoutDefaults(written))}
  const rows = issues
    .slice(0, mostFaults)
    .map((issue) => `${path}:${placeOf(document, lines, issue.path)}: ${issue.text}`)
  throw new UsageError(`Invalid configuration: ${rows.join('\n')}`, {
    code: 'INVALID_CONFIGURATION',
    suggestions: [
      ...(isPlain(written) && written['version'] === undefined
        ? ['Have the version written: pi-aws config migrate']
        : []),
      'examples/pi-aws.yaml in the package shows every key',
    ],
  })
}

/** Everything that is wrong with the values of a file; what is shared is blamed where it stands. */
export function issuesOf(written: unknown): readonly DescribedIssue[] {
  const defaults = isPlain(written) ? written['defaults'] : undefined
  const shared = defaults === undefined ? undefined : sharedSchema.safeParse(defaults).error
  if (shared !== undefined)
    return shared.issues.flatMap((issue) => describeIssue({...issue, path: ['defaults', ...issue.path]}))
  return configurationSchema.safeParse(withoutDefaults(written)).error?.issues.flatMap(describeIssue) ?? []
}

/** A file of a version to come may say things that this one would pass over. */
function refuseNewer(written: unknown, where: () => string): void {
  const version = isPlain(written) ? written['version'] : undefined
  if (typeof version !== 'number' || version <= configurationVersion) return
  throw new UsageError(
    `Newer configuration: ${where()}: version ${version} was written for a newer pi-aws; this one reads version ${configurationVersion}.`,
    {code: 'NEWER_CONFIGURATION', suggestions: ['Update pi-aws: npm install --global pi-aws@latest']},
  )
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
