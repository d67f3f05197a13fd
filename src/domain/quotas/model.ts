import type {Demand} from './demand.ts'

export type QuotaVerdict = 'OK' | 'TIGHT' | 'SHORT' | 'UNKNOWN'

/** Where a limit came from; `stale` is the default that ships with this version. */
export type LimitSource = 'applied' | 'default' | 'account' | 'template' | 'stale'

/** What one limit holds for. */
export type QuotaScope =
  | 'account'
  | 'region'
  | 'zone'
  | 'VPC'
  | 'subnet'
  | 'network ACL'
  | 'security group'
  | 'interface'
  | 'load balancer'
  | 'cluster'
  | 'service'
  | 'file system'
  | 'key'
  | 'role'
  | 'hosted zone'
  | 'vault'

/** How much of something there is, by where it counts: a zone, the id or reference of a VPC...; '' for the region. */
export type Amounts = ReadonlyMap<string, number>

/** Lists that are asked of an account, each by one paged call; a few by one for each parent that is ours. */
export const thingLists = [
  'vpcs',
  'internet-gateways',
  'nat-gateways',
  'addresses',
  'subnets',
  'route-tables',
  'network-acls',
  'security-groups',
  'network-interfaces',
  'vpc-endpoints',
  'instances',
  'volumes',
  'auto-scaling-groups',
  'scalable-targets',
  'load-balancers',
  'target-groups',
  'listeners',
  'listener-rules',
  'certificates',
  'clusters',
  'services',
  'tasks',
  'file-systems',
  'access-points',
  'buckets',
  'stacks',
  'secrets',
  'backup-vaults',
  'backup-plans',
  'event-rules',
  'alarms',
  'namespaces',
  'keys',
  'grants',
  'zone-records',
] as const
export type ThingList = (typeof thingLists)[number]

/** One thing that an account has, as far as a quota counts it. */
export interface Thing {
  readonly id: string
  /** What it counts in: its VPC, cluster, load balancer, subnet...; '' where that does not matter. */
  readonly within: string
  /** How much of the quota it takes: 1, or vCPU, or TiB. */
  readonly amount: number
  readonly kind?: string
  /** Further counts of it, by name. */
  readonly counts?: Readonly<Record<string, number>>
}

/** A service's own word on its limits. */
export type LimitCall = 'rds' | 'iam' | 'lambda' | 'elasticloadbalancing' | 'cloudformation' | 'autoscaling' | 'route53'

/** One name in the answer of such a call. */
export interface OwnLimit {
  readonly limit?: number
  readonly used?: number
}

/** One quota that the stack can meet: a row of data. */
export interface QuotaRow {
  /** What people type. */
  readonly key: string
  readonly title: string
  /** Left out for plain counts. */
  readonly unit?: 'vCPU' | 'TiB' | 'GB'
  /** The service's code in Service Quotas. */
  readonly service: string
  /** '' where Service Quotas does not know it. */
  readonly code: string
  readonly scope: QuotaScope
  /** Quotas of global services are kept in one region of the partition. */
  readonly global?: true
  /** AWS's default as it was at `asOf`; undefined where AWS sets one by account. */
  readonly fallback: number | undefined
  readonly adjustable: boolean
  readonly source: string
  readonly asOf: string
  /** What the demand adds, by where it counts. */
  readonly need: (demand: Demand) => Amounts
  /** Which list is counted; nothing where each of ours begins empty. */
  readonly list?: ThingList
  /** What counts in the list, and where; without it each thing's amount, within nothing. */
  readonly counts?: (things: readonly Thing[], beside: readonly Thing[]) => Amounts
  /** A second list that the count looks things up in. */
  readonly beside?: ThingList
  /** Parents whose lists are asked: references of resources, of which those that stand are asked, or ids. */
  readonly parents?: (demand: Demand) => readonly string[]
  /** The service's own answer, used where Service Quotas gives none, and for what is used where there is no list. */
  readonly own?: {readonly call: LimitCall; readonly name: string}
  /** Limits that follow from the configuration itself, by where. */
  readonly limits?: (demand: Demand, things: readonly Thing[]) => Amounts
  /** A usage metric knows of users that the list does not see. */
  readonly metric?: true
}
