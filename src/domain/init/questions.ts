import {overlaps, parseCidr, subnetsOf} from '../cidr.ts'
import type {EnvironmentConfiguration} from '../configuration.ts'
import {
  type AnswerId,
  type Answers,
  hasHost,
  isExisting,
  listOfAnswer,
  newVpc,
  none,
  requested,
  usualRange,
} from './answers.ts'

/** One thing to choose. */
export interface Choice {
  readonly value: string
  /** What it is, in a few words. */
  readonly about: string
}

/** What an answer can be looked up by; each is one list that AWS or a registry gives. */
export type LookupName =
  'regions' | 'account' | 'vpcs' | 'subnets' | 'zones' | 'hostedZones' | 'certificates' | 'imageTags'

/** What lookups found that a suggestion is made of. */
export interface Surroundings {
  /** Ranges that VPCs of the region have already, or that other environments of the file will have. */
  readonly taken: readonly string[]
}

/** One question of `init`. */
export interface Question {
  readonly id: AnswerId
  /** The question, without its mark. */
  readonly text: string
  /** What hangs on it, in one line. */
  readonly why: string
  /** Everything that may be answered. */
  readonly choices?: readonly Choice[]
  /** Where more may be chosen from; any other text may be typed. */
  readonly lookup?: LookupName
  /** Several of the list. */
  readonly several?: boolean
  /** Found out instead of asked, where the lookup works. */
  readonly silent?: boolean
  /** Whether it is asked at all. */
  readonly applies?: (answers: Answers) => boolean
  /** The answer that is proposed, and that is taken where nobody is asked; undefined where there is none. */
  readonly proposed?: (answers: Answers, found: Surroundings) => string | undefined
}

const ownVpc = (answers: Answers): boolean => !isExisting(answers)

/** The ranges of the VPCs that environments have, or will have once they are deployed. */
export function rangesOf(environments: readonly EnvironmentConfiguration[]): readonly string[] {
  return environments.map(({network}) => network.existing?.cidr ?? network.cidr ?? usualRange)
}

/** The first range of a few usual ones that is not taken. */
function freeRange(taken: readonly string[]): string {
  const ranges = taken.flatMap((text) => parseCidr(text) ?? [])
  const usual = subnetsOf('10.0.0.0/8', 250, 16).slice(20)
  const free = usual.find((text) => {
    const range = parseCidr(text)
    return range !== undefined && !ranges.some((other) => overlaps(range, other))
  })
  return free ?? usualRange
}

/** The domains that hold a name: `bi.example.com` lies in `example.com` and in itself. */
export function liesIn(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}

/** Whether a certificate's name covers a host: itself, or one label below `*.` */
export function covers(name: string, host: string): boolean {
  return name === host || (name.startsWith('*.') && host.split('.').slice(1).join('.') === name.slice(2))
}

