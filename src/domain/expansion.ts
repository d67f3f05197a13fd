import {FailedError} from './errors.ts'
import {evaluate, listOf, type Scope, type TemplateValue, textOf} from './expression.ts'
import type {Part} from './parts.ts'
import type {Template, TemplateParameter} from './template.ts'

/** A resource as a stack with certain parameter values would have it. */
export interface ExpandedResource {
  readonly part: Part
  /** Logical ids of the nested stacks above it, outermost first. */
  readonly path: readonly string[]
  readonly logicalId: string
  readonly type: string
  /** With all functions worked out; what only AWS knows is the `reference` of the resource, an attribute behind a dot. */
  readonly properties: Readonly<Record<string, TemplateValue>>
  /** What a Ref to it yields here. */
  readonly reference: string
}

/** A stack with everything that it nests. */
export interface Expansion {
  readonly resources: readonly ExpandedResource[]
  readonly outputs: Readonly<Record<string, string>>
}

export interface ExpansionContext {
  readonly part: Part
  /** Path below templates/ without its ending -> template. */
  readonly templates: ReadonlyMap<string, Template>
  /** Values of `AWS::Region` and its like. */
  readonly pseudo: Readonly<Record<string, string>>
}

/** Stands for the URL under which the templates lie. */
export const templatesUrl = 'templates:'

const nested = 'AWS::CloudFormation::Stack'

function parameterValue(declaration: TemplateParameter, given: string | undefined): TemplateValue {
  const text = given ?? String(declaration.Default ?? '')
  return /^(List<|CommaDelimitedList$)/.test(declaration.Type) ? listOf(text) : text
}

/** @throws FailedError TEMPLATE_MISSING */
export function templateCalled(name: string, templates: ReadonlyMap<string, Template>): Template {
  const template = templates.get(name)
  if (template !== undefined) return template
  throw new FailedError(`Template missing: there is no ${name}.yaml in the package.`, {
    code: 'TEMPLATE_MISSING',
    suggestions: ['Install pi-aws again'],
  })
}

/**
 * Works out which resources a template makes, nested stacks included, and its outputs.
 * @param name path below templates/ without its ending
 * @param values parameter values as text; what is missing takes the template's default
 * @throws FailedError TEMPLATE_MISSING
 */
export function expand(
  name: string,
  values: Readonly<Record<string, string>>,
  context: ExpansionContext,
  path: readonly string[] = [],
): Expansion {
  const template = templateCalled(name, context.templates)
  const children = new Map<string, Expansion>()
  const referenceOf = (logicalId: string): string => [context.part, ...path, logicalId].join('/')

  const childOf = (logicalId: string): Expansion => {
    const known = children.get(logicalId)
    if (known !== undefined) return known
    const properties = evaluate(template.Resources[logicalId]?.Properties ?? {}, scope) as Readonly<
      Record<string, TemplateValue>
    >
    const url = textOf(properties['TemplateURL'])
    const given = Object.entries((properties['Parameters'] ?? {}) as Readonly<Record<string, TemplateValue>>)
    const file = url.slice(`${templatesUrl}/`.length).replace(/\.yaml$/, '')
    const child = expand(file, Object.fromEntries(given.map(([key, value]) => [key, textOf(value)])), context, [
      ...path,
      logicalId,
    ])
    children.set(logicalId, child)
    return child
  }

  const scope: Scope = {
    ref(wanted) {
      const parameter = template.Parameters[wanted]
      if (parameter !== undefined) return parameterValue(parameter, values[wanted])
      if (wanted === 'AWS::NoValue') return undefined
      return context.pseudo[wanted] ?? referenceOf(wanted)
    },
    attribute(resource, attribute) {
      if (template.Resources[resource]?.Type === nested && attribute.startsWith('Outputs.')) {
        return childOf(resource).outputs[attribute.slice('Outputs.'.length)] ?? ''
      }
      return `${referenceOf(resource)}.${attribute}`
    },
    condition(wanted) {
      return evaluate(template.Conditions[wanted] ?? false, scope) === true
    },
    mapping(map, first, second) {
      const rows = template.Mappings[map] as
        Readonly<Record<string, Readonly<Record<string, TemplateValue>>>> | undefined
      return rows?.[first]?.[second]
    },
  }

  const stands = (condition: string | undefined): boolean => condition === undefined || scope.condition(condition)
  const resources = Object.entries(template.Resources)
    .filter(([, {Condition}]) => stands(Condition))
    .flatMap(([logicalId, {Type: type, Properties}]): readonly ExpandedResource[] => {
      const properties = evaluate(Properties ?? {}, scope) as Readonly<Record<string, TemplateValue>>
      const own = {part: context.part, path, logicalId, type, properties, reference: referenceOf(logicalId)}
      return type === nested ? [own, ...childOf(logicalId).resources] : [own]
    })
  const outputs = Object.entries(template.Outputs)
    .filter(([, {Condition}]) => stands(Condition))
    .map(([key, {Value}]) => [key, textOf(evaluate(Value, scope))] as const)
  return {resources, outputs: Object.fromEntries(outputs)}
}
