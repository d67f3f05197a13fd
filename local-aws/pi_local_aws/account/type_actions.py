"""The IAM action that a CloudFormation resource type's creation, update or deletion needs first.

Most follow one rule: ``<service>:Create<Type>``, ``Update`` or ``Modify``, ``Delete``. The exceptions are written down;
the tests hold every action of the shipped templates' types against the services' own models.
"""

_STEPS = ('create', 'update', 'delete')

_SERVICES = {
    'ApplicationAutoScaling': 'application-autoscaling',
    'CertificateManager': 'acm',
    'EFS': 'elasticfilesystem',
    'ElasticLoadBalancingV2': 'elasticloadbalancing',
}

# Services whose word for a change is Modify.
_MODIFY = ('ec2', 'elasticloadbalancing', 'rds')

_EXCEPTIONS = {
    'AWS::ApplicationAutoScaling::ScalableTarget': (
        'RegisterScalableTarget',
        'RegisterScalableTarget',
        'DeregisterScalableTarget',
    ),
    'AWS::ApplicationAutoScaling::ScalingPolicy': ('PutScalingPolicy', 'PutScalingPolicy', 'DeleteScalingPolicy'),
    'AWS::Backup::BackupVault': ('CreateBackupVault', 'PutBackupVaultAccessPolicy', 'DeleteBackupVault'),
    'AWS::Backup::BackupSelection': ('CreateBackupSelection', 'CreateBackupSelection', 'DeleteBackupSelection'),
    'AWS::CertificateManager::Certificate': ('RequestCertificate', 'AddTagsToCertificate', 'DeleteCertificate'),
    'AWS::CloudWatch::Alarm': ('PutMetricAlarm', 'PutMetricAlarm', 'DeleteAlarms'),
    'AWS::CloudWatch::Dashboard': ('PutDashboard', 'PutDashboard', 'DeleteDashboards'),
    'AWS::EC2::EIP': ('AllocateAddress', 'AssociateAddress', 'ReleaseAddress'),
    'AWS::EC2::FlowLog': ('CreateFlowLogs', 'CreateTags', 'DeleteFlowLogs'),
    'AWS::EC2::InternetGateway': ('CreateInternetGateway', 'CreateTags', 'DeleteInternetGateway'),
    'AWS::EC2::NatGateway': ('CreateNatGateway', 'CreateTags', 'DeleteNatGateway'),
    'AWS::EC2::NetworkAcl': ('CreateNetworkAcl', 'CreateTags', 'DeleteNetworkAcl'),
    'AWS::EC2::NetworkAclEntry': ('CreateNetworkAclEntry', 'ReplaceNetworkAclEntry', 'DeleteNetworkAclEntry'),
    'AWS::EC2::Route': ('CreateRoute', 'ReplaceRoute', 'DeleteRoute'),
    'AWS::EC2::RouteTable': ('CreateRouteTable', 'CreateTags', 'DeleteRouteTable'),
    'AWS::EC2::SecurityGroup': ('CreateSecurityGroup', 'AuthorizeSecurityGroupIngress', 'DeleteSecurityGroup'),
    'AWS::EC2::SecurityGroupEgress': (
        'AuthorizeSecurityGroupEgress',
        'UpdateSecurityGroupRuleDescriptionsEgress',
        'RevokeSecurityGroupEgress',
    ),
    'AWS::EC2::SecurityGroupIngress': (
        'AuthorizeSecurityGroupIngress',
        'UpdateSecurityGroupRuleDescriptionsIngress',
        'RevokeSecurityGroupIngress',
    ),
    'AWS::EC2::Subnet': ('CreateSubnet', 'ModifySubnetAttribute', 'DeleteSubnet'),
    'AWS::EC2::SubnetNetworkAclAssociation': ('ReplaceNetworkAclAssociation',) * 3,
    'AWS::EC2::SubnetRouteTableAssociation': (
        'AssociateRouteTable',
        'ReplaceRouteTableAssociation',
        'DisassociateRouteTable',
    ),
    'AWS::EC2::VPC': ('CreateVpc', 'ModifyVpcAttribute', 'DeleteVpc'),
    'AWS::EC2::VPCEndpoint': ('CreateVpcEndpoint', 'ModifyVpcEndpoint', 'DeleteVpcEndpoints'),
    'AWS::EC2::VPCGatewayAttachment': ('AttachInternetGateway', 'AttachInternetGateway', 'DetachInternetGateway'),
    'AWS::ECS::ClusterCapacityProviderAssociations': ('PutClusterCapacityProviders',) * 3,
    'AWS::ECS::TaskDefinition': ('RegisterTaskDefinition', 'TagResource', 'DeregisterTaskDefinition'),
    'AWS::EFS::AccessPoint': ('CreateAccessPoint', 'TagResource', 'DeleteAccessPoint'),
    'AWS::EFS::MountTarget': ('CreateMountTarget', 'ModifyMountTargetSecurityGroups', 'DeleteMountTarget'),
    'AWS::ElasticLoadBalancingV2::ListenerRule': ('CreateRule', 'ModifyRule', 'DeleteRule'),
    'AWS::ElasticLoadBalancingV2::LoadBalancer': (
        'CreateLoadBalancer',
        'ModifyLoadBalancerAttributes',
        'DeleteLoadBalancer',
    ),
    'AWS::Events::Rule': ('PutRule', 'PutRule', 'DeleteRule'),
    'AWS::IAM::InstanceProfile': ('CreateInstanceProfile', 'AddRoleToInstanceProfile', 'DeleteInstanceProfile'),
    'AWS::IAM::Policy': ('PutRolePolicy', 'PutRolePolicy', 'DeleteRolePolicy'),
    'AWS::KMS::Key': ('CreateKey', 'PutKeyPolicy', 'ScheduleKeyDeletion'),
    'AWS::Lambda::Function': ('CreateFunction', 'UpdateFunctionConfiguration', 'DeleteFunction'),
    'AWS::Lambda::Permission': ('AddPermission', 'AddPermission', 'RemovePermission'),
    'AWS::Logs::LogGroup': ('CreateLogGroup', 'PutRetentionPolicy', 'DeleteLogGroup'),
    'AWS::Logs::QueryDefinition': ('PutQueryDefinition', 'PutQueryDefinition', 'DeleteQueryDefinition'),
    'AWS::Route53::RecordSet': ('ChangeResourceRecordSets',) * 3,
    'AWS::S3::Bucket': ('CreateBucket', 'PutBucketTagging', 'DeleteBucket'),
    'AWS::S3::BucketPolicy': ('PutBucketPolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'),
    'AWS::SNS::Subscription': ('Subscribe', 'SetSubscriptionAttributes', 'Unsubscribe'),
    'AWS::SNS::Topic': ('CreateTopic', 'SetTopicAttributes', 'DeleteTopic'),
    'AWS::SNS::TopicPolicy': ('SetTopicAttributes',) * 3,
    'AWS::SQS::Queue': ('CreateQueue', 'SetQueueAttributes', 'DeleteQueue'),
    'AWS::SQS::QueuePolicy': ('SetQueueAttributes',) * 3,
    'AWS::ServiceDiscovery::PrivateDnsNamespace': (
        'CreatePrivateDnsNamespace',
        'UpdatePrivateDnsNamespace',
        'DeleteNamespace',
    ),
    'AWS::WAFv2::LoggingConfiguration': (
        'PutLoggingConfiguration',
        'PutLoggingConfiguration',
        'DeleteLoggingConfiguration',
    ),
    'AWS::WAFv2::WebACLAssociation': ('AssociateWebACL', 'AssociateWebACL', 'DisassociateWebACL'),
}


def action_of(resource_type: str, step: str) -> str | None:
    """The action of one step, or None for what no service makes (a nested stack's children are asked themselves)."""
    parts = resource_type.split('::')
    if len(parts) != 3 or parts[0] != 'AWS':
        return None
    service = _SERVICES.get(parts[1], parts[1].lower())
    if resource_type in _EXCEPTIONS:
        return f'{service}:{_EXCEPTIONS[resource_type][_STEPS.index(step)]}'
    verb = {'create': 'Create', 'update': 'Modify' if service in _MODIFY else 'Update', 'delete': 'Delete'}[step]
    return f'{service}:{verb}{parts[2]}'
