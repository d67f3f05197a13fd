/** What pi-aws itself asks of AWS, beside what CloudFormation does for it: one row an API, by what needs it. */
export const ownActions: readonly string[] = [
  ...prefixed('acm', 'DescribeCertificate ListCertificates'),
  ...prefixed('application-autoscaling', 'DescribeScalableTargets RegisterScalableTarget'),
  ...prefixed('autoscaling', 'DescribeAutoScalingGroups'),
  ...prefixed(
    'backup',
    'DeleteBackupVault DeleteRecoveryPoint DescribeBackupJob DescribeBackupVault DescribeCopyJob DescribeGlobalSettings DescribeRecoveryPoint DescribeRegionSettings DescribeRestoreJob GetBackupVaultAccessPolicy ListBackupJobs ListBackupPlans ListBackupVaults ListRecoveryPointsByBackupVault StartBackupJob StartCopyJob StartRestoreJob StopBackupJob',
  ),
  ...prefixed(
    'cloudformation',
    'CancelUpdateStack ContinueUpdateRollback CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackDriftDetectionStatus DescribeStackEvents DescribeStackResourceDrifts DescribeStacks DetectStackDrift DetectStackResourceDrift ExecuteChangeSet GetStackPolicy GetTemplate ListStackResources SetStackPolicy TagResource UpdateTerminationProtection',
  ),
  ...prefixed(
    'cloudwatch',
    'DescribeAlarmHistory DescribeAlarms DisableAlarmActions EnableAlarmActions GetMetricData GetMetricStatistics',
  ),
  ...prefixed(
    'ec2',
    'DescribeAddresses DescribeAvailabilityZones DescribeInstances DescribeInternetGateways DescribeManagedPrefixLists DescribeNatGateways DescribeNetworkAcls DescribeNetworkInterfaces DescribeRegions DescribeRouteTables DescribeSecurityGroups DescribeSubnets DescribeVolumes DescribeVpcAttribute DescribeVpcEndpoints DescribeVpcPeeringConnections DescribeVpcs',
  ),
  ...prefixed(
    'ecr',
    'BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload CreateRepository DeleteRepository DescribeRepositories GetAuthorizationToken GetDownloadUrlForLayer InitiateLayerUpload PutImage TagResource UploadLayerPart',
  ),
  ...prefixed(
    'ecs',
    'DescribeServices DescribeTasks ExecuteCommand ListClusters ListServiceDeployments ListServices ListTasks RunTask StopServiceDeployment StopTask TagResource UpdateService',
  ),
  ...prefixed('elasticfilesystem', 'DeleteAccessPoint DeleteFileSystem DescribeAccessPoints DescribeFileSystems'),
  ...prefixed(
    'elasticloadbalancing',
    'DescribeListeners DescribeLoadBalancers DescribeRules DescribeTargetGroups DescribeTargetHealth',
  ),
  ...prefixed('events', 'ListRules'),
  ...prefixed('iam', 'CreateServiceLinkedRole GetAccountSummary GetRole ListRoles PassRole SimulatePrincipalPolicy'),
  ...prefixed(
    'kms',
    'CreateGrant Decrypt DescribeKey GenerateDataKey ListGrants ListKeys RevokeGrant ScheduleKeyDeletion',
  ),
  ...prefixed('lambda', 'GetAccountSettings GetFunctionConfiguration InvokeFunction'),
  ...prefixed('logs', 'DescribeQueryDefinitions FilterLogEvents GetQueryResults StartLiveTail StartQuery StopQuery'),
  ...prefixed(
    'rds',
    'AddTagsToResource CopyDBSnapshot CreateDBSnapshot DeleteDBSnapshot DescribeAccountAttributes DescribeDBEngineVersions DescribeDBInstances DescribeDBSnapshots DescribeEvents ModifyDBSnapshotAttribute',
  ),
  ...prefixed('route53', 'GetAccountLimit GetHostedZone GetHostedZoneLimit ListHostedZones'),
  ...prefixed(
    's3',
    'AbortMultipartUpload DeleteBucket DeleteObject DeleteObjectVersion GetObject GetObjectVersion ListAllMyBuckets ListBucket ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts PutObject',
  ),
  ...prefixed(
    'secretsmanager',
    'DeleteSecret DescribeSecret GetSecretValue ListSecrets PutSecretValue UpdateSecretVersionStage',
  ),
  ...prefixed('servicediscovery', 'ListNamespaces'),
  ...prefixed(
    'servicequotas',
    'ListAWSDefaultServiceQuotas ListRequestedServiceQuotaChangeHistory ListServiceQuotas RequestServiceQuotaIncrease',
  ),
  ...prefixed('ssm', 'StartSession TerminateSession'),
  ...prefixed('sts', 'GetCallerIdentity'),
]

