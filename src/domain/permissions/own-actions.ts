/** What pi-aws itself asks of AWS, beside what CloudFormation does for it: one row an API, by what needs it. */
export const ownActions: readonly string[] = [
  ...prefixed('acm', 'DescribeCertificate'),
  ...prefixed('backup', 'DeleteBackupVault DeleteRecoveryPoint DescribeRegionSettings ListRecoveryPointsByBackupVault'),
  ...prefixed(
    'cloudformation',
    'CancelUpdateStack ContinueUpdateRollback CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents DescribeStacks ExecuteChangeSet GetStackPolicy GetTemplate ListStackResources SetStackPolicy TagResource UpdateTerminationProtection',
  ),
  ...prefixed(
    'ec2',
    'DescribeAvailabilityZones DescribeManagedPrefixLists DescribeNetworkInterfaces DescribeRouteTables DescribeSubnets DescribeVpcAttribute DescribeVpcPeeringConnections DescribeVpcs',
  ),
  ...prefixed('ecs', 'DescribeServices DescribeTasks ListServices ListTasks RunTask TagResource'),
  ...prefixed('elasticfilesystem', 'DeleteAccessPoint DeleteFileSystem DescribeAccessPoints DescribeFileSystems'),
  ...prefixed('elasticloadbalancing', 'DescribeTargetHealth'),
  ...prefixed('iam', 'CreateServiceLinkedRole GetRole ListRoles PassRole SimulatePrincipalPolicy'),
  ...prefixed('kms', 'Decrypt DescribeKey GenerateDataKey ScheduleKeyDeletion'),
  ...prefixed('lambda', 'GetAccountSettings GetFunctionConfiguration InvokeFunction'),
  ...prefixed('logs', 'FilterLogEvents'),
  ...prefixed('rds', 'CreateDBSnapshot DeleteDBSnapshot DescribeDBInstances DescribeDBSnapshots AddTagsToResource'),
  ...prefixed('route53', 'GetHostedZone'),
  ...prefixed(
    's3',
    'AbortMultipartUpload DeleteBucket DeleteObject DeleteObjectVersion GetObject GetObjectVersion ListBucket ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts PutObject',
  ),
  ...prefixed('secretsmanager', 'DeleteSecret DescribeSecret GetSecretValue ListSecrets PutSecretValue'),
  ...prefixed('sts', 'GetCallerIdentity'),
]

/** Those of them without which a deploy still succeeds: other commands and checks that are nice to have want them. */
export const laterActions: readonly string[] = [
  ...prefixed('backup', 'DeleteBackupVault DeleteRecoveryPoint DescribeRegionSettings ListRecoveryPointsByBackupVault'),
  ...prefixed('ec2', 'DescribeVpcPeeringConnections'),
  ...prefixed('elasticfilesystem', 'DeleteAccessPoint DeleteFileSystem'),
  ...prefixed('iam', 'CreateServiceLinkedRole GetRole ListRoles SimulatePrincipalPolicy'),
  ...prefixed('kms', 'ScheduleKeyDeletion'),
  ...prefixed('lambda', 'GetAccountSettings'),
  ...prefixed('rds', 'CreateDBSnapshot DeleteDBSnapshot'),
  ...prefixed('s3', 'AbortMultipartUpload DeleteBucket DeleteObject DeleteObjectVersion ListBucketMultipartUploads'),
  ...prefixed('secretsmanager', 'DeleteSecret GetSecretValue ListSecrets'),
]

function prefixed(service: string, names: string): readonly string[] {
  return names.split(' ').map((name) => `${service}:${name}`)
}
