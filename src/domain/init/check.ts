import {parse} from 'yaml'
import {type EnvironmentConfiguration, configurationSchema, configurationVersion} from '../configuration.ts'
import {edited} from '../configuration-edit.ts'
import {issuesOf} from '../configuration-text.ts'
import {PiError} from '../errors.ts'
import {parseEnvironmentName} from '../names.ts'
import {withoutDefaults} from '../shared-defaults.ts'
import {type Answers, editsFor, hasHost, none} from './answers.ts'
import {problemOfText, type Question} from './questions.ts'

/** A file that has nothing yet. */
export const emptyFile = `version: ${configurationVersion}\nenvironments:\n`

/** Keys of the file that an answer sets, to tell its faults from those of answers that are still to come. */
const keysOf: Readonly<Partial<Record<Question['id'], string>>> = {
  'vpc-cidr': 'network.existing.cidr',
  vpc: 'network.existing.vpc',
  'public-subnets': 'network.existing.publicSubnets',
  'application-subnets': 'network.existing.applicationSubnets',
  'data-subnets': 'network.existing.dataSubnets',
  cidr: 'network.cidr',
  zones: 'network.zones',
  nat: 'network.nat',
  host: 'domain.host',
  'hosted-zone': 'domain.hostedZone',
  certificate: 'domain.certificate',
  'image-tag': 'images.tag',
  'assets-folder': 'assets.folder',
}

/** The text of pi-aws.yaml with an environment as the answers have it; all else stays. */
export function fileWith(text: string | undefined, answers: Answers): string {
  const before = text ?? emptyFile
  const {environments} = parse(before) as {readonly environments?: Readonly<Record<string, unknown>> | null}
  return edited(before, editsFor(answers, environments?.[answers.environment ?? '']))
}

/** What is wrong with an answer, as soon as it is given; undefined when it will do. */
export function problemOf(question: Question, text: string, answers: Answers): string | undefined {
  const own = problemOfText(question, text)
  if (own !== undefined) return own
  if (question.id === 'environment') return nameProblem(text)
  if (question.id === 'certificate' && text === none && hasHost(answers))
    return 'without a certificate there is no TLS: leave, and run the same command with --host none for that'
  const all: Answers = {...answers, [question.id]: text}
  const key = keysOf[question.id] ?? question.id
  const name = all.environment ?? 'x'
  const region = all.region ?? 'eu-west-1'
  const written = parse(fileWith(undefined, {...all, environment: name, region})) as unknown
  const prefix = `environments.${name}.`
  const issue = issuesOf(written).find(({text: row}) => row.startsWith(`${prefix}${key}`))
  return issue?.text.slice(issue.text.indexOf(': ') + 2)
}

function nameProblem(text: string): string | undefined {
  try {
    parseEnvironmentName(text)
    return undefined
  } catch (error) {
    return error instanceof PiError ? error.message.replace(/^[^:]*: /, '') : String(error)
  }
}

/** The environment as the answers so far have it, everything else by default; undefined where that does not fit. */
export function draftOf(answers: Answers): EnvironmentConfiguration | undefined {
  const name = answers.environment ?? 'x'
  const text = fileWith(undefined, {...answers, environment: name, region: answers.region ?? 'eu-west-1'})
  const read = configurationSchema.safeParse(withoutDefaults(parse(text)))
  return read.success ? read.data.environments[name] : undefined
}
