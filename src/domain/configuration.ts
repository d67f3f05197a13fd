import * as z from 'zod'
import {parseCidr} from './cidr.ts'
import {incoherencesOf} from './coherence.ts'
import {environmentNameLimit} from './names.ts'
import {presetNames} from './presets.ts'
import {mirrorSchema} from './mirror.ts'

// zod would compile each object's check into a function of its own: more work than checking one file once.
z.config({jitless: true})

/** Services of the platform in the order in which people think of them. */
export const serviceNames = ['dashboard', 'renderer', 'scheduler', 'pirana', 'adminer'] as const
export type ServiceName = (typeof serviceNames)[number]

const cidr = z
  .string()
  .refine(
    (text) => parseCidr(text) !== undefined,
    'must be an IPv4 range such as 10.20.0.0/16, with no bits set behind the prefix',
  )
const vpcCidr = cidr.refine((text) => {
  const range = parseCidr(text)
  return range === undefined || (range.prefix >= 16 && range.prefix <= 22)
}, 'must be between /16 and /22, so that nine subnets fit')
const domainName = z
  .string()
  .max(253)
  .regex(
    /^(?=.{4,})[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/,
    'must be a domain name in lower case such as bi.example.com',
  )
const ids = (prefix: string) =>
  z.array(z.string().regex(new RegExp(`^${prefix}-[0-9a-f]+$`), `must look like ${prefix}-0123456789abcdef0`))
const containerEnvironment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'),
  z.string().regex(/^[^\r\n\0]*$/, 'must be one line'),
)

/** Names that sound like secrets are refused in `environment`: their place is Secrets Manager. */
const secretLike = /PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_?KEY|LICEN[CS]E|CREDENTIAL/i
const safeEnvironment = containerEnvironment.superRefine((values, context) => {
  for (const name of Object.keys(values)) {
    if (secretLike.test(name)) {
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'sounds like a secret; secrets never stand in this file (pi-aws licence set, pi-aws registry login)',
      })
    }
  }
})

const cpu = z.literal([256, 512, 1024, 2048, 4096, 8192]).describe('CPU units of a task; 1024 are one vCPU')
const memory = z.number().int().min(512).max(61_440).describe('Memory of a task in MiB')
const count = (max: number) => z.number().int().min(0).max(max)
const singleService = z.strictObject({
  cpu: cpu.optional(),
  memory: memory.optional(),
  environment: safeEnvironment.describe('More variables of its container; never a secret').optional(),
})
const scalingService = singleService.extend({
  min: count(50).describe('Fewest tasks').optional(),
  max: count(50).min(1).describe('Most tasks that scaling may start').optional(),
})

const network = z.strictObject({
  cidr: vpcCidr.describe('Address range of the VPC that is made').optional(),
  zones: z
    .union([z.literal([2, 3]), z.array(z.string()).min(2).max(3)], 'must be 2, 3, or two or three names of zones')
    .describe('How many zones, or their names')
    .optional(),
  nat: z
    .enum(['one', 'per-zone', 'none'])
    .describe('NAT gateways; none only in an existing VPC with another way out')
    .optional(),
  clients: cidr.describe('Who may reach the load balancer').optional(),
  existing: z
    .strictObject({
      vpc: z
        .string()
        .regex(/^vpc-[0-9a-f]+$/, 'must look like vpc-0123456789abcdef0')
        .describe('Its id'),
      cidr: cidr.describe('Address range of that VPC'),
      publicSubnets: ids('subnet').min(2).max(3).describe('Subnets of the load balancer, one a zone'),
      applicationSubnets: ids('subnet').min(2).max(3).describe('Subnets of the tasks, one a zone'),
      dataSubnets: ids('subnet').min(2).max(3).describe('Subnets of database and file system, one a zone'),
    })
    .describe('An existing VPC: its subnets, routes and network ACLs stay as they are')
    .optional(),
})