export const questions: readonly Question[] = [
  {
    id: 'environment',
    text: 'Name of the environment',
    why: 'One installation: its stacks are called pi-NAME-... and every command takes this name.',
    proposed: () => 'prod',
  },
  {
    id: 'region',
    text: 'Region',
    why: 'Everything of the environment lives there; it cannot move later but by a restore.',
    lookup: 'regions',
  },
  {
    id: 'account',
    text: 'Account',
    why: 'The environment refuses to run in any other one.',
    lookup: 'account',
    silent: true,
    proposed: () => none,
  },
  {
    id: 'preset',
    text: 'Size',
    why: 'Sizes of tasks and database to start from; each can be changed later.',
    choices: [
      {value: 'small', about: 'a trial or a small team; fits the quotas of a new account'},
      {value: 'standard', about: 'two of everything that users wait for, standby database'},
      {value: 'large', about: 'three zones, more and larger tasks, web ACL'},
    ],
    proposed: () => 'small',
  },
  {
    id: 'compute',
    text: 'What tasks run on',
    why: 'Fargate needs no care; EC2 instances may cost less where load is steady.',
    choices: [
      {value: 'fargate', about: 'no machines to look after'},
      {value: 'fargate-spot', about: 'cheaper; AWS may stop tasks beyond one of each at two minutes notice'},
      {value: 'ec2', about: 'container instances of your own that scale by themselves'},
    ],
    proposed: () => 'fargate',
  },
  {
    id: 'vpc',
    text: 'Network',
    why: 'A VPC of its own, or subnets of one that is there, whose routes and ACLs stay as they are.',
    lookup: 'vpcs',
    proposed: () => newVpc,
  },
  {
    id: 'vpc-cidr',
    text: 'Address range of that VPC',
    why: 'Security groups let the tiers talk inside of it.',
    lookup: 'vpcs',
    silent: true,
    applies: isExisting,
  },
  ...(
    [
      ['public-subnets', 'Subnets of the load balancer', 'They must lead to an internet gateway; one a zone.'],
      ['application-subnets', 'Subnets of the tasks', 'They must lead out, by a NAT gateway say; one a zone.'],
      ['data-subnets', 'Subnets of database and file system', 'As many as those of the tasks, in the same zones.'],
    ] as const
  ).map(([id, text, why]): Question => ({id, text, why, lookup: 'subnets', several: true, applies: isExisting})),
  {
    id: 'cidr',
    text: 'Address range of the VPC',
    why: 'Between /16 and /22, private, and free of networks that will ever be connected.',
    applies: ownVpc,
    proposed: (_answers, {taken}) => freeRange(taken),
  },
  {
    id: 'zones',
    text: 'Availability zones',
    why: 'Two survive the loss of one; three spread finer and cost more between zones. Or their names.',
    lookup: 'zones',
    applies: ownVpc,
    proposed: ({preset}) => (preset === 'large' ? '3' : '2'),
  },
  {
    id: 'nat',
    text: 'NAT gateways',
    why: 'The way out of the tasks, to the licence manager; charged by the hour and by GB.',
    choices: [
      {value: 'one', about: 'cheapest; when its zone fails, nothing gets out'},
      {value: 'per-zone', about: 'each zone by itself'},
    ],
    applies: ownVpc,
    proposed: ({preset}) => (preset === undefined || preset === 'small' ? 'one' : 'per-zone'),
  },
  {
    id: 'host',
    text: 'Public name of the dashboard',
    why: 'Such as bi.example.com; "none" does without a name and without TLS, for trials.',
  },
  {
    id: 'hosted-zone',
    text: 'Route 53 zone of that name',
    why: 'Both public names are made there, and the certificate is validated; "none" with DNS elsewhere.',
    lookup: 'hostedZones',
    applies: hasHost,
    proposed: () => none,
  },
  {
    id: 'certificate',
    text: 'Certificate',
    why: 'An issued one of the region for both public names, or "request" with a hosted zone.',
    lookup: 'certificates',
    applies: hasHost,
    proposed: (answers) => (answers['hosted-zone'] === none ? undefined : requested),
  },
  {
    id: 'image-tag',
    text: 'Release of the platform',
    why: 'The tag of the images; upgrades change it later.',
    lookup: 'imageTags',
  },
  {
    id: 'notify',
    text: 'Address that hears of alarms',
    why: 'AWS sends it one mail to confirm; "none" for nobody.',
    proposed: () => none,
  },
  {
    id: 'assets-folder',
    text: 'Folder with assets',
    why: 'Themes, images and the like of your own: every deploy brings what changed in it; "none" for none.',
    proposed: () => none,
  },
]

/** Longest answer that is looked at: beyond it something was pasted by mistake. */
const longest = 1000

/** What is wrong with an answer in itself, in words; the schema says more once the whole is known. */
export function problemOfText(question: Question, text: string): string | undefined {
  if (text.trim() === '') return 'an answer is needed'
  if (text.length > longest) return `${text.length} characters are too many`
  if (/[\r\n]/.test(text)) return 'it must be one line'
  if (question.choices !== undefined && !question.choices.some(({value}) => value === text))
    return `must be one of ${question.choices.map(({value}) => value).join(', ')}`
  if (question.several === true && listOfAnswer(text).length === 0) return 'an answer is needed'
  return undefined
}
