import {closest} from 'fastest-levenshtein'
import type {ParameterValues} from './parameters.ts'
import {stickyParameters} from './parameters.ts'
import type {Template, TemplateParameter} from './template.ts'

/** One value that a template would refuse, and why. */
export interface ParameterProblem {
  readonly name: string
  readonly message: string
}

function asNumber(value: string): number {
  return value.trim() === '' ? Number.NaN : Number(value)
}

function numberProblem(value: string, {MinValue, MaxValue}: TemplateParameter): string | undefined {
  const number = asNumber(value)
  if (Number.isNaN(number)) return `"${value}" is not a number`
  if (MinValue !== undefined && number < MinValue) return `${value} is less than ${MinValue}`
  if (MaxValue !== undefined && number > MaxValue) return `${value} is more than ${MaxValue}`
  return undefined
}

function textProblem(value: string, {AllowedPattern, MinLength, MaxLength}: TemplateParameter): string | undefined {
  if (MinLength !== undefined && value.length < MinLength) return `"${value}" is shorter than ${MinLength} characters`
  if (MaxLength !== undefined && value.length > MaxLength) return `"${value}" is longer than ${MaxLength} characters`
  // CloudFormation anchors the pattern on both sides.
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    return `"${value}" does not fit`
  return undefined
}

/** What a template would say to a value; undefined when it takes it. */
export function problemOf(value: string, declaration: TemplateParameter): string | undefined {
  const {AllowedValues, ConstraintDescription, Type} = declaration
  const problem =
    AllowedValues !== undefined && !AllowedValues.map(String).includes(value)
      ? `"${value}" is none of ${AllowedValues.join(', ')}`
      : Type === 'Number'
        ? numberProblem(value, declaration)
        : Type === 'String'
          ? textProblem(value, declaration)
          : undefined
  return problem === undefined || ConstraintDescription === undefined
    ? problem
    : `${problem} (${ConstraintDescription.replace(/\.$/, '')})`
}

/** Parameters that only outputs and flows set: a configuration that set one would break the wiring. */
const ours = new Set([
  'EnvironmentName',
  'TemplatesUrl',
  'FunctionKey',
  'S3PrefixListId',
  'DatabaseGeneration',
  ...stickyParameters,
])
const settable = new Set([
  'VpcCidr',
  'MasterUsername',
  'AllocatedStorage',
  'DataUid',
  'DataGid',
  'EnforcePosixUser',
  'ParameterGroupFamily',
  'ExistingVpcId',
])

/**
 * Checks values against the templates that declare them, before any call.
 * @param free names that the operator set by `parameters`
 */
export function parameterProblems(
  templates: readonly Template[],
  values: ParameterValues,
  free: readonly string[],
): readonly ParameterProblem[] {
  const outputs = new Set(templates.flatMap((template) => Object.keys(template.Outputs)))
  const declared = new Map(templates.flatMap((template) => Object.entries(template.Parameters)))
  const problems: ParameterProblem[] = []
  for (const name of free) {
    if (!declared.has(name)) {
      problems.push({
        name,
        message: `no template has this parameter; the nearest is ${closest(name, [...declared.keys()])}`,
      })
    } else if (outputs.has(name) || (ours.has(name) && !settable.has(name))) {
      problems.push({name, message: 'pi-aws sets this parameter itself'})
    }
  }
  for (const [name, value] of Object.entries(values)) {
    const declaration = declared.get(name)
    const message = declaration === undefined ? undefined : problemOf(value, declaration)
    if (message !== undefined) problems.push({name, message})
  }
  return problems
}