const domain = z.strictObject({
  host: domainName.describe('Public name of the dashboard').optional(),
  piranaHost: domainName.describe('Public name of pirana; default: <first label of host>-pirana').optional(),
  hostedZone: z
    .string()
    .regex(/^Z[A-Z0-9]{1,31}$/, 'must be the id of a hosted zone')
    .describe('Route 53 zone that holds both names')
    .optional(),
  certificate: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/, 'must be the ARN of an ACM certificate')
    .describe('Certificate to use; without it one is requested and validated through the hosted zone')
    .optional(),
  httpOnly: z.boolean().describe('No TLS at all; for trials').optional(),
})

const database = z.strictObject({
  class: z
    .string()
    .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'must be an RDS instance class such as db.t4g.medium')
    .describe('Size of the instance')
    .optional(),
  storage: z.number().int().min(20).max(65_536).describe('GiB at creation').optional(),
  maxStorage: z.number().int().min(20).max(65_536).describe('GiB up to which storage may grow by itself').optional(),
  multiAz: z.boolean().describe('Whether a standby runs in another zone').optional(),
  backupDays: z.number().int().min(1).max(35).describe('Days of automated backups').optional(),
})

const duration = z
  .string()
  .regex(/^[1-9]\d{0,4}[mhd]$/, 'must be a number of minutes, hours or days such as 90m, 24h or 7d')
const recovery = z.strictObject({
  rpo: duration.describe('RPO: how old the newest snapshot may be').optional(),
  rto: duration.describe('RTO: how long it may take to bring one back, as the last proof measured it').optional(),
  vaulted: z
    .boolean()
    .describe(
      'Whether snapshot create has AWS Backup take the database into the vault too, unless its flag says otherwise',
    )
    .optional(),
})

