import {type CollectionTag, parse, type ScalarTag, type YAMLMap, type YAMLSeq} from 'yaml'

/** A parameter as its template declares it. */
export interface TemplateParameter {
  readonly Type: string
  readonly Default?: string | number
  readonly Description?: string
  readonly AllowedPattern?: string
  readonly AllowedValues?: readonly (string | number)[]
  readonly MinValue?: number
  readonly MaxValue?: number
  readonly MinLength?: number
  readonly MaxLength?: number
  readonly ConstraintDescription?: string
  readonly NoEcho?: boolean
}

export interface TemplateResource {
  readonly Type: string
  readonly Condition?: string
  readonly Properties?: Readonly<Record<string, unknown>>
}

/** A CloudFormation template as far as the CLI looks into it. */
export interface Template {
  readonly Description?: string
  readonly Parameters: Readonly<Record<string, TemplateParameter>>
  readonly Mappings: Readonly<Record<string, unknown>>
  readonly Conditions: Readonly<Record<string, unknown>>
  readonly Resources: Readonly<Record<string, TemplateResource>>
  readonly Outputs: Readonly<Record<string, {readonly Value: unknown; readonly Condition?: string}>>
}

const functions = [
  'Ref',
  'Condition',
  'Base64',
  'Cidr',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'Join',
  'Select',
  'Split',
  'Sub',
  'And',
  'Equals',
  'Not',
  'Or',
  'ImportValue',
  'Transform',
]

function longName(name: string): string {
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`
}

/** `A.B.C` is the attribute `B.C` of the resource `A`. */
function attribute(text: string): readonly [resource: string, attribute: string] {
  const dot = text.indexOf('.')
  return [text.slice(0, dot), text.slice(dot + 1)]
}

function collection(name: string, kind: 'seq' | 'map'): CollectionTag {
  return {
    tag: `!${name}`,
    collection: kind,
    resolve: (node) => ({[longName(name)]: (node as YAMLMap | YAMLSeq).toJSON() as unknown}),
  }
}

/** CloudFormation's short tags, read into their long form: `!Sub x` becomes `{'Fn::Sub': 'x'}`. */
export const cloudFormationTags: (ScalarTag | CollectionTag)[] = functions.flatMap((name) => [
  {tag: `!${name}`, resolve: (text: string) => ({[longName(name)]: name === 'GetAtt' ? attribute(text) : text})},
  collection(name, 'seq'),
  collection(name, 'map'),
])

/** Reads one of our own templates. Long and short forms of the intrinsic functions both work. */
export function parseTemplate(text: string): Template {
  const document = parse(text, {customTags: cloudFormationTags, logLevel: 'error'}) as Partial<Template>
  return {
    ...(document.Description === undefined ? {} : {Description: document.Description}),
    Parameters: document.Parameters ?? {},
    Mappings: document.Mappings ?? {},
    Conditions: document.Conditions ?? {},
    Resources: document.Resources ?? {},
    Outputs: document.Outputs ?? {},
  }
}
