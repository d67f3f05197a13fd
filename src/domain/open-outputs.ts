import type {Change} from './change-set.ts'
import {type Part, parts} from './parts.ts'
import type {Template, TemplateResource} from './template.ts'

/** Outputs whose values are not known before their part is deployed, each with that part. */
export type OpenOutputs = ReadonlyMap<string, Part>

/** What is planned for a part, as far as its outputs hang on it. */
export interface PlannedStack {
  /** True where the stack does not stand: all its outputs are still to come. */
  readonly created: boolean
  readonly changes: readonly Pick<Change, 'path' | 'logicalId' | 'action' | 'replacement'>[]
}

/** Parameters, resources and pseudo parameters that an expression names, those behind its conditions included. */
function namesIn(expression: unknown, template: Template, found = new Set<string>()): Set<string> {
  if (Array.isArray(expression)) for (const item of expression) namesIn(item, template, found)
  if (expression === null || typeof expression !== 'object' || Array.isArray(expression)) return found
  for (const [key, value] of Object.entries(expression)) {
    if (key === 'Ref') found.add(String(value))
    else if (key === 'Fn::GetAtt') found.add(String((value as readonly unknown[])[0]))
    else if (key === 'Fn::If' && Array.isArray(value)) {
      namesIn(template.Conditions[String(value[0])], template, found)
      namesIn(value.slice(1), template, found)
    } else if (key === 'Condition') namesIn(template.Conditions[String(value)], template, found)
    else {
      if (key === 'Fn::Sub') addSubstituted(value, found)
      namesIn(value, template, found)
    }
  }
  return found
}

/** `${Name}` and `${Resource.Attribute}` in the text of a Sub. */
function addSubstituted(value: unknown, found: Set<string>): void {
  const text = String(Array.isArray(value) ? value[0] : value)
  for (const [, name = ''] of text.matchAll(/\$\{([^!}.]+)[^}]*\}/g)) found.add(name)
}

/** The parts, in their order, whose outputs to come decide what becomes of a resource; empty when all is known. */
export function unknownUntil(resource: TemplateResource, template: Template, open: OpenOutputs): readonly Part[] {
  const names = namesIn([resource.Properties, {Condition: resource.Condition}], template)
  const waitedFor = new Set([...names].map((name) => (name in template.Parameters ? open.get(name) : undefined)))
  return parts.filter((part) => waitedFor.has(part))
}

/**
 * Which outputs of a part are still to come: all of a new stack; of a standing one those that name a resource which is
 * made or may be replaced, and those that pass on what is open itself.
 */
export function openOutputs(part: Part, template: Template, planned: PlannedStack, before: OpenOutputs): OpenOutputs {
  const moving = new Set(
    planned.changes
      .filter(({action, replacement = 'False'}) => action !== 'Modify' || replacement !== 'False')
      .map(({path, logicalId}) => path[0] ?? logicalId),
  )
  const names = Object.entries(template.Outputs).filter(([, {Value, Condition}]) => {
    if (planned.created) return true
    return [...namesIn([Value, {Condition}], template)].some((name) => moving.has(name) || before.has(name))
  })
  return new Map([...before, ...names.map(([name]) => [name, part] as const)])
}
