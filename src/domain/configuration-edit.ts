import {type Document, isAlias, isCollection, isMap, isScalar, isSeq, parse, parseDocument, stringify} from 'yaml'
import {issuesOf} from './configuration-text.ts'
import {UsageError} from './errors.ts'
import {dotted} from './shared-defaults.ts'

/** One change of a pi-aws.yaml. */
export interface ConfigurationEdit {
  readonly path: readonly string[]
  /** Undefined takes the key out. */
  readonly value: unknown
}

/**
 * Reads a key as it is written: `database.multiAz`, names with dots in double quotes.
 * @throws UsageError INVALID_KEY
 */
export function parseKey(text: string): readonly string[] {
  const names = text.match(/"[^"]*"|[^."]+/g) ?? []
  const path = names.map((name) => name.replace(/^"(.*)"$/, '$1'))
  if (path.length > 0 && path.every((name) => name !== '') && dotted(path) === dottedAs(text)) return path
  throw new UsageError(`Invalid key: "${text.slice(0, 40)}" is no path of names with dots between.`, {
    code: 'INVALID_KEY',
    suggestions: ['Keys look like preset, database.multiAz, tags."cost.centre"'],
  })
}

/** Quotes that were not needed, taken off. */
function dottedAs(text: string): string {
  return text.replaceAll(/"([^".]*)"/g, '$1')
}

/**
 * The text of a pi-aws.yaml with changes made in it. A value that stands in one place is replaced there and nothing else
 * is touched; for new keys the file is laid out anew, with its comments, order and line ends.
 * @throws UsageError EDIT_BESIDE_VALUE where a path leads through something that holds no keys
 */
export function edited(text: string, edits: readonly ConfigurationEdit[]): string {
  return edits.reduce(change, text)
}

function change(text: string, {path, value}: ConfigurationEdit): string {
  const document = parseDocument(text)
  refuseBeside(document, path)
  const old = document.getIn(path, true)
  const range = value === undefined ? undefined : placeOf(old)
  if (range !== undefined) return text.slice(0, range[0]) + written(value) + text.slice(range[1])
  if (value === undefined) remove(document, path)
  else put(document, path, value)
  const lines = laidOut(document)
  return text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines
}

/** A document as text, in the manner of the project's own examples. */
export function laidOut(document: Document): string {
  return document.toString({lineWidth: 0, flowCollectionPadding: false, singleQuote: true})
}

function refuseBeside(document: Document, path: readonly string[]): void {
  const through = path.slice(0, -1).map((_, depth) => path.slice(0, depth + 1))
  const blocked = through.find((above) => {
    const node = document.getIn(above, true)
    return node !== undefined && !isMap(node) && !(isScalar(node) && node.value === null)
  })
  if (blocked === undefined) return
  const why = isAlias(document.getIn(blocked, true)) ? 'is an alias of something else' : 'holds no keys'
  throw new UsageError(`${dotted(path)} cannot be changed: ${dotted(blocked)} ${why}.`, {
    code: 'EDIT_BESIDE_VALUE',
    suggestions: ['Change it in the file itself'],
  })
}

/** Where a value stands that takes no lines of its own: from, to. */
function placeOf(node: unknown): readonly [number, number] | undefined {
  const inOnePlace = (isScalar(node) && node.source !== '') || (isCollection(node) && node.flow === true)
  if (!inOnePlace || node.range === undefined || node.range === null) return undefined
  return [node.range[0], node.range[1]]
}

/** A value on one line, fit for either style of YAML. */
function written(value: unknown): string {
  const text = stringify(value, {
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    lineWidth: 0,
    singleQuote: true,
  }).trimEnd()
  return typeof value === 'string' && text.includes('\n') ? JSON.stringify(value) : text
}

/** Takes a key out, and with it what is empty then, down to the name of the environment. */
function remove(document: Document, path: readonly string[]): void {
  document.deleteIn(path)
  const above = path.slice(0, -1)
  const parent = document.getIn(above)
  const least = path[0] === 'defaults' ? 1 : 3
  if (above.length >= least && isCollection(parent) && parent.items.length === 0) remove(document, above)
}

function put(document: Document, path: readonly string[], value: unknown): void {
  for (let depth = 1; depth < path.length; depth++) {
    const above = path.slice(0, depth)
    if (!isMap(document.getIn(above, true))) document.setIn(above, document.createNode({}))
  }
  const made = document.createNode(value)
  if (isSeq(made)) made.flow = true
  document.setIn(path, made)
}

/**
 * What a word of the command line means as the value of a key: as YAML reads it, or as text where only text fits
 * (an account's number, say).
 * @param text the file that is changed; it is in order
 * @throws UsageError INVALID_VALUE with what the schema says, EDIT_BESIDE_VALUE
 */
export function withValue(text: string, path: readonly string[], word: string): string {
  const candidates = [...new Set([read(word), word])].map((value) => edited(text, [{path, value}]))
  const right = candidates.find((candidate) => issuesOf(parse(candidate)).length === 0)
  if (right !== undefined) return right
  throw refused(candidates[0] ?? text)
}

function read(word: string): unknown {
  try {
    return (parse(word) as unknown) ?? word
  } catch {
    return word
  }
}

/** The file without a key. @throws UsageError INVALID_VALUE when it is needed */
export function withoutKey(text: string, path: readonly string[]): string {
  const candidate = edited(text, [{path, value: undefined}])
  if (issuesOf(parse(candidate)).length === 0) return candidate
  throw refused(candidate)
}

function refused(candidate: string): UsageError {
  const rows = issuesOf(parse(candidate)).map((issue) => issue.text)
  return new UsageError(`Invalid value: ${rows.join('\n')}. Nothing was changed.`, {
    code: 'INVALID_VALUE',
    suggestions: ['examples/pi-aws.yaml in the package shows every key'],
  })
}
