import {Flags} from '@oclif/core'
import type {EnvironmentName} from '../domain/names.ts'
import {answerIds, type Answers} from '../domain/init/answers.ts'

const answer = (name: string, description: string, helpValue: string) =>
  Flags.string({
    description,
    env: `PI_AWS_INIT_${name.toUpperCase().replaceAll('-', '_')}`,
    helpValue,
    helpGroup: 'ANSWERS',
  })

/** A flag for every question; that of the region is one that all commands have. */
export const answerFlags = {
  account: answer('account', 'Account it must live in; found out by default', '123456789012'),
  preset: answer('preset', 'Size: small, standard or large', 'SIZE'),
  compute: answer('compute', 'What tasks run on: fargate, fargate-spot or ec2', 'KIND'),
  vpc: answer('vpc', 'Network: new, or the id of a VPC that is there', 'new|vpc-...'),
  'vpc-cidr': answer('vpc-cidr', 'Address range of the VPC that is there; found out by default', 'CIDR'),
  'public-subnets': answer('public-subnets', 'Subnets of the load balancer in it, with commas', 'IDS'),
  'application-subnets': answer('application-subnets', 'Subnets of the tasks in it, with commas', 'IDS'),
  'data-subnets': answer('data-subnets', 'Subnets of database and file system in it, with commas', 'IDS'),
  cidr: answer('cidr', 'Address range of a new VPC', 'CIDR'),
  zones: answer('zones', 'How many zones, or their names with commas', '2|3|NAMES'),
  nat: answer('nat', 'NAT gateways: one or per-zone', 'one|per-zone'),
  host: answer('host', 'Public name of the dashboard; none does without name and TLS', 'NAME|none'),
  'hosted-zone': answer('hosted-zone', 'Id of the Route 53 zone of that name, or none', 'ID|none'),
  certificate: answer('certificate', 'ARN of a certificate for both public names, or request', 'ARN|request'),
  'image-tag': answer('image-tag', 'Release of the platform', 'TAG'),
  notify: answer('notify', 'Mail address that hears of alarms, or none', 'ADDRESS|none'),
  'assets-folder': answer('assets-folder', 'Folder with assets as seen from pi-aws.yaml, or none', 'FOLDER|none'),
}

export const initDryRunFlag = Flags.boolean({description: 'Only say what would be written', env: 'PI_AWS_INIT_DRY_RUN'})

/** The answers that a command line gives. */
export function givenAnswers(
  flags: Readonly<Record<string, unknown>>,
  environment: EnvironmentName | undefined,
): Answers {
  const all: Readonly<Record<string, unknown>> = {...flags, environment: environment ?? flags['environment']}
  return Object.fromEntries(answerIds.flatMap((id) => (typeof all[id] === 'string' ? [[id, all[id]]] : [])))
}
