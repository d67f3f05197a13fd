import {subnetsOf} from './cidr.ts'

/** A value of a template once its functions are worked out. `undefined` is what AWS::NoValue leaves. */
export type TemplateValue =
  string | number | boolean | null | undefined | readonly TemplateValue[] | {readonly [name: string]: TemplateValue}

/** What names mean inside one stack. */
export interface Scope {
  /** A parameter, a pseudo parameter or a resource. */
  readonly ref: (name: string) => TemplateValue
  readonly attribute: (resource: string, attribute: string) => TemplateValue
  readonly condition: (name: string) => boolean
  readonly mapping: (map: string, first: string, second: string) => TemplateValue
}

type Work = (argument: unknown, scope: Scope) => TemplateValue

/** A value as text, the way CloudFormation joins it into a string. */
export function textOf(value: TemplateValue): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map((item: TemplateValue) => textOf(item)).join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A value as a list: a text is cut at its commas. */
export function listOf(value: TemplateValue): readonly TemplateValue[] {
  if (Array.isArray(value)) return value as readonly TemplateValue[]
  const text = textOf(value)
  return text === '' ? [] : text.split(',')
}

function itemsOf(argument: unknown): readonly unknown[] {
  return Array.isArray(argument) ? argument : [argument]
}

function isTrue(expression: unknown, scope: Scope): boolean {
  const value = evaluate(expression, scope)
  return value === true || value === 'true'
}

/** `${Name}`, `${Resource.Attribute}` and `${!literal}` in a text. */
function substitute(argument: unknown, scope: Scope): string {
  const [text, own] = itemsOf(argument)
  const names = (own ?? {}) as Readonly<Record<string, unknown>>
  return String(text).replaceAll(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`
    if (Object.hasOwn(names, name)) return textOf(evaluate(names[name], scope))
    const dot = name.indexOf('.')
    return textOf(dot === -1 ? scope.ref(name) : scope.attribute(name.slice(0, dot), name.slice(dot + 1)))
  })
}

const functions: Readonly<Record<string, Work>> = {
  Ref: (argument, scope) => scope.ref(String(argument)),
  Condition: (argument, scope) => scope.condition(String(argument)),
  'Fn::GetAtt': (argument, scope) => {
    const [resource = '', ...attribute] = itemsOf(argument).map(String).join('.').split('.')
    return scope.attribute(resource, attribute.join('.'))
  },
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = itemsOf(argument)
    return evaluate(scope.condition(String(condition)) ? yes : no, scope)
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = itemsOf(argument).map((item) => textOf(evaluate(item, scope)))
    return left === right
  },
  'Fn::Not': (argument, scope) => !isTrue(itemsOf(argument)[0], scope),
  'Fn::And': (argument, scope) => itemsOf(argument).every((item) => isTrue(item, scope)),
  'Fn::Or': (argument, scope) => itemsOf(argument).some((item) => isTrue(item, scope)),
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [separator, list] = itemsOf(argument)
    return listOf(evaluate(list, scope)).map(textOf).join(String(separator))
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = itemsOf(argument)
    return textOf(evaluate(text, scope)).split(String(separator))
  },
  'Fn::Select': (argument, scope) => {
    const [index, list] = itemsOf(argument)
    return listOf(evaluate(list, scope))[Number(textOf(evaluate(index, scope)))] ?? ''
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map = '', first = '', second = ''] = itemsOf(argument).map((item) => textOf(evaluate(item, scope)))
    return scope.mapping(map, first, second)
  },
  'Fn::Cidr': (argument, scope) => {
    const [range = '', count, hostBits] = itemsOf(argument).map((item) => textOf(evaluate(item, scope)))
    return subnetsOf(range, Number(count), Number(hostBits))
  },
  'Fn::Base64': (argument, scope) => evaluate(argument, scope),
}

/**
 * Works out the intrinsic functions of an expression in their long form. One that is not known here stays as it is:
 * whoever reads the value sees that it is no plain one.
 */
export function evaluate(expression: unknown, scope: Scope): TemplateValue {
  if (Array.isArray(expression)) {
    return expression.map((item: unknown) => evaluate(item, scope)).filter((item) => item !== undefined)
  }
  if (expression === null || typeof expression !== 'object') return expression as TemplateValue
  const entries = Object.entries(expression)
  const [first] = entries
  if (first !== undefined && entries.length === 1) {
    const work = functions[first[0]]
    if (work !== undefined) return work(first[1], scope)
  }
  return Object.fromEntries(
    entries.map(([name, value]) => [name, evaluate(value, scope)] as const).filter(([, value]) => value !== undefined),
  )
}
