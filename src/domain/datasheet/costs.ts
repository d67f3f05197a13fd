import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import {gibibyte, isOn, numberAt, ofType, propertyAt} from './read.ts'
import type {ServiceFacts} from './services.ts'
import type {BackupFacts, DatabaseFacts, FilesFacts} from './stores.ts'

/** Something that AWS charges for, and how much of it this configuration causes. No prices: they change, and differ by region. */
export interface CostDriver {
  readonly driver: string
  /** Least and most of it at any time. */
  readonly min: number
  readonly max: number
  readonly unit: string
  /** What AWS charges by. */
  readonly chargedBy: string
}

function driver(name: string, count: number | readonly [number, number], unit: string, chargedBy: string): CostDriver {
  const [min, max] = typeof count === 'number' ? [count, count] : count
  return {driver: name, min, max, unit, chargedBy}
}

function compute(resources: readonly ExpandedResource[], services: readonly ServiceFacts[]): readonly CostDriver[] {
  const fargate = services.filter(({capacity}) => capacity !== 'ec2')
  const spot = fargate.some(({capacity}) => capacity === 'fargate-spot')
  const sum = (of: 'min' | 'max', amount: (service: ServiceFacts) => number): number =>
    fargate.reduce((total, service) => total + service[of] * amount(service), 0)
  const range = (amount: (service: ServiceFacts) => number): readonly [number, number] => [
    sum('min', amount),
    sum('max', amount),
  ]
  const by = spot ? 'hour, Spot beyond one each' : 'hour'
  const instances = ofType(resources, 'AutoScaling::AutoScalingGroup').map(({properties}) => {
    const type = ofType(resources, 'EC2::LaunchTemplate').map((template) =>
      textOf(propertyAt(template.properties, 'LaunchTemplateData', 'InstanceType')),
    )
    const bounds = [numberAt(properties, 'MinSize'), numberAt(properties, 'MaxSize')] as const
    return driver(`EC2 instances ${type.join(' ')}`.trim(), bounds, 'instances', 'hour, GB-month of their disks')
  })
  if (fargate.length === 0) return instances
  return [
    driver(
      'Fargate vCPU',
      range(({vcpu}) => vcpu),
      'vCPU',
      by,
    ),
    driver(
      'Fargate memory',
      range(({memoryBytes}) => memoryBytes / gibibyte),
      'GB',
      by,
    ),
    ...instances,
  ]
}

function count(resources: readonly ExpandedResource[], type: string): number {
  return ofType(resources, type).length
}

/** What the configuration makes AWS charge for, most expensive kinds first; drivers that do not occur are left out. */
export function costDriversOf(
  resources: readonly ExpandedResource[],
  facts: {
    readonly services: readonly ServiceFacts[]
    readonly database: DatabaseFacts
    readonly files: FilesFacts
    readonly backup: BackupFacts | undefined
  },
): readonly CostDriver[] {
  const {services, database, files, backup} = facts
  const instances = database.standby ? 2 : 1
  const storage = [database.storageBytes, database.maxStorageBytes].map((bytes) => (bytes / gibibyte) * instances)
  const balancers = ofType(resources, 'ElasticLoadBalancingV2::LoadBalancer')
  const balancerAddresses = balancers.reduce((sum, {properties}) => sum + listOf(properties['Subnets']).length, 0)
  const insights = ofType(resources, 'ECS::Cluster').some(({properties}) =>
    ['enabled', 'enhanced'].includes(textOf(propertyAt(properties, 'ClusterSettings', 0, 'Value'))),
  )
  const days = new Set(
    ofType(resources, 'Logs::LogGroup').map(({properties}) => numberAt(properties, 'RetentionInDays')),
  )
  const drivers = [
    ...compute(resources, services),
    driver(`Database ${database.class}`, count(resources, 'RDS::DBInstance') * instances, 'instances', 'hour'),
    driver('Database storage', [storage[0] ?? 0, storage[1] ?? 0], 'GB', 'GB-month, backups beyond its size'),
    driver('NAT gateways', count(resources, 'EC2::NatGateway'), 'gateways', 'hour, GB through them'),
    driver('Load balancer', balancers.length, 'balancer', 'hour, capacity units'),
    driver('Public IPv4 addresses', count(resources, 'EC2::EIP') + balancerAddresses, 'addresses', 'hour'),
    driver(
      `File system, ${files.throughput}`,
      count(resources, 'EFS::FileSystem'),
      'file system',
      files.throughput === 'elastic' ? 'GB-month, GB read and written' : 'GB-month',
    ),
    driver('Backups', backup === undefined ? 0 : 1, 'plan', `GB-month, each kept ${backup?.keepDays ?? 0} days`),
    driver(
      'Logs',
      count(resources, 'Logs::LogGroup'),
      'groups',
      `GB taken in, GB-month for ${[...days].sort((a, b) => a - b).join(' or ')} days`,
    ),
    driver('Container Insights', insights ? services.length : 0, 'services', 'metric'),
    driver('Alarms', count(resources, 'CloudWatch::Alarm'), 'alarms', 'alarm-month'),
    driver('CloudWatch dashboard', count(resources, 'CloudWatch::Dashboard'), 'dashboard', 'dashboard-month'),
    driver('Web ACL', count(resources, 'WAFv2::WebACL'), 'ACL', 'ACL- and rule-month, request'),
    driver('Secrets', count(resources, 'SecretsManager::Secret'), 'secrets', 'secret-month'),
    driver('KMS key', count(resources, 'KMS::Key'), 'key', 'key-month, request'),
    driver('Buckets', count(resources, 'S3::Bucket'), 'buckets', 'GB-month, old versions included'),
    driver('Private names', count(resources, 'ServiceDiscovery::PrivateDnsNamespace'), 'zone', 'zone-month, query'),
    driver('Flow logs', count(resources, 'EC2::FlowLog'), 'log', 'GB taken in'),
  ]
  return drivers.filter(({max}) => max > 0)
}

