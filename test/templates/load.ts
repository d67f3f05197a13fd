import {readFileSync, readdirSync} from 'node:fs'
import {join, relative, resolve} from 'node:path'
import {isCollection, isMap, isNode, isScalar, isSeq, parseDocument, type Node} from 'yaml'

/** A template's values, CloudFormation's short tags in their long form: `!Sub x` is `{'Fn::Sub': 'x'}`. */
export type Json = null | boolean | number | string | Json[] | JsonMap
export interface JsonMap {
  [key: string]: Json
}

export interface Resource {
  readonly id: string
  readonly type: string
  readonly properties: JsonMap
  /** The whole declaration: policies, condition, metadata. */
  readonly declaration: JsonMap
}

export interface Template {
  /** Path below the templates folder without its ending: `network`, `app/service`. */
  readonly id: string
  readonly text: string
  readonly body: JsonMap
  readonly parameters: Readonly<Record<string, JsonMap>>
  readonly conditions: JsonMap
  readonly resources: readonly Resource[]
  readonly outputs: Readonly<Record<string, JsonMap>>
  /** What the YAML parser has to say: duplicate keys, broken indentation. */
  readonly problems: readonly string[]
}

export const root = resolve(import.meta.dirname, '..', '..')
export const templatesFolder = join(root, 'templates')

export function isJsonMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function mapOf(value: Json | undefined): JsonMap {
  return isJsonMap(value) ? value : {}
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
}

/** The text of a literal, '' for anything else. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

/** What stands at a path of keys, undefined where it ends early. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let here = value
  for (const step of path) {
    if (Array.isArray(here)) here = here[Number(step)]
    else if (isJsonMap(here)) here = here[String(step)]
    else return undefined
  }
  return here
}

function longForm(tag: string, value: Json): JsonMap {
  const name = tag.slice(1)
  if (name === 'Ref' || name === 'Condition') return {[name]: value}
  if (name === 'GetAtt' && typeof value === 'string') {
    const [resource = '', ...attribute] = value.split('.')
    return {'Fn::GetAtt': [resource, attribute.join('.')]}
  }
  return {[`Fn::${name}`]: value}
}

function plain(node: unknown): Json {
  if (!isNode(node)) return null
  const value = bare(node)
  return typeof node.tag === 'string' && /^![A-Z]/.test(node.tag) ? longForm(node.tag, value) : value
}

function bare(node: Node): Json {
  if (isMap(node)) {
    return Object.fromEntries(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', plain(pair.value)]))
  }
  if (isSeq(node)) return node.items.map(plain)
  return isScalar(node) && !isCollection(node) ? (node.value as Json) : null
}

export function parseTemplate(id: string, text: string): Template {
  const document = parseDocument(text, {logLevel: 'silent', uniqueKeys: true})
  const body = mapOf(plain(document.contents))
  const sections = (name: string) =>
    Object.fromEntries(Object.entries(mapOf(body[name])).map(([key, value]) => [key, mapOf(value)]))
  return {
    id,
    text,
    body,
    parameters: sections('Parameters'),
    conditions: mapOf(body['Conditions']),
    resources: Object.entries(sections('Resources')).map(([key, declaration]) => ({
      id: key,
      type: textOf(declaration['Type']),
      properties: mapOf(declaration['Properties']),
      declaration,
    })),
    outputs: sections('Outputs'),
    problems: document.errors.map((error) => (error.message.split('\n')[0] ?? '').replace(/:$/, '')),
  }
}

/** All templates of a folder by id, sorted. */
export function loadTemplates(folder = templatesFolder): readonly Template[] {
  return readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => relative('.', path).replaceAll('\\', '/'))
    .sort()
    .map((path) => parseTemplate(path.slice(0, -'.yaml'.length), readFileSync(join(folder, path), 'utf8')))
}

/** Every value inside a value, itself first, with the keys that lead to it. */
export function* walk(value: Json, path: readonly string[] = []): Generator<{value: Json; path: readonly string[]}> {
  yield {value, path}
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : isJsonMap(value) ? Object.entries(value) : []
  for (const [key, inner] of entries) yield* walk(inner, [...path, key])
}

/** The names that a value refers to: by Ref, GetAtt, or `${...}` of a Sub. */
export function references(value: Json): ReadonlySet<string> {
  const names = new Set<string>()
  for (const {value: inner} of walk(value)) {
    if (!isJsonMap(inner)) continue
    if (typeof inner['Ref'] === 'string') names.add(inner['Ref'])
    const attribute = inner['Fn::GetAtt']
    if (Array.isArray(attribute)) names.add(textOf(attribute[0]))
    const sub = inner['Fn::Sub']
    const [format, own] = Array.isArray(sub) ? [textOf(sub[0]), mapOf(sub[1])] : [textOf(sub), {}]
    for (const match of format.matchAll(/\$\{([^!}][^}]*)\}/g)) {
      const name = (match[1] ?? '').split('.')[0] ?? ''
      if (!(name in own)) names.add(name)
    }
  }
  return names
}

/** The alternatives of a value that may be an `Fn::If`, NoValue left out; a value without one is its only alternative. */
export function alternatives(value: Json | undefined): readonly Json[] {
  if (value === undefined) return []
  const branches = at(value, 'Fn::If')
  if (Array.isArray(branches)) return branches.slice(1).flatMap((branch) => alternatives(branch))
  return at(value, 'Ref') === 'AWS::NoValue' ? [] : [value]
}

/** A list with its conditional members opened up: every item that may be in it. */
export function items(value: Json | undefined): readonly Json[] {
  return alternatives(value).flatMap((list) => listOf(list).flatMap((item) => alternatives(item)))
}
