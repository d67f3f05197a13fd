import {z} from 'zod'
import {parseCidr} from './cidr.ts'
import {environmentNameLimit} from './names.ts'
import {presetNames} from './presets.ts'

/** Services of the platform in the order in which people think of them. */
export const serviceNames = ['dashboard', 'renderer', 'scheduler', 'pirana', 'adminer'] as const
export type ServiceName = (typeof serviceNames)[number]

const cidr = z
  .string()
  .refine((text) => parseCidr(text) !== undefined, 'must be an IPv4 range such as 10.20.0.0/16, with no bits set behind the prefix')
const vpcCidr = cidr.refine((text) => {
  const range = parseCidr(text)
  return range === undefined || (range.prefix >= 16 && range.prefix <= 22)
}, 'must be between /16 and /22, so that nine subnets fit')
const domainName = z
  .string()
  .max(253)
  .regex(/^(?=.{4,})[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/, 'must be a domain name in lower case such as bi.example.com')
const ids = (prefix: string) => z.array(z.string().regex(new RegExp(`^${prefix}-[0-9a-f]+$`), `must look like ${prefix}-0123456789abcdef0`))
const containerEnvironment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable'),
  z.string().regex(/^[^\r\n\0]*$/, 'must be one line'),
)

/** Names that sound like secrets are refused in `environment`: their place is Secrets Manager. */
const secretLike = /PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_?KEY|LICEN[CS]E|CREDENTIAL/i
const safeEnvironment = containerEnvironment.superRefine((values, context) => {
  for (const name of Object.keys(values)) {
    if (secretLike.test(name)) {
      context.addIssue({code: 'custom', path: [name], message: 'sounds like a secret; secrets never stand in this file (pi-aws licence set, pi-aws registry login)'})
    }
  }
})

const cpu = z.literal([256, 512, 1024, 2048, 4096, 8192]).describe('CPU units of a task; 1024 are one vCPU')
const memory = z.number().int().min(512).max(61_440).describe('Memory of a task in MiB')
const count = (max: number) => z.number().int().min(0).max(max)
const singleService = z.strictObject({cpu: cpu.optional(), memory: memory.optional(), environment: safeEnvironment.optional()})
const scalingService = singleService.extend({
  min: count(50).describe('Fewest tasks').optional(),
  max: count(50).describe('Most tasks that scaling may start').optional(),
})

const network = z.strictObject({
  cidr: vpcCidr.describe('Address range of the VPC that is made').optional(),
  zones: z.union([z.literal([2, 3]), z.array(z.string()).min(2).max(3)]).describe('How many zones, or their names').optional(),
  nat: z.enum(['one', 'per-zone', 'none']).describe('NAT gateways; none only in an existing VPC with another way out').optional(),
  clients: cidr.describe('Who may reach the load balancer').optional(),
  existing: z
    .strictObject({
      vpc: z.string().regex(/^vpc-[0-9a-f]+$/, 'must look like vpc-0123456789abcdef0'),
      cidr: cidr.describe('Address range of that VPC'),
      publicSubnets: ids('subnet').min(2).max(3),
      applicationSubnets: ids('subnet').min(2).max(3),
      dataSubnets: ids('subnet').min(2).max(3),
    })
    .describe('An existing VPC: its subnets, routes and network ACLs stay as they are')
    .optional(),
})

const domain = z.strictObject({
  host: domainName.describe('Public name of the dashboard').optional(),
  piranaHost: domainName.describe('Public name of pirana; default: <first label of host>-pirana').optional(),
  hostedZone: z.string().regex(/^Z[A-Z0-9]{1,31}$/, 'must be the id of a hosted zone').optional(),
  certificate: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/, 'must be the ARN of an ACM certificate')
    .describe('Certificate to use; without it one is requested and validated through the hosted zone')
    .optional(),
  httpOnly: z.boolean().describe('No TLS at all; for trials').optional(),
})

const database = z.strictObject({
  class: z.string().regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'must be an RDS instance class such as db.t4g.medium').optional(),
  storage: z.number().int().min(20).max(65_536).describe('GiB at creation').optional(),
  maxStorage: z.number().int().min(20).max(65_536).describe('GiB up to which storage may grow by itself').optional(),
  multiAz: z.boolean().optional(),
  backupDays: z.number().int().min(1).max(35).describe('Days of automated backups').optional(),
})

const environment = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region such as eu-west-1'),
  account: z.string().regex(/^\d{12}$/, 'must be twelve digits in quotes').describe('The only account this environment may live in').optional(),
  preset: z.enum(presetNames).describe('Sizes to start from').default('small'),
  compute: z.enum(['fargate', 'fargate-spot', 'ec2']).default('fargate'),
  network: network.default({}),
  domain: domain.default({}),
  images: z
    .strictObject({
      registry: z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must be a registry and path without a tag').optional(),
      tag: z.string().regex(/^[\w][\w.-]{0,127}$/, 'must be an image tag such as 2026_10').optional(),
    })
    .default({}),
  services: z
    .strictObject({
      dashboard: scalingService.optional(),
      renderer: scalingService.optional(),
      scheduler: singleService.optional(),
      pirana: scalingService.optional(),
      adminer: singleService.extend({enabled: z.boolean().optional()}).optional(),
    })
    .default({}),
  database: database.default({}),
  files: z
    .strictObject({
      uid: z.number().int().min(0).max(4_294_967_294).optional(),
      gid: z.number().int().min(0).max(4_294_967_294).optional(),
      throughput: z.enum(['elastic', 'bursting']).optional(),
    })
    .default({}),
  backup: z
    .strictObject({
      schedule: z.string().regex(/^cron\([^()]+\)$/, 'must be a cron(...) expression in UTC').optional(),
      keepDays: z.number().int().min(1).max(3650).optional(),
    })
    .default({}),
  waf: z.boolean().describe('A web ACL before the load balancer, its managed rules counting first').optional(),
  logDays: z.literal([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]).describe('Days that logs are kept').optional(),
  notify: z.email().describe('Who hears of alarms').optional(),
  roles: z
    .strictObject({
      permissionsBoundary: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:policy\/.+$/, 'must be the ARN of a policy').optional(),
      path: z.string().regex(/^\/([\x21-\x7e]+\/)?$/, 'must begin and end with /').optional(),
    })
    .default({}),
  tags: z
    .record(z.string().min(1).max(128), z.string().max(256))
    .refine((tags) => Object.keys(tags).every((key) => !/^(aws:|pi:)/i.test(key)), 'keys must not begin with aws: or pi:')
    .describe('Put on every resource')
    .default({}),
})

/** The whole of pi-aws.yaml. It never holds a secret. */
export const configurationSchema = z.strictObject({
  version: z.literal(1).describe('Version of this file format'),
  environments: z.record(
    z
      .string()
      .max(environmentNameLimit)
      .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, `must be 1-${environmentNameLimit} lower-case letters, digits and single dashes, a letter first`),
    environment,
  ),
})

export type Configuration = z.infer<typeof configurationSchema>
/** One environment of pi-aws.yaml with the schema's defaults filled in. */
export type EnvironmentConfiguration = z.infer<typeof environment>
