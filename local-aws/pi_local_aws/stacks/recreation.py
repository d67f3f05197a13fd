"""Which property changes replace a resource, for types whose table ministack does not have.

Without a table every change shows as ``Conditional`` in a change set and no stack policy could tell a replacement from
a modification. The names are the create-only properties of the types' reference pages.
"""

from ministack.services.cloudformation import provisioners

CREATE_ONLY: dict[str, tuple[str, ...]] = {
    'AWS::AutoScaling::AutoScalingGroup': ('AutoScalingGroupName', 'InstanceId'),
    'AWS::Backup::BackupPlan': (),
    'AWS::CloudFormation::Stack': (),
    'AWS::CloudWatch::Alarm': ('AlarmName',),
    'AWS::CloudWatch::Dashboard': ('DashboardName',),
    'AWS::EC2::InternetGateway': (),
    'AWS::EC2::LaunchTemplate': ('LaunchTemplateName',),
    'AWS::EC2::Route': ('RouteTableId', 'DestinationCidrBlock', 'DestinationIpv6CidrBlock', 'DestinationPrefixListId'),
    'AWS::EC2::RouteTable': ('VpcId',),
    'AWS::EC2::SecurityGroup': ('GroupDescription', 'GroupName', 'VpcId'),
    'AWS::EC2::Subnet': (
        'AvailabilityZone',
        'AvailabilityZoneId',
        'CidrBlock',
        'Ipv4IpamPoolId',
        'Ipv4NetmaskLength',
        'Ipv6IpamPoolId',
        'Ipv6Native',
        'Ipv6NetmaskLength',
        'OutpostArn',
        'VpcId',
    ),
    'AWS::EC2::SubnetRouteTableAssociation': ('SubnetId', 'RouteTableId'),
    'AWS::EC2::VPC': ('CidrBlock', 'Ipv4IpamPoolId', 'Ipv4NetmaskLength'),
    'AWS::EC2::VPCEndpoint': ('ServiceName', 'VpcEndpointType', 'VpcId'),
    'AWS::EC2::VPCGatewayAttachment': ('VpcId',),
    'AWS::ECS::Cluster': ('ClusterName',),
    'AWS::ElasticLoadBalancingV2::Listener': ('LoadBalancerArn',),
    'AWS::ElasticLoadBalancingV2::ListenerRule': ('ListenerArn',),
    'AWS::Events::Rule': ('Name', 'EventBusName'),
    'AWS::IAM::Policy': (),
    'AWS::KMS::Alias': ('AliasName',),
    'AWS::KMS::Key': (),
    'AWS::Lambda::EventInvokeConfig': ('FunctionName', 'Qualifier'),
    'AWS::Lambda::Permission': (
        'Action',
        'EventSourceToken',
        'FunctionName',
        'FunctionUrlAuthType',
        'InvokedViaFunctionUrl',
        'Principal',
        'PrincipalOrgID',
        'SourceAccount',
        'SourceArn',
    ),
    'AWS::Logs::LogGroup': ('LogGroupName',),
    'AWS::Logs::MetricFilter': ('FilterName', 'LogGroupName'),
    'AWS::Logs::SubscriptionFilter': ('FilterName', 'LogGroupName'),
    'AWS::Route53::HostedZone': ('Name',),
    'AWS::Route53::RecordSet': ('HostedZoneId', 'HostedZoneName', 'Name'),
    'AWS::S3::Bucket': ('BucketName', 'BucketNamePrefix', 'BucketNamespace'),
    'AWS::S3::BucketPolicy': ('Bucket',),
    'AWS::SNS::Subscription': ('Endpoint', 'Protocol', 'TopicArn'),
    'AWS::SNS::TopicPolicy': (),
    'AWS::SQS::QueuePolicy': (),
    'AWS::Scheduler::Schedule': ('Name',),
    'AWS::SecretsManager::Secret': ('Name',),
    'AWS::ServiceDiscovery::PrivateDnsNamespace': ('Name', 'Vpc'),
    'AWS::ServiceDiscovery::Service': ('Name', 'NamespaceId', 'Type'),
}


def install() -> None:
    for name, properties in CREATE_ONLY.items():
        provisioners._REPLACING_PROPERTIES.setdefault(name, properties)