const keys = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-west-1')
    .describe('Where it lives'),
  account: z
    .string('must be twelve digits in quotes')
    .regex(/^\d{12}$/, 'must be twelve digits in quotes')
    .describe('The only account this environment may live in')
    .optional(),
  preset: z.enum(presetNames).describe('Sizes to start from').default('small'),
  compute: z.enum(['fargate', 'fargate-spot', 'ec2']).describe('What tasks run on').default('fargate'),
  network: network.describe('VPC, zones, ways in and out').default({}),
  domain: domain.describe('Public names and TLS').default({}),
  images: z
    .strictObject({
      registry: z
        .string()
        .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must be a registry and path without a tag')
        .describe('Registry and path of the images')
        .optional(),
      login: z
        .enum(['secret', 'role'])
        .describe('How tasks log in to it: the secret of registry login, or their role (ECR); found out by default')
        .optional(),
      tag: z
        .string()
        .regex(/^[\w][\w.-]{0,127}$/, 'must be an image tag such as 2026_10')
        .describe('Release of the platform')
        .optional(),
      mirror: mirrorSchema
        .describe('Copies in ECR, written by registry mirror; they are used where they are')
        .optional(),
    })
    .describe('Where the images of the platform come from')
    .default({}),
  services: z
    .strictObject({
      dashboard: scalingService.describe('The server that browsers talk to').optional(),
      renderer: scalingService.describe('Draws charts and documents').optional(),
      scheduler: singleService.describe('Runs jobs; always one task').optional(),
      pirana: scalingService.describe('The assistant, on its own public name').optional(),
      adminer: singleService
        .extend({enabled: z.boolean().describe('Whether it runs at all').optional()})
        .describe('Database tool for operators, never public')
        .optional(),
    })
    .describe('Sizes and numbers of the services')
    .default({}),
  database: database.describe('RDS MariaDB').default({}),
  files: z
    .strictObject({
      uid: z.number().int().min(0).max(4_294_967_294).describe('Owner of the files').optional(),
      gid: z.number().int().min(0).max(4_294_967_294).describe('Group of the files').optional(),
      throughput: z.enum(['elastic', 'bursting']).describe('How fast it may be read and written').optional(),
    })
    .describe('The file system')
    .default({}),
  assets: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .describe('Folder with assets, as seen from this file: every deploy uploads and side-loads what changed in it')
        .optional(),
      sideloadEvents: z
        .enum(['on', 'off'])
        .describe('Whether an object that arrives in the assets bucket is side-loaded by itself')
        .optional(),
    })
    .describe('Themes, images and the other files of your own')
    .default({}),
  backup: z
    .strictObject({
      schedule: z
        .string()
        .regex(/^cron\([^()]+\)$/, 'must be a cron(...) expression in UTC')
        .describe('When the backup plan runs, UTC')
        .optional(),
      keepDays: z.number().int().min(1).max(3650).describe('Days that its backups are kept').optional(),
    })
    .describe('The daily backup plan')
    .default({}),
  recovery: recovery
    .describe('What is promised for a bad night; status is not healthy while it does not hold')
    .optional(),
  waf: z.boolean().describe('A web ACL before the load balancer, its managed rules counting first').optional(),
  logDays: z
    .literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731])
    .describe('Days that logs are kept')
    .optional(),
  notify: z.email().describe('Who hears of alarms').optional(),
  roles: z
    .strictObject({
      permissionsBoundary: z
        .string()
        .regex(/^arn:aws[a-z-]*:iam::\d{12}:policy\/.+$/, 'must be the ARN of a policy')
        .describe('Permissions boundary of every role')
        .optional(),
      path: z
        .string()
        .regex(/^\/([\x21-\x7e]+\/)?$/, 'must begin and end with /')
        .describe('IAM path of the roles')
        .optional(),
    })
    .describe('What this account asks of IAM roles')
    .default({}),
  credentials: z
    .strictObject({
      profile: z.string().min(1).max(128).describe('Profile of the AWS configuration of whoever runs it').optional(),
      roleArn: z
        .string()
        .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'must be the ARN of a role')
        .describe('Role to assume on top of it; with --local, the account of the embedded AWS')
        .optional(),
    })
    .describe('How its account is reached; --profile and --role-arn go before')
    .optional(),
  parameters: z
    .record(
      z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'must be the name of a template parameter'),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .describe('Template parameters that no other key sets, by name; templates/README.md lists them')
    .default({}),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .refine(
      (tags) => Object.keys(tags).every((key) => !/^(aws:|pi:)/i.test(key)),
      'keys must not begin with aws: or pi:',
    )
    .describe('Put on every resource')
    .default({}),
})

const environment = keys.superRefine((values, context) => {
  for (const {path, message} of incoherencesOf(values)) context.addIssue({code: 'custom', path: [...path], message})
})

/** The format of pi-aws.yaml that this version writes, and the newest that it reads. */
export const configurationVersion = 1

const version = z.literal(configurationVersion).describe('Version of this file format')
const environmentKey = z
  .string()
  .max(environmentNameLimit)
  .regex(
    /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
    `must be 1-${environmentNameLimit} lower-case letters, digits and single dashes, a letter first`,
  )

/** What environments may share: each of their keys, none of them needed. */
export const sharedSchema = keys.partial()

/** The environments of pi-aws.yaml with what they share laid below each. It never holds a secret. */
export const configurationSchema = z.strictObject({version, environments: z.record(environmentKey, environment)})

/** pi-aws.yaml as it is written: what an editor checks. What belongs together is seen only in the whole. */
export const configurationFileSchema = z.strictObject({
  version,
  defaults: sharedSchema
    .describe('What all environments share; what an environment says itself goes before')
    .optional(),
  environments: z.record(environmentKey, keys.partial({region: true})).describe('Environments by name'),
})

export type Configuration = z.infer<typeof configurationSchema>
/** One environment of pi-aws.yaml with the schema's defaults filled in. */
export type EnvironmentConfiguration = z.infer<typeof environment>