/**
 * Those of them without which a deploy still succeeds: other commands want them, and checks that say what they could
 * not look at.
 */
export const laterActions: readonly string[] = [
  ...prefixed('acm', 'ListCertificates'),
  ...prefixed('application-autoscaling', 'DescribeScalableTargets RegisterScalableTarget'),
  ...prefixed('autoscaling', 'DescribeAutoScalingGroups'),
  ...prefixed(
    'backup',
    'DeleteBackupVault DeleteRecoveryPoint DescribeBackupJob DescribeBackupVault DescribeCopyJob DescribeGlobalSettings DescribeRecoveryPoint DescribeRegionSettings DescribeRestoreJob GetBackupVaultAccessPolicy ListBackupJobs ListBackupPlans ListBackupVaults ListRecoveryPointsByBackupVault StartBackupJob StartCopyJob StartRestoreJob StopBackupJob',
  ),
  ...prefixed(
    'cloudformation',
    'DescribeStackDriftDetectionStatus DescribeStackResourceDrifts DetectStackDrift DetectStackResourceDrift',
  ),
  ...prefixed(
    'cloudwatch',
    'DescribeAlarmHistory DescribeAlarms DisableAlarmActions EnableAlarmActions GetMetricData GetMetricStatistics',
  ),
  ...prefixed(
    'ec2',
    'DescribeAddresses DescribeInstances DescribeInternetGateways DescribeNatGateways DescribeNetworkAcls DescribeRegions DescribeSecurityGroups DescribeVolumes DescribeVpcEndpoints DescribeVpcPeeringConnections',
  ),
  ...prefixed(
    'ecr',
    'BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload CreateRepository DeleteRepository DescribeRepositories GetAuthorizationToken GetDownloadUrlForLayer InitiateLayerUpload PutImage TagResource UploadLayerPart',
  ),
  ...prefixed('ecs', 'ExecuteCommand ListClusters ListServiceDeployments StopServiceDeployment StopTask UpdateService'),
  ...prefixed('elasticfilesystem', 'DeleteAccessPoint DeleteFileSystem'),
  ...prefixed('elasticloadbalancing', 'DescribeListeners DescribeLoadBalancers DescribeRules DescribeTargetGroups'),
  ...prefixed('events', 'ListRules'),
  ...prefixed('iam', 'CreateServiceLinkedRole GetAccountSummary GetRole ListRoles SimulatePrincipalPolicy'),
  ...prefixed('kms', 'CreateGrant ListGrants ListKeys RevokeGrant ScheduleKeyDeletion'),
  ...prefixed('lambda', 'GetAccountSettings'),
  ...prefixed('logs', 'DescribeQueryDefinitions GetQueryResults StartLiveTail StartQuery StopQuery'),
  ...prefixed(
    'rds',
    'CopyDBSnapshot CreateDBSnapshot DeleteDBSnapshot DescribeAccountAttributes DescribeDBEngineVersions DescribeEvents ModifyDBSnapshotAttribute',
  ),
  ...prefixed('route53', 'GetAccountLimit GetHostedZoneLimit ListHostedZones'),
  ...prefixed(
    's3',
    'AbortMultipartUpload DeleteBucket DeleteObject DeleteObjectVersion ListAllMyBuckets ListBucketMultipartUploads',
  ),
  ...prefixed('secretsmanager', 'DeleteSecret GetSecretValue ListSecrets UpdateSecretVersionStage'),
  ...prefixed('servicediscovery', 'ListNamespaces'),
  ...prefixed(
    'servicequotas',
    'ListAWSDefaultServiceQuotas ListRequestedServiceQuotaChangeHistory ListServiceQuotas RequestServiceQuotaIncrease',
  ),
  ...prefixed('ssm', 'StartSession TerminateSession'),
]

function prefixed(service: string, names: string): readonly string[] {
  return names.split(' ').map((name) => `${service}:${name}`)
}
