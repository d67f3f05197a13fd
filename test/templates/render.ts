import {at, isJsonMap, listOf, mapOf, textOf, type Json, type JsonMap, type Template} from './load.ts'

/** Parameter name -> value, as text. */
export type Values = Readonly<Record<string, string>>

/** Values of parameters that have no default, and of the few that make the usual case: HTTPS with names of one's own. */
export const usual: Values = {
  EnvironmentName: 'demo',
  ZoneCount: '2',
  PublicHost: 'bi.example.com',
  PiranaHost: 'bi-pirana.example.com',
  HostedZoneId: 'Z0123456789ABCDEF',
  FilesGeneration: '1',
  Generation: '1',
}

const isNoValue = (value: Json | undefined) => at(value, 'Ref') === 'AWS::NoValue'

function valueOf(value: Json | undefined, template: Template, values: Values): string {
  const name = at(value, 'Ref')
  if (typeof name !== 'string') return textOf(value)
  return values[name] ?? textOf(template.parameters[name]?.['Default'])
}

function holds(condition: Json | undefined, template: Template, values: Values): boolean {
  const inner = (value: Json | undefined) => holds(value, template, values)
  const [operator, operand] = Object.entries(mapOf(condition))[0] ?? ['', null]
  const operands = listOf(operand)
  switch (operator) {
    case 'Condition':
      return inner(template.conditions[textOf(operand)])
    case 'Fn::Equals':
      return valueOf(operands[0], template, values) === valueOf(operands[1], template, values)
    case 'Fn::Not':
      return !inner(operands[0])
    case 'Fn::And':
      return operands.every(inner)
    case 'Fn::Or':
      return operands.some(inner)
    default:
      throw new TypeError(`${template.id}: cannot decide ${JSON.stringify(condition)}`)
  }
}

/** Copies a value with every `Fn::If` replaced by the branch that `choose` takes; undefined for NoValue. */
function settle(value: Json, choose: (branches: readonly Json[]) => Json | undefined): Json | undefined {
  if (isNoValue(value)) return undefined
  const branches = at(value, 'Fn::If')
  if (Array.isArray(branches)) {
    const chosen = choose(branches)
    return chosen === undefined ? undefined : settle(chosen, choose)
  }
  if (Array.isArray(value)) return value.map((item) => settle(item, choose)).filter((item) => item !== undefined)
  if (!isJsonMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const settled = settle(inner, choose)
      return settled === undefined ? [] : [[key, settled]]
    }),
  )
}

function render(template: Template, keep: (condition: string) => boolean, choose: (branches: readonly Json[]) => Json | undefined, values: Values): JsonMap {
  const {Conditions: _, Rules: __, ...body} = template.body
  const present = (section: Json | undefined): JsonMap =>
    Object.fromEntries(
      Object.entries(mapOf(section)).flatMap(([name, declaration]) => {
        const {Condition: condition, ...rest} = mapOf(declaration)
        return condition === undefined || keep(textOf(condition)) ? [[name, settle(rest, choose) ?? {}]] : []
      }),
    )
  const parameters = Object.entries(mapOf(body['Parameters'])).map(([name, declaration]) => {
    const value = values[name]
    return [name, value === undefined ? declaration : {...mapOf(declaration), Default: value}] as const
  })
  return {...body, Parameters: Object.fromEntries(parameters), Resources: present(body['Resources']), Outputs: present(body['Outputs'])}
}

/** The template as it is for some parameter values: what is not made is gone. */
export function renderFor(template: Template, values: Values): JsonMap {
  const all = {...usual, ...values}
  const decide = (name: string) => holds({Condition: name}, template, all)
  return render(template, decide, ([name, yes, no]) => (decide(textOf(name)) ? yes : no), all)
}

/** The template with everything it may ever make; of each choice the first or the second branch, unless that is nothing. */
export function renderOpen(template: Template, branch: 'first' | 'second'): JsonMap {
  const choose = ([, yes, no]: readonly Json[]) => {
    const [wanted, other] = branch === 'first' ? [yes, no] : [no, yes]
    return isNoValue(wanted) ? other : wanted
  }
  return render(template, () => true, choose, usual)
}

const account = 'arn:aws:SERVICE:us-east-1:123456789012'
const arn = (service: string, rest: string) => `${account.replace('SERVICE', service)}:${rest}`

/** What stands for a resource or a parameter in a policy that is rendered for the linter. */
const dummies: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/AWS::Partition/, 'aws'],
  [/AWS::Region/, 'us-east-1'],
  [/AWS::AccountId/, '123456789012'],
  [/AWS::URLSuffix/, 'amazonaws.com'],
  [/^EnvironmentName$/, 'demo'],
  [/LogGroup(Arn|\.Arn)/, arn('logs', 'log-group:dummy:*')],
  [/SecretArn$|Secret$/, arn('secretsmanager', 'secret:dummy')],
  [/^KeyArn$|^Key\.Arn$/, arn('kms', 'key/01234567-89ab-cdef-0123-456789abcdef')],
  [/FileSystem(Arn|\.Arn)/, arn('elasticfilesystem', 'file-system/fs-0123456789abcdef0')],
  [/AccessPoint\.Arn/, arn('elasticfilesystem', 'access-point/fsap-0123456789abcdef0')],
  [/AccessPointId$/, 'fsap-0123456789abcdef0'],
  [/DeadLetters\.Arn/, arn('sqs', 'dummy')],
  [/EnvironmentFile/, 'arn:aws:s3:::dummy/environment/dashboard.env'],
  [/Bucket\.Arn/, 'arn:aws:s3:::dummy'],
  [/Bucket$/, 'dummy'],
]

function dummy(name: string): string {
  const found = dummies.find(([pattern]) => pattern.test(name))
  if (found === undefined) throw new TypeError(`no dummy value for ${name}: add one to test/templates/render.ts`)
  return found[1]
}

/** Replaces every reference by a value that looks like what it will be. */
export function fill(value: Json): Json {
  if (Array.isArray(value)) return value.map(fill)
  if (!isJsonMap(value)) return value
  const [name, argument] = Object.entries(value)[0] ?? ['', null]
  if (name === 'Ref') return dummy(textOf(argument))
  if (name === 'Fn::GetAtt') return dummy(listOf(argument).map(textOf).join('.'))
  if (name === 'Fn::Sub') {
    return textOf(Array.isArray(argument) ? argument[0] : argument).replace(/\$\{([^}]+)\}/g, (_, one: string) => dummy(one))
  }
  if (name === 'Fn::Split') {
    const [by, text] = listOf(argument)
    return textOf(text === undefined ? undefined : fill(text)).split(textOf(by))
  }
  if (name === 'Fn::Select') {
    const [index, list] = listOf(argument)
    return listOf(list === undefined ? undefined : fill(list))[Number(index)] ?? null
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]))
}
