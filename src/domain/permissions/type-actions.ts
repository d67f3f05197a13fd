/**
 * What whoever deploys must be allowed, by resource type: a service's prefix, then the actions to make, change, tag,
 * read and remove it. CloudFormation acts with the caller's rights (or those of `--cfn-role-arn`), and a rollback
 * removes what it made. Source: the services' authorization references and the types' handler permissions.
 */
const byType: Readonly<Record<string, readonly [prefix: string, actions: string]>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': [
    'application-autoscaling',
    'RegisterScalableTarget DeregisterScalableTarget DescribeScalableTargets TagResource UntagResource ListTagsForResource',
  ],
  'AWS::ApplicationAutoScaling::ScalingPolicy': [
    'application-autoscaling',
    'PutScalingPolicy DeleteScalingPolicy DescribeScalingPolicies',
  ],
  'AWS::AutoScaling::AutoScalingGroup': [
    'autoscaling',
    'CreateAutoScalingGroup UpdateAutoScalingGroup DeleteAutoScalingGroup CreateOrUpdateTags DeleteTags DescribeAutoScalingGroups DescribeScalingActivities DescribeTags',
  ],
  'AWS::Backup::BackupPlan': [
    'backup',
    'CreateBackupPlan UpdateBackupPlan DeleteBackupPlan GetBackupPlan TagResource UntagResource ListTags',
  ],
  'AWS::Backup::BackupSelection': ['backup', 'CreateBackupSelection DeleteBackupSelection GetBackupSelection'],
  'AWS::Backup::BackupVault': [
    'backup',
    'CreateBackupVault DeleteBackupVault DescribeBackupVault PutBackupVaultAccessPolicy DeleteBackupVaultAccessPolicy PutBackupVaultNotifications DeleteBackupVaultNotifications GetBackupVaultNotifications',
  ],
  'AWS::CertificateManager::Certificate': [
    'acm',
    'RequestCertificate DeleteCertificate DescribeCertificate AddTagsToCertificate RemoveTagsFromCertificate ListTagsForCertificate',
  ],
  'AWS::CloudFormation::Stack': ['cloudformation', 'CreateStack UpdateStack DeleteStack DescribeStacks TagResource'],
  'AWS::CloudWatch::Alarm': [
    'cloudwatch',
    'PutMetricAlarm DeleteAlarms DescribeAlarms TagResource UntagResource ListTagsForResource',
  ],
  'AWS::CloudWatch::Dashboard': ['cloudwatch', 'PutDashboard DeleteDashboards GetDashboard'],
  'AWS::EC2::EIP': ['ec2', 'AllocateAddress ReleaseAddress DescribeAddresses CreateTags DeleteTags'],
  'AWS::EC2::FlowLog': ['ec2', 'CreateFlowLogs DeleteFlowLogs DescribeFlowLogs CreateTags DeleteTags'],
  'AWS::EC2::InternetGateway': [
    'ec2',
    'CreateInternetGateway DeleteInternetGateway DescribeInternetGateways CreateTags',
  ],
  'AWS::EC2::LaunchTemplate': [
    'ec2',
    'CreateLaunchTemplate CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate DescribeLaunchTemplates DescribeLaunchTemplateVersions RunInstances CreateTags',
  ],
  'AWS::EC2::NatGateway': ['ec2', 'CreateNatGateway DeleteNatGateway DescribeNatGateways CreateTags'],
  'AWS::EC2::NetworkAcl': ['ec2', 'CreateNetworkAcl DeleteNetworkAcl DescribeNetworkAcls CreateTags'],
  'AWS::EC2::NetworkAclEntry': ['ec2', 'CreateNetworkAclEntry ReplaceNetworkAclEntry DeleteNetworkAclEntry'],
  'AWS::EC2::Route': ['ec2', 'CreateRoute ReplaceRoute DeleteRoute DescribeRouteTables'],
  'AWS::EC2::RouteTable': ['ec2', 'CreateRouteTable DeleteRouteTable DescribeRouteTables CreateTags'],
  'AWS::EC2::SecurityGroup': [
    'ec2',
    'CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups RevokeSecurityGroupEgress CreateTags DeleteTags',
  ],
  'AWS::EC2::SecurityGroupEgress': [
    'ec2',
    'AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress UpdateSecurityGroupRuleDescriptionsEgress DescribeSecurityGroupRules',
  ],
  'AWS::EC2::SecurityGroupIngress': [
    'ec2',
    'AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsIngress DescribeSecurityGroupRules',
  ],
  'AWS::EC2::Subnet': ['ec2', 'CreateSubnet DeleteSubnet ModifySubnetAttribute DescribeSubnets CreateTags'],
  'AWS::EC2::SubnetNetworkAclAssociation': ['ec2', 'ReplaceNetworkAclAssociation DescribeNetworkAcls'],
  'AWS::EC2::SubnetRouteTableAssociation': [
    'ec2',
    'AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation DescribeRouteTables',
  ],
  'AWS::EC2::VPC': ['ec2', 'CreateVpc DeleteVpc ModifyVpcAttribute DescribeVpcs DescribeVpcAttribute CreateTags'],
  'AWS::EC2::VPCEndpoint': ['ec2', 'CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints'],
  'AWS::EC2::VPCGatewayAttachment': ['ec2', 'AttachInternetGateway DetachInternetGateway DescribeInternetGateways'],
  'AWS::ECS::CapacityProvider': [
    'ecs',
    'CreateCapacityProvider UpdateCapacityProvider DeleteCapacityProvider DescribeCapacityProviders TagResource',
  ],
  'AWS::ECS::Cluster': [
    'ecs',
    'CreateCluster UpdateCluster UpdateClusterSettings DeleteCluster DescribeClusters TagResource UntagResource',
  ],
  'AWS::ECS::ClusterCapacityProviderAssociations': ['ecs', 'PutClusterCapacityProviders DescribeClusters'],
  'AWS::ECS::Service': [
    'ecs',
    'CreateService UpdateService DeleteService DescribeServices TagResource UntagResource ListTagsForResource',
  ],
  'AWS::ECS::TaskDefinition': [
    'ecs',
    'RegisterTaskDefinition DeregisterTaskDefinition DescribeTaskDefinition TagResource UntagResource',
  ],
  'AWS::EFS::AccessPoint': [
    'elasticfilesystem',
    'CreateAccessPoint DeleteAccessPoint DescribeAccessPoints TagResource UntagResource',
  ],
  'AWS::EFS::FileSystem': [
    'elasticfilesystem',
    'CreateFileSystem UpdateFileSystem DeleteFileSystem DescribeFileSystems PutFileSystemPolicy DeleteFileSystemPolicy DescribeFileSystemPolicy PutLifecycleConfiguration DescribeLifecycleConfiguration PutBackupPolicy DescribeBackupPolicy DescribeReplicationConfigurations TagResource UntagResource',
  ],
  'AWS::EFS::MountTarget': [
    'elasticfilesystem',
    'CreateMountTarget DeleteMountTarget DescribeMountTargets ModifyMountTargetSecurityGroups DescribeMountTargetSecurityGroups',
  ],
  'AWS::ElasticLoadBalancingV2::Listener': [
    'elasticloadbalancing',
    'CreateListener ModifyListener DeleteListener DescribeListeners DescribeListenerAttributes ModifyListenerAttributes AddListenerCertificates AddTags RemoveTags',
  ],
  'AWS::ElasticLoadBalancingV2::ListenerRule': [
    'elasticloadbalancing',
    'CreateRule ModifyRule DeleteRule DescribeRules SetRulePriorities AddTags',
  ],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': [
    'elasticloadbalancing',
    'CreateLoadBalancer DeleteLoadBalancer DescribeLoadBalancers ModifyLoadBalancerAttributes DescribeLoadBalancerAttributes SetSecurityGroups SetSubnets SetIpAddressType AddTags RemoveTags DescribeTags',
  ],
  'AWS::ElasticLoadBalancingV2::TargetGroup': [
    'elasticloadbalancing',
    'CreateTargetGroup ModifyTargetGroup DeleteTargetGroup DescribeTargetGroups ModifyTargetGroupAttributes DescribeTargetGroupAttributes DescribeTargetHealth AddTags RemoveTags',
  ],
  'AWS::Events::Rule': [
    'events',
    'PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule TagResource',
  ],
  'AWS::IAM::InstanceProfile': [
    'iam',
    'CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile',
  ],
  'AWS::IAM::Policy': ['iam', 'PutRolePolicy DeleteRolePolicy GetRolePolicy'],
  'AWS::IAM::Role': [
    'iam',
    'CreateRole UpdateRole UpdateAssumeRolePolicy DeleteRole GetRole PassRole PutRolePolicy DeleteRolePolicy GetRolePolicy AttachRolePolicy DetachRolePolicy ListRolePolicies ListAttachedRolePolicies PutRolePermissionsBoundary DeleteRolePermissionsBoundary TagRole UntagRole',
  ],
  'AWS::KMS::Key': [
    'kms',
    'CreateKey DescribeKey PutKeyPolicy GetKeyPolicy EnableKeyRotation GetKeyRotationStatus ScheduleKeyDeletion UpdateKeyDescription TagResource UntagResource ListResourceTags CreateGrant Decrypt Encrypt GenerateDataKey',
  ],
  'AWS::Lambda::Function': [
    'lambda',
    'CreateFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction GetFunction GetFunctionConfiguration PutFunctionConcurrency DeleteFunctionConcurrency TagResource UntagResource ListTags',
  ],
  'AWS::Lambda::Permission': ['lambda', 'AddPermission RemovePermission GetPolicy'],
  'AWS::Logs::LogGroup': [
    'logs',
    'CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey TagResource UntagResource ListTagsForResource',
  ],
  'AWS::Logs::QueryDefinition': ['logs', 'PutQueryDefinition DeleteQueryDefinition DescribeQueryDefinitions'],
  'AWS::RDS::DBInstance': [
    'rds',
    'CreateDBInstance RestoreDBInstanceFromDBSnapshot ModifyDBInstance DeleteDBInstance DescribeDBInstances CreateDBSnapshot AddTagsToResource RemoveTagsFromResource ListTagsForResource',
  ],
  'AWS::RDS::DBParameterGroup': [
    'rds',
    'CreateDBParameterGroup ModifyDBParameterGroup DeleteDBParameterGroup DescribeDBParameterGroups DescribeDBParameters DescribeEngineDefaultParameters AddTagsToResource',
  ],
  'AWS::RDS::DBSubnetGroup': [
    'rds',
    'CreateDBSubnetGroup ModifyDBSubnetGroup DeleteDBSubnetGroup DescribeDBSubnetGroups AddTagsToResource',
  ],
  'AWS::Route53::RecordSet': ['route53', 'ChangeResourceRecordSets ListResourceRecordSets GetChange GetHostedZone'],
  'AWS::S3::Bucket': [
    's3',
    'CreateBucket DeleteBucket PutBucketTagging GetBucketTagging PutBucketVersioning GetBucketVersioning PutEncryptionConfiguration GetEncryptionConfiguration PutLifecycleConfiguration GetLifecycleConfiguration PutBucketPublicAccessBlock GetBucketPublicAccessBlock PutBucketOwnershipControls GetBucketOwnershipControls PutBucketLogging GetBucketLogging PutBucketNotification GetBucketNotification PutBucketObjectLockConfiguration GetBucketObjectLockConfiguration GetBucketLocation',
  ],
  'AWS::S3::BucketPolicy': ['s3', 'PutBucketPolicy DeleteBucketPolicy GetBucketPolicy'],
  'AWS::SNS::Subscription': ['sns', 'Subscribe Unsubscribe SetSubscriptionAttributes GetSubscriptionAttributes'],
  'AWS::SNS::Topic': [
    'sns',
    'CreateTopic DeleteTopic SetTopicAttributes GetTopicAttributes ListSubscriptionsByTopic TagResource UntagResource ListTagsForResource',
  ],
  'AWS::SNS::TopicPolicy': ['sns', 'SetTopicAttributes GetTopicAttributes'],
  'AWS::SQS::Queue': [
    'sqs',
    'CreateQueue DeleteQueue SetQueueAttributes GetQueueAttributes TagQueue UntagQueue ListQueueTags',
  ],
  'AWS::SQS::QueuePolicy': ['sqs', 'SetQueueAttributes GetQueueAttributes'],
  'AWS::SecretsManager::Secret': [
    'secretsmanager',
    'CreateSecret UpdateSecret DeleteSecret DescribeSecret GetRandomPassword GetSecretValue PutSecretValue TagResource UntagResource',
  ],
  'AWS::ServiceDiscovery::PrivateDnsNamespace': [
    'servicediscovery',
    'CreatePrivateDnsNamespace UpdatePrivateDnsNamespace DeleteNamespace GetNamespace GetOperation TagResource UntagResource',
  ],
  'AWS::ServiceDiscovery::Service': [
    'servicediscovery',
    'CreateService UpdateService DeleteService GetService TagResource UntagResource',
  ],
  'AWS::WAFv2::LoggingConfiguration': [
    'wafv2',
    'PutLoggingConfiguration DeleteLoggingConfiguration GetLoggingConfiguration',
  ],
  'AWS::WAFv2::WebACL': [
    'wafv2',
    'CreateWebACL UpdateWebACL DeleteWebACL GetWebACL TagResource UntagResource ListTagsForResource',
  ],
  'AWS::WAFv2::WebACLAssociation': ['wafv2', 'AssociateWebACL DisassociateWebACL GetWebACLForResource'],
}

/** What services do on the way for a type, with the caller's rights too. */
const alsoNeeded: Readonly<Record<string, readonly string[]>> = {
  'AWS::ServiceDiscovery::PrivateDnsNamespace': [
    'ec2:DescribeVpcs',
    'route53:CreateHostedZone',
    'route53:DeleteHostedZone',
    'route53:GetHostedZone',
    'route53:ListHostedZonesByName',
  ],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'],
  'AWS::EFS::MountTarget': ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'],
  'AWS::Lambda::Function': ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups', 'ec2:DescribeVpcs', 's3:GetObject'],
  'AWS::WAFv2::WebACLAssociation': ['elasticloadbalancing:SetWebAcl'],
  'AWS::WAFv2::LoggingConfiguration': [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
  ],
  'AWS::EC2::FlowLog': ['logs:CreateLogDelivery', 'logs:DeleteLogDelivery'],
}

/** The actions that a resource type needs; undefined for a type that the table does not know. */
export function actionsOfType(type: string): readonly string[] | undefined {
  const row = byType[type]
  if (row === undefined) return undefined
  const [prefix, actions] = row
  return [...actions.split(' ').map((action) => `${prefix}:${action}`), ...(alsoNeeded[type] ?? [])]
}
