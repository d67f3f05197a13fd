"""Drift of whole stacks: what somebody changed past CloudFormation is found, and nothing else is."""

from conftest import until

GROUP = {'Type': 'AWS::EC2::SecurityGroup', 'Properties': {'GroupDescription': 'of a test', 'VpcId': {'Ref': 'Vpc'}}}
RULE = {
    'GroupId': {'Ref': 'Group'},
    'IpProtocol': 'tcp',
    'FromPort': 443,
    'ToPort': 443,
    'SourceSecurityGroupId': {'Ref': 'Group'},
    'Description': 'each other',
}
BLOCK = {
    'BlockPublicAcls': True,
    'BlockPublicPolicy': True,
    'IgnorePublicAcls': True,
    'RestrictPublicBuckets': True,
}
RESOURCES = {
    'Vpc': {'Type': 'AWS::EC2::VPC', 'Properties': {'CidrBlock': '10.0.0.0/16'}},
    'Group': GROUP,
    'Rule': {'Type': 'AWS::EC2::SecurityGroupIngress', 'Properties': RULE},
    'Bucket': {'Type': 'AWS::S3::Bucket', 'Properties': {'PublicAccessBlockConfiguration': BLOCK}},
    'Key': {
        'Type': 'AWS::KMS::Key',
        'Properties': {'EnableKeyRotation': True, 'KeyPolicy': {'Version': '2012-10-17', 'Statement': []}},
    },
    'Logs': {'Type': 'AWS::Logs::LogGroup', 'Properties': {'RetentionInDays': 30}},
}
OUTPUTS = {name: {'Ref': name} for name in ('Group', 'Bucket', 'Key', 'Logs')}


def drift_of(cloud, stack: str) -> dict:
    """Logical id -> state and paths, of what a detection finds."""
    cfn = cloud.client('cloudformation')
    detection = cfn.detect_stack_drift(StackName=stack)['StackDriftDetectionId']

    def ended() -> bool:
        status = cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        return status['DetectionStatus'] == 'DETECTION_COMPLETE'

    until(ended, 10, 'the detection ends')
    return {
        row['LogicalResourceId']: (
            row['StackResourceDriftStatus'],
            [one['PropertyPath'] for one in row.get('PropertyDifferences', [])],
        )
        for row in cfn.describe_stack_resource_drifts(StackName=stack)['StackResourceDrifts']
    }


def test_a_stack_that_nobody_touched_is_in_sync(cloud):
    cloud.deploy('calm', RESOURCES, OUTPUTS)
    found = drift_of(cloud, 'calm')
    assert found == dict.fromkeys(('Group', 'Rule', 'Bucket', 'Key', 'Logs'), ('IN_SYNC', []))


def test_changes_past_the_stack_are_found(cloud):
    outputs = cloud.deploy('touched', RESOURCES, OUTPUTS)
    ec2 = cloud.client('ec2')
    shown = ec2.describe_security_groups(GroupIds=[outputs['Group']])['SecurityGroups'][0]['IpPermissions']
    ec2.revoke_security_group_ingress(GroupId=outputs['Group'], IpPermissions=shown)
    cloud.client('s3').put_public_access_block(
        Bucket=outputs['Bucket'], PublicAccessBlockConfiguration={**BLOCK, 'BlockPublicPolicy': False}
    )
    cloud.client('kms').disable_key_rotation(KeyId=outputs['Key'])
    cloud.client('logs').put_retention_policy(logGroupName=outputs['Logs'], retentionInDays=7)
    found = drift_of(cloud, 'touched')
    assert found['Rule'] == ('DELETED', [])
    assert found['Bucket'] == ('MODIFIED', ['/PublicAccessBlockConfiguration/BlockPublicPolicy'])
    assert found['Key'] == ('MODIFIED', ['/EnableKeyRotation'])
    assert found['Logs'] == ('MODIFIED', ['/RetentionInDays'])
    assert found['Group'] == ('IN_SYNC', [])
