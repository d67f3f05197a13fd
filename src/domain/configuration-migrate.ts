import {type Document, isMap, isScalar, parseDocument} from 'yaml'
import {configurationVersion} from './configuration.ts'

/** Takes a file from one version to the next. */
export interface Migration {
  readonly from: number
  /** What it does, as a note to the reader. */
  readonly what: string
  readonly change: (text: string) => string
}

/** Every step from the oldest format to the present one, in order. */
export const migrations: readonly Migration[] = [
  {from: 0, what: 'version: 1; files written by hand often lack it, or have another', change: withVersion},
]

/** The version in its place, or before the first key, below the comments at the head of the file. */
function withVersion(text: string): string {
  const {contents} = parseDocument(text)
  const at = isMap(contents) ? contents.items[0]?.key.range[0] : undefined
  if (!isMap(contents) || at === undefined) return text
  if (contents.has('version')) {
    const written = contents.get('version', true)
    if (!isScalar(written) || !written.range) return text
    const [from, to] = written.range
    return `${text.slice(0, from)}${/\s$/.test(text.slice(0, from)) ? '' : ' '}1${text.slice(to)}`
  }
  const line = contents.flow === true ? '"version": 1, ' : 'version: 1\n'
  return text.slice(0, at) + line + text.slice(at)
}

/** What a migration made of a file. */
export interface Migrated {
  readonly text: string
  readonly from: number
  readonly to: number
  readonly notes: readonly string[]
}

/** The version that a file says it has; 0 where it says none. */
function versionOf(document: Document): number {
  const version = document.get('version')
  return typeof version === 'number' ? version : 0
}

/**
 * Brings the text of a pi-aws.yaml to the present version, comments kept. A text that is no YAML of names and values
 * stays as it is: reading it tells why.
 */
export function migrated(
  text: string,
  steps: readonly Migration[] = migrations,
  target: number = configurationVersion,
): Migrated {
  const document = parseDocument(text)
  if (document.errors.length > 0 || !isMap(document.contents)) return {text, from: target, to: target, notes: []}
  const from = versionOf(document)
  const due = steps.filter((step) => step.from >= from && step.from < target)
  if (due.length === 0) return {text, from, to: from, notes: []}
  return {
    text: due.reduce((before, step) => step.change(before), text),
    from,
    to: target,
    notes: due.map(({what}) => what),
  }
}
