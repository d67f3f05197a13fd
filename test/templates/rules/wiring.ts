import {alternatives, at, isJsonMap, mapOf, references, textOf, walk, type Template} from '../load.ts'
import {finding, resources, type Rule} from './rule.ts'

/** The parts in the order in which they are deployed; a parameter takes the output of its name from any before it. */
export const partOrder = ['foundation', 'network', 'files', 'database', 'app', 'operations']

/** Parameters without a default that the configuration or a flow sets. */
export const configured = new Set([
  'EnvironmentName',
  'TemplatesUrl',
  'AvailabilityZones',
  'S3PrefixListId',
  'FunctionKey',
  'Generation',
  'FilesGeneration',
])

function inOrder(templates: readonly Template[]): readonly Template[] {
  return templates.filter((one) => !one.id.includes('/')).sort((a, b) => partOrder.indexOf(a.id) - partOrder.indexOf(b.id))
}

/** The child template of a nested stack, by its URL below TemplatesUrl. */
export function childOf(url: unknown): string {
  return /^\$\{TemplatesUrl\}\/(.+)\.yaml$/.exec(textOf(at(url as never, 'Fn::Sub')))?.[1] ?? ''
}

function unwired(templates: readonly Template[]): readonly string[] {
  const known = new Set(configured)
  return inOrder(templates).flatMap((template) => {
    const missing = Object.entries(template.parameters)
      .filter(([name, parameter]) => !('Default' in parameter) && !known.has(name))
      .map(([name]) => finding(template, name, 'has no default, and no earlier part puts it out'))
    for (const name of Object.keys(template.outputs)) known.add(name)
    return missing
  })
}

/** Two parts that put out the same name: a later parameter would take either. Passing on what was taken in is fine. */
function ambiguous(templates: readonly Template[]): readonly string[] {
  const owners = new Map<string, string>()
  const own = new Set(['TemplateId', 'TemplateVersion'])
  return inOrder(templates).flatMap((template) =>
      Object.keys(template.outputs)
        .filter((name) => !own.has(name))
        .flatMap((name) => {
          const first = owners.get(name)
          owners.set(name, template.id)
          const passedOn = name in template.parameters
          return first === undefined || passedOn ? [] : [finding(template, name, `is an output of ${first} too`)]
        }),
  )
}

function children(templates: readonly Template[]): readonly string[] {
  return [...resources(templates, 'AWS::CloudFormation::Stack')].flatMap(({template, resource}) => {
    const child = templates.find((one) => one.id === childOf(resource.properties['TemplateURL']))
    if (child === undefined) return [finding(template, resource.id, 'its template is not below TemplatesUrl')]
    const given = mapOf(resource.properties['Parameters'])
    const unknown = Object.keys(given).filter((name) => !(name in child.parameters))
    const missing = Object.entries(child.parameters).filter(([name, one]) => !('Default' in one) && !(name in given))
    const outputs = [...walk(template.body)].flatMap(({value}) => {
      const attribute = isJsonMap(value) ? value['Fn::GetAtt'] : undefined
      const output = at(attribute, 0) === resource.id ? /^Outputs\.(.+)$/.exec(textOf(at(attribute, 1)))?.[1] : undefined
      return output === undefined ? [] : [output]
    })
    return [
      ...unknown.map((name) => finding(template, resource.id, `passes ${name}, which ${child.id} does not know`)),
      ...missing.map(([name]) => finding(template, resource.id, `does not pass ${name}, which ${child.id} needs`)),
      ...outputs.filter((name) => !(name in child.outputs)).map((name) => finding(template, resource.id, `asks for ${name}, which ${child.id} does not put out`)),
    ]
  })
}

function dangling(template: Template): readonly string[] {
  const names = new Set([...Object.keys(template.parameters), ...template.resources.map((one) => one.id)])
  const unresolved = [...references(template.body)].filter((name) => !names.has(name) && !name.startsWith('AWS::'))
  const conditions = [...walk(template.body)].flatMap(({value, path}) => {
    if (!isJsonMap(value)) return []
    const used = [at(value, 'Fn::If', 0), path.at(-1) === 'Metadata' ? undefined : value['Condition']]
    return used.filter((one): one is string => typeof one === 'string')
  })
  return [
    ...unresolved.map((name) => finding(template, name, 'is referred to and does not exist')),
    ...[...new Set(conditions)].filter((name) => !(name in template.conditions)).map((name) => finding(template, name, 'is a condition that does not exist')),
  ]
}

/** A child that nobody uses is a child that nobody tests. */
function orphans(templates: readonly Template[]): readonly string[] {
  const used = new Set([...resources(templates, 'AWS::CloudFormation::Stack')].flatMap(({resource}) => alternatives(resource.properties['TemplateURL']).map(childOf)))
  return templates.filter((one) => one.id.includes('/') && !used.has(one.id)).map((one) => finding(one, 'template', 'is used by no other'))
}

export const wiring: Rule = {
  name: 'wiring',
  why: 'A parameter that nothing sets, or an output that nobody makes, stops the deploy in its middle.',
  check: (templates) => [...unwired(templates), ...ambiguous(templates), ...children(templates), ...templates.flatMap(dangling), ...orphans(templates)],
}
