import {numberAt, ofType, propertyAt} from '../datasheet/read.ts'
import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import {at, largest, made, perWithin, sumOf} from './amounts.ts'
import type {Demand} from './demand.ts'
import type {Amounts, LimitCall, QuotaRow} from './model.ts'

const asOf = '2026-11'
const databasePage = 'Quotas and constraints for Amazon RDS (RDS user guide)'
const identityPage = 'IAM and AWS STS quotas (IAM user guide)'
const backupPage = 'AWS Backup quotas (AWS Backup developer guide)'
const zonePage = 'Route 53 quotas (Route 53 developer guide)'
const nested = 'CloudFormation::Stack'

function own(call: LimitCall, name: string): Pick<QuotaRow, 'own'> {
  return {own: {call, name}}
}

function database(
  key: string,
  title: string,
  code: string,
  fallback: number,
  name: string,
  weights: Parameters<typeof made>[0],
): QuotaRow {
  return {
    ...{key, title, service: 'rds', code, scope: 'region', fallback, adjustable: true, source: databasePage, asOf},
    ...own('rds', name),
    need: made(weights),
  }
}

const storage = ({properties}: ExpandedResource): number => numberAt(properties, 'AllocatedStorage')

/** Grants that AWS takes on the environment's key, one for what is encrypted with it and kept in use. */
const granting = [
  'RDS::DBInstance',
  'EFS::FileSystem',
  'Lambda::Function',
  'AutoScaling::AutoScalingGroup',
  'ECS::Cluster',
] as const

function grants(demand: Demand): Amounts {
  const [key] = ofType(demand.all, 'KMS::Key')
  if (key === undefined) return new Map()
  return made(Object.fromEntries(granting.map((type) => [type, 1])), () => key.reference)(demand)
}

/** Recovery points that a plan keeps: one a day and kind of data, for as long as its rule says. */
function recoveryPoints({all}: Demand): Amounts {
  const [vault] = ofType(all, 'Backup::BackupVault')
  const kinds = ['RDS::DBInstance', 'EFS::FileSystem'].filter((type) => ofType(all, type).length > 0).length
  const days = ofType(all, 'Backup::BackupPlan')
    .flatMap(({properties}) => listOf(propertyAt(properties, 'BackupPlan', 'BackupPlanRule')))
    .reduce<number>((sum, rule) => sum + numberAt(rule, 'Lifecycle', 'DeleteAfterDays'), 0)
  return vault === undefined || days === 0 ? new Map() : new Map([[vault.reference, days * kinds]])
}

function zonesOf({all}: Demand): readonly string[] {
  return [...new Set(ofType(all, 'Route53::RecordSet').map(({properties}) => textOf(properties['HostedZoneId'])))]
}

/** Records of the public zone, and one for each name that a certificate is validated by. */
function records(demand: Demand): Amounts {
  const validated = ofType(demand.made, 'CertificateManager::Certificate').flatMap(({properties}) =>
    listOf(properties['DomainValidationOptions']).map((one) => [textOf(propertyAt(one, 'HostedZoneId')), 1] as const),
  )
  const own = made({'Route53::RecordSet': 1}, ({properties}) => textOf(properties['HostedZoneId']))(demand)
  return sumOf([...own, ...validated])
}

