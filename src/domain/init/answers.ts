import type {EnvironmentConfiguration} from '../configuration.ts'
import type {ConfigurationEdit} from '../configuration-edit.ts'
import {shellWord} from '../shell-word.ts'

/** What `init` asks, in the order in which it asks. Each is a flag of the same name; the name itself is the argument. */
export const answerIds = [
  'environment',
  'region',
  'account',
  'preset',
  'compute',
  'vpc',
  'vpc-cidr',
  'public-subnets',
  'application-subnets',
  'data-subnets',
  'cidr',
  'zones',
  'nat',
  'host',
  'hosted-zone',
  'certificate',
  'image-tag',
  'notify',
  'assets-folder',
] as const
export type AnswerId = (typeof answerIds)[number]

/** Answers as they are typed; lists are joined with commas. Never a secret. */
export type Answers = Readonly<Partial<Record<AnswerId, string>>>

/** The word for "nothing", where an answer may be that. */
export const none = 'none'
/** Of `vpc`: one of our own is made. */
export const newVpc = 'new'
/** Of `cidr`: what the template takes where the file says nothing. */
export const usualRange = '10.20.0.0/16'
/** Of `certificate`: one is asked for and validated through the hosted zone. */
export const requested = 'request'

export function isExisting(answers: Answers): boolean {
  return answers.vpc !== undefined && answers.vpc !== newVpc
}

export function hasHost(answers: Answers): boolean {
  return answers.host !== undefined && answers.host !== none
}

/** The items of a list as it is typed. */
export function listOfAnswer(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').flatMap((item) => item.trim() || [])
}

function unlessNone(text: string | undefined): string | undefined {
  return text === none ? undefined : text
}

/** Zones as the file has them: a number, or names. */
function zonesOf(text: string | undefined): unknown {
  if (text === undefined) return undefined
  return /^\d+$/.test(text) ? Number(text) : listOfAnswer(text)
}

/** What answers say of an environment, key by key, in the order of the file; undefined is what they leave out. */
function valuesOf(answers: Answers): readonly (readonly [path: readonly string[], value: unknown])[] {
  const existing = isExisting(answers)
  const host = hasHost(answers)
  const certificate = host && answers.certificate !== requested ? unlessNone(answers.certificate) : undefined
  return [
    [['region'], answers.region],
    [['account'], unlessNone(answers.account)],
    [['preset'], answers.preset],
    [['compute'], answers.compute],
    [
      ['network', 'existing'],
      existing
        ? {
            vpc: answers.vpc,
            cidr: answers['vpc-cidr'],
            publicSubnets: listOfAnswer(answers['public-subnets']),
            applicationSubnets: listOfAnswer(answers['application-subnets']),
            dataSubnets: listOfAnswer(answers['data-subnets']),
          }
        : undefined,
    ],
    [['network', 'cidr'], existing ? undefined : answers.cidr],
    [['network', 'zones'], existing ? undefined : zonesOf(answers.zones)],
    [['network', 'nat'], existing ? undefined : answers.nat],
    [['domain', 'host'], host ? answers.host : undefined],
    [['domain', 'hostedZone'], host ? unlessNone(answers['hosted-zone']) : undefined],
    [['domain', 'certificate'], certificate],
    [['domain', 'httpOnly'], answers.host === none ? true : undefined],
    [['images', 'tag'], answers['image-tag']],
    [['notify'], unlessNone(answers.notify)],
    [['assets', 'folder'], unlessNone(answers['assets-folder'])],
  ]
}

/**
 * The changes of pi-aws.yaml that answers mean.
 * @param written the environment as the file has it, empty for a new one: what stands and is right stays untouched
 */
export function editsFor(answers: Answers, written: unknown): readonly ConfigurationEdit[] {
  const inside = ['environments', answers.environment ?? '']
  return valuesOf(answers)
    .filter(([path, value]) => JSON.stringify(value) !== JSON.stringify(at(written, path)))
    .map(([path, value]) => ({path: [...inside, ...path], value}))
}

function at(values: unknown, path: readonly string[]): unknown {
  return path.reduce((value: unknown, name) => (value as Readonly<Record<string, unknown>> | undefined)?.[name], values)
}

/** The answers that an environment of the file stands for: where editing begins. */
export function answersOf(environment: string, configuration: EnvironmentConfiguration): Answers {
  const {region, account, preset, compute, network, domain, images, notify, assets} = configuration
  const {existing} = network
  const answers: Partial<Record<AnswerId, string | undefined>> = {
    environment,
    region,
    account,
    preset,
    compute,
    vpc: existing?.vpc ?? newVpc,
    'vpc-cidr': existing?.cidr,
    'public-subnets': existing?.publicSubnets.join(','),
    'application-subnets': existing?.applicationSubnets.join(','),
    'data-subnets': existing?.dataSubnets.join(','),
    // An environment that says none has this one already, and its own VPC would make a proposal pass over it.
    cidr: network.cidr ?? (existing === undefined ? usualRange : undefined),
    zones: typeof network.zones === 'object' ? network.zones.join(',') : network.zones?.toString(),
    nat: network.nat,
    host: domain.httpOnly === true ? none : domain.host,
    'hosted-zone': domain.host === undefined ? undefined : (domain.hostedZone ?? none),
    certificate: domain.host === undefined ? undefined : (domain.certificate ?? requested),
    'image-tag': images.tag,
    notify: notify ?? none,
    'assets-folder': assets.folder ?? none,
  }
  return Object.fromEntries(Object.entries(answers).filter(([, text]) => text !== undefined))
}

/**
 * The words that give the same file without a question.
 * @param more flags that found the file and AWS, such as `--local`
 */
export function commandFor(answers: Answers, more: string): string {
  const flags = answerIds.flatMap((id) => {
    const text = answers[id]
    return id === 'environment' || text === undefined ? [] : [`--${id} ${shellWord(text)}`]
  })
  return ['pi-aws init', answers.environment ?? '', '--yes', ...flags, more].filter((word) => word !== '').join(' ')
}