/** A bound of the installation, or of one account that it counts against. */
export interface LimitFacts {
  readonly what: string
  readonly value: string
}

function seconds(value: number): string {
  return value % 60 === 0 ? `${value / 60} min` : `${value} s`
}

/** Bounds that templates and configuration set, and the demand on the quotas that are short most often. */
export function limitsOf(
  resources: readonly ExpandedResource[],
  facts: {readonly services: readonly ServiceFacts[]; readonly database: DatabaseFacts},
): readonly LimitFacts[] {
  const {services, database} = facts
  const vcpu = (kind: ServiceFacts['capacity'], tasks: (service: ServiceFacts) => number): number =>
    services.filter(({capacity}) => capacity === kind).reduce((sum, service) => sum + tasks(service) * service.vcpu, 0)
  const attributes = ofType(resources, 'ElasticLoadBalancingV2::LoadBalancer').flatMap(({properties}) =>
    listOf(properties['LoadBalancerAttributes']),
  )
  const idle = attributes.find((item) => propertyAt(item, 'Key') === 'idle_timeout.timeout_seconds')
  const functions = ofType(resources, 'Lambda::Function')
  // One task of each service on Spot stays on-demand; a release may put all of them there for a while.
  const onDemand = vcpu('fargate', ({peak}) => peak) + vcpu('fargate-spot', () => 1)
  const scalable = services.filter(({min, max}) => max > min)
  return [
    {what: 'Services that scale', value: scalable.length === 0 ? 'none' : scalable.map(({name}) => name).join(', ')},
    ...(onDemand === 0 ? [] : [{what: 'Quota: Fargate On-Demand vCPU', value: `${onDemand} at the peak of a release`}]),
    ...(services.some(({capacity}) => capacity === 'fargate-spot')
      ? [
          {
            what: 'Quota: Fargate Spot vCPU',
            value: `${vcpu('fargate-spot', ({peak}) => peak)} at the peak of a release`,
          },
        ]
      : []),
    {what: 'Quota: Elastic IP addresses', value: String(count(resources, 'EC2::EIP'))},
    {what: 'Quota: VPCs', value: String(count(resources, 'EC2::VPC'))},
    ...(idle === undefined ? [] : [{what: 'Idle connection closed after', value: seconds(numberAt(idle, 'Value'))}]),
    {what: 'Database storage grows to', value: `${database.maxStorageBytes / gibibyte} GiB`},
    ...functions.map(({properties}) => ({
      what: 'Side-load function stops after',
      value: seconds(numberAt(properties, 'Timeout')),
    })),
    {
      what: 'Deletion protection',
      value:
        [
          ...(ofType(resources, 'RDS::DBInstance').every(({properties}) => isOn(properties, 'DeletionProtection'))
            ? ['database']
            : []),
          ...(attributes.some(
            (item) => propertyAt(item, 'Key') === 'deletion_protection.enabled' && isOn(item, 'Value'),
          )
            ? ['load balancer']
            : []),
        ].join(', ') || 'none',
    },
  ]
}