/** Quotas of what is kept, and of who may do what. */
export const dataRows: readonly QuotaRow[] = [
  database('databases', 'RDS instances', 'L-7B6409FD', 40, 'DBInstances', {'RDS::DBInstance': 1}),
  database('manual-snapshots', 'Manual RDS snapshots', 'L-272F1212', 100, 'ManualSnapshots', {'RDS::DBSnapshot': 1}),
  {
    ...database('database-storage', 'Storage of RDS instances', 'L-7ADDB58A', 100_000, 'AllocatedStorage', {
      'RDS::DBInstance': storage,
    }),
    unit: 'GB',
  },
  database('database-subnet-groups', 'RDS subnet groups', 'L-48C6BF61', 50, 'DBSubnetGroups', {
    'RDS::DBSubnetGroup': 1,
  }),
  database('database-parameter-groups', 'RDS parameter groups', 'L-DE55804A', 50, 'DBParameterGroups', {
    'RDS::DBParameterGroup': 1,
  }),
  {
    ...{key: 'file-systems', title: 'EFS file systems', service: 'elasticfilesystem', code: 'L-848C634D'},
    ...{scope: 'region', fallback: 1000, adjustable: true, source: 'Amazon EFS quotas (EFS user guide)', asOf},
    list: 'file-systems',
    need: made({'EFS::FileSystem': 1}),
  },
  {
    ...{key: 'access-points', title: 'Access points of a file system', service: 'elasticfilesystem', code: ''},
    ...{scope: 'file system', fallback: 1000, adjustable: false, source: 'Amazon EFS quotas (EFS user guide)', asOf},
    list: 'access-points',
    parents: ({all}) => ofType(all, 'EFS::FileSystem').map(({reference}) => reference),
    counts: perWithin,
    need: made({'EFS::AccessPoint': 1}, at('FileSystemId')),
  },
  {
    ...{key: 'buckets', title: 'S3 buckets', service: 's3', code: 'L-DC2B2D3D', scope: 'account', global: true},
    ...{fallback: 10_000, adjustable: true, source: 'Bucket restrictions (S3 user guide)', asOf},
    list: 'buckets',
    need: made({'S3::Bucket': 1}),
  },
  {
    ...{key: 'stacks', title: 'CloudFormation stacks', service: 'cloudformation', code: 'L-0485CB21', scope: 'region'},
    ...{fallback: 2000, adjustable: true, source: 'CloudFormation quotas (CloudFormation user guide)', asOf},
    list: 'stacks',
    ...own('cloudformation', 'StackLimit'),
    need: made({[nested]: 1}),
  },
  {
    ...{key: 'roles', title: 'IAM roles', service: 'iam', code: 'L-FE177D64', scope: 'account', global: true},
    ...{fallback: 1000, adjustable: true, source: identityPage, asOf},
    ...own('iam', 'Roles'),
    need: made({'IAM::Role': 1}),
  },
  {
    ...{key: 'instance-profiles', title: 'IAM instance profiles', service: 'iam', code: 'L-6E65F664', scope: 'account'},
    ...{global: true, fallback: 1000, adjustable: true, source: identityPage, asOf},
    ...own('iam', 'InstanceProfiles'),
    need: made({'IAM::InstanceProfile': 1}),
  },
  {
    ...{key: 'role-policies', title: 'Managed policies of a role', service: 'iam', code: 'L-0DA4ABF3', scope: 'role'},
    ...{global: true, fallback: 10, adjustable: true, source: identityPage, asOf},
    ...own('iam', 'AttachedPoliciesPerRole'),
    need: ({all}) =>
      largest(ofType(all, 'IAM::Role'), ({properties}) => listOf(properties['ManagedPolicyArns']).length),
  },
  {
    ...{key: 'hosted-zones', title: 'Route 53 hosted zones', service: 'route53', code: 'L-4EA4796A', scope: 'account'},
    ...{global: true, fallback: 500, adjustable: true, source: zonePage, asOf},
    ...own('route53', 'MAX_HOSTED_ZONES_BY_OWNER'),
    // A namespace with private names is a hosted zone too.
    need: made({
      'Route53::HostedZone': 1,
      'ServiceDiscovery::PrivateDnsNamespace': 1,
      'ServiceDiscovery::PublicDnsNamespace': 1,
    }),
  },
  {
    ...{key: 'zone-records', title: 'Records of a hosted zone', service: 'route53', code: 'L-E209CC9F'},
    ...{scope: 'hosted zone', global: true, fallback: 10_000, adjustable: true, source: zonePage, asOf},
    list: 'zone-records',
    parents: zonesOf,
    counts: perWithin,
    need: records,
  },
  {
    ...{key: 'certificates', title: 'ACM certificates', service: 'acm', code: 'L-F141DD1D', scope: 'region'},
    ...{fallback: 2500, adjustable: true, source: 'AWS Certificate Manager quotas (ACM user guide)', asOf},
    list: 'certificates',
    need: made({'CertificateManager::Certificate': 1}),
  },
  {
    ...{key: 'secrets', title: 'Secrets', service: 'secretsmanager', code: 'L-2F66C23C', scope: 'region'},
    ...{fallback: 500_000, adjustable: false, source: 'AWS Secrets Manager quotas (Secrets Manager user guide)', asOf},
    list: 'secrets',
    need: made({'SecretsManager::Secret': 1}),
  },
  {
    ...{key: 'keys', title: 'KMS keys', service: 'kms', code: 'L-C2F1777E', scope: 'region', fallback: 100_000},
    ...{adjustable: true, source: 'AWS KMS resource quotas (KMS developer guide)', asOf},
    list: 'keys',
    need: made({'KMS::Key': 1}),
  },
  {
    ...{key: 'key-grants', title: 'Grants of a KMS key', service: 'kms', code: 'L-D594A657', scope: 'key'},
    ...{fallback: 50_000, adjustable: true, source: 'AWS KMS resource quotas (KMS developer guide)', asOf},
    list: 'grants',
    parents: ({all}) => ofType(all, 'KMS::Key').map(({reference}) => reference),
    counts: perWithin,
    need: grants,
  },
  {
    ...{key: 'backup-vaults', title: 'Backup vaults', service: 'backup', code: 'L-7705D2CB', scope: 'region'},
    ...{fallback: 300, adjustable: false, source: backupPage, asOf},
    list: 'backup-vaults',
    need: made({'Backup::BackupVault': 1}),
  },
  {
    ...{key: 'backup-plans', title: 'Backup plans', service: 'backup', code: 'L-BD69F607', scope: 'region'},
    ...{fallback: 300, adjustable: false, source: backupPage, asOf},
    list: 'backup-plans',
    need: made({'Backup::BackupPlan': 1}),
  },
  {
    ...{key: 'recovery-points', title: 'Recovery points of a vault', service: 'backup', code: 'L-514878B6'},
    ...{scope: 'vault', fallback: 1_000_000, adjustable: false, source: backupPage, asOf},
    // Points that are there already are among those that the plan keeps.
    need: recoveryPoints,
  },
]
