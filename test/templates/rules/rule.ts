import type {Json, Resource, Template} from '../load.ts'

/** One thing that a rule does not accept. */
export type Finding = string

export interface Rule {
  /** Also the name of its bad fixture. */
  readonly name: string
  /** What goes wrong without it. */
  readonly why: string
  readonly check: (templates: readonly Template[]) => readonly Finding[]
}

/** Every resource of some types, with its template. */
export function* resources(templates: readonly Template[], ...types: readonly string[]): Generator<{template: Template; resource: Resource}> {
  for (const template of templates) {
    for (const resource of template.resources) if (types.includes(resource.type)) yield {template, resource}
  }
}

/** Where something was found: `app/service: EcsService: ...`. */
export function finding(template: Template, subject: string, what: string): Finding {
  return `${template.id}: ${subject}: ${what}`
}

/** A rule about single resources: returns what is wrong with one, or undefined. */
export function eachResource(
  types: readonly string[],
  judge: (resource: Resource, template: Template) => string | undefined,
): Rule['check'] {
  return (templates) =>
    [...resources(templates, ...types)].flatMap(({template, resource}) => {
      const wrong = judge(resource, template)
      return wrong === undefined ? [] : [finding(template, resource.id, wrong)]
    })
}

/** True for a text that ends in the first digits of the stack's id, and so clashes with no other stack. */
export function carriesStackId(value: Json): boolean {
  return JSON.stringify(value).includes('"Ref":"AWS::StackId"')
}
