"""The stack engine: policies, nested stacks, protection, tokens, faults, and template addresses."""

import json

import pytest
from botocore.exceptions import ClientError
from conftest import ref, until


def queue(name=None, **more):
    return {'Type': 'AWS::SQS::Queue', 'Properties': {**({'QueueName': name} if name else {}), **more}}


def secret(name):
    return {'Type': 'AWS::SecretsManager::Secret', 'Properties': {'Name': name, 'SecretString': 'x'}}


POLICY = {
    'Statement': [
        {'Effect': 'Allow', 'Action': 'Update:*', 'Principal': '*', 'Resource': '*'},
        {
            'Effect': 'Deny',
            'Action': ['Update:Replace', 'Update:Delete'],
            'Principal': '*',
            'Resource': '*',
            'Condition': {'StringEquals': {'ResourceType': ['AWS::SecretsManager::Secret']}},
        },
    ]
}


def protected(cloud, name):
    resources = {'Secret': secret(f'{name}-one'), 'Queue': queue()}
    cloud.deploy(name, resources)
    cloud.client('cloudformation').set_stack_policy(StackName=name, StackPolicyBody=json.dumps(POLICY))
    assert json.loads(cloud.client('cloudformation').get_stack_policy(StackName=name)['StackPolicyBody']) == POLICY
    return resources


def secrets_named(cloud, prefix):
    found = cloud.client('secretsmanager').list_secrets()['SecretList']
    return sorted(one['Name'] for one in found if one['Name'].startswith(prefix))


def test_a_denied_replacement_fails_the_update_and_leaves_the_resource(cloud):
    resources = protected(cloud, 'replace')
    resources['Secret']['Properties']['Name'] = 'replace-two'
    resources['Queue']['Properties']['DelaySeconds'] = 5
    cloud.deploy('replace', resources, expect='UPDATE_ROLLBACK_COMPLETE')
    assert secrets_named(cloud, 'replace-') == ['replace-one']
    name, status, reason = next(one for one in cloud.failures('replace') if one[0] == 'Secret')
    assert status == 'UPDATE_FAILED'
    assert reason == (
        'Action denied by stack policy: Statement [#2] does not allow [Update:Replace] for resource '
        '[LogicalResourceId/Secret]'
    )


def test_a_denied_removal_fails_the_update_before_anything_changes(cloud):
    resources = protected(cloud, 'remove')
    del resources['Secret']
    resources['New'] = queue('must-not-appear')
    cloud.deploy('remove', resources, expect='UPDATE_ROLLBACK_COMPLETE')
    assert secrets_named(cloud, 'remove-') == ['remove-one']
    assert not [one for one in cloud.client('sqs').list_queues().get('QueueUrls', []) if 'must-not-appear' in one]
    assert any('[Update:Delete]' in reason for _, _, reason in cloud.failures('remove'))


def test_what_the_policy_allows_goes_through(cloud):
    resources = protected(cloud, 'allowed')
    resources['Secret']['Properties']['Description'] = 'changed in place'
    del resources['Queue']
    cloud.deploy('allowed', resources)
    assert cloud.client('secretsmanager').describe_secret(SecretId='allowed-one')['Description'] == 'changed in place'


def test_the_policy_holds_for_change_sets_too(cloud):
    resources = protected(cloud, 'byset')
    resources['Secret']['Properties']['Name'] = 'byset-two'
    cfn = cloud.client('cloudformation')
    cfn.create_change_set(StackName='byset', ChangeSetName='one', TemplateBody=json.dumps({'Resources': resources}))
    until(
        lambda: cfn.describe_change_set(StackName='byset', ChangeSetName='one')['Status'] == 'CREATE_COMPLETE',
        10,
        'the set is there',
    )
    change = cfn.describe_change_set(StackName='byset', ChangeSetName='one')['Changes'][0]['ResourceChange']
    assert (change['LogicalResourceId'], change['Replacement']) == ('Secret', 'True')
    cfn.execute_change_set(StackName='byset', ChangeSetName='one', ClientRequestToken='token-1')
    assert cloud.settled('byset') == 'UPDATE_ROLLBACK_COMPLETE'
    assert {
        one.get('ClientRequestToken') for one in cloud.events('byset') if one['ResourceStatus'].startswith('UPDATE')
    } == {'token-1'}


def test_a_protected_stack_is_not_deleted(cloud):
    cloud.deploy('kept', {'Queue': queue()}, EnableTerminationProtection=True)
    cfn = cloud.client('cloudformation')
    with pytest.raises(cfn.exceptions.ClientError, match='TerminationProtection'):
        cfn.delete_stack(StackName='kept')
    cfn.update_termination_protection(StackName='kept', EnableTerminationProtection=False)
    assert cloud.delete('kept') == 'DELETE_COMPLETE'


def test_an_ordered_fault_strikes_as_often_as_ordered(cloud):
    assert cloud.post('/_pi/faults', {'type': 'AWS::SQS::Queue', 'reason': 'no capacity today', 'times': 1})['faults']
    cloud.deploy(
        'fault',
        {'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {}}, 'Z': {**queue(), 'DependsOn': 'Topic'}},
        expect='ROLLBACK_COMPLETE',
    )
    assert cloud.failures('fault') == [('Z', 'CREATE_FAILED', 'no capacity today')]
    assert cloud.get('/_pi/faults') == {'faults': []}
    cloud.delete('fault')
    cloud.deploy('fault', {'Z': queue()})
    cloud.post('/_pi/faults', {'type': 'AWS::SQS::Queue', 'reason': 'never', 'times': 5})
    assert cloud.post('/_pi/faults', {}, 'DELETE') == {'faults': []}


def test_faults_of_updates_and_deletions_leave_the_states_that_need_an_operator(cloud):
    cloud.deploy('stuck', {'Queue': queue(DelaySeconds=1), 'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {}}})
    cloud.post('/_pi/faults', {'type': 'AWS::SQS::Queue', 'reason': 'cannot go back', 'step': 'update'})
    changed = {
        'Queue': queue(DelaySeconds=2),
        'Topic': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'Queue', 'Properties': {'DisplayName': 'x'}},
    }
    cloud.deploy('stuck', changed, expect='UPDATE_ROLLBACK_COMPLETE')
    cloud.post('/_pi/faults', {'type': 'AWS::SNS::Topic', 'reason': 'refused', 'step': 'update'})
    cloud.deploy('stuck', changed, expect='UPDATE_ROLLBACK_COMPLETE')
    cloud.post('/_pi/faults', {'type': 'AWS::SQS::Queue', 'reason': 'cannot delete', 'step': 'delete'})
    assert cloud.delete('stuck') == 'DELETE_FAILED'
    assert ('Queue', 'DELETE_FAILED', 'cannot delete') in cloud.failures('stuck')
    assert cloud.delete('stuck') == 'DELETE_COMPLETE'


def test_a_rollback_that_fails_goes_on_without_what_is_skipped(cloud):
    cloud.deploy(
        'skipping', {'A': queue(DelaySeconds=1), 'B': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'A', 'Properties': {}}}
    )
    changed = {
        'A': queue(DelaySeconds=2),
        'B': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'A', 'Properties': {'DisplayName': 'x'}},
    }
    cfn = cloud.client('cloudformation')
    cloud.post('/_pi/faults', {'type': 'AWS::SNS::Topic', 'reason': 'refused', 'step': 'update'})
    fault = {'type': 'AWS::SQS::Queue', 'reason': 'cannot go back', 'step': 'update', 'skip': 1, 'times': 5}
    cloud.post('/_pi/faults', fault)
    cloud.deploy('skipping', changed, expect='UPDATE_ROLLBACK_FAILED')
    rows = cfn.list_stack_resources(StackName='skipping')['StackResourceSummaries']
    told = {one['LogicalResourceId']: (one['ResourceStatus'], one.get('ResourceStatusReason')) for one in rows}
    assert told == {'A': ('UPDATE_FAILED', 'cannot go back'), 'B': ('UPDATE_COMPLETE', None)}
    with pytest.raises(ClientError, match='cannot be skipped'):
        cfn.continue_update_rollback(StackName='skipping', ResourcesToSkip=['B'])
    cfn.continue_update_rollback(StackName='skipping', ResourcesToSkip=['A'])
    until(lambda: cloud.status('skipping') == 'UPDATE_ROLLBACK_COMPLETE', 10, 'the rollback is through')
    url = next(one['PhysicalResourceId'] for one in rows if one['LogicalResourceId'] == 'A')
    there = cloud.client('sqs').get_queue_attributes(QueueUrl=url, AttributeNames=['DelaySeconds'])['Attributes']
    assert there['DelaySeconds'] == '2', 'what is skipped stays as the failed update left it'
    states = [one['ResourceStatus'] for one in cfn.list_stack_resources(StackName='skipping')['StackResourceSummaries']]
    assert states == ['UPDATE_COMPLETE', 'UPDATE_COMPLETE']
    cloud.post('/_pi/faults', {}, 'DELETE')


def test_a_rollback_that_fails_goes_on_when_told_to(cloud):
    cloud.deploy(
        'rollback', {'A': queue(DelaySeconds=1), 'B': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'A', 'Properties': {}}}
    )
    changed = {
        'A': queue(DelaySeconds=2),
        'B': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'A', 'Properties': {'DisplayName': 'x'}},
    }
    cfn = cloud.client('cloudformation')
    cloud.post('/_pi/faults', {'type': 'AWS::SNS::Topic', 'reason': 'refused', 'step': 'update'})
    cloud.post('/_pi/faults', {'type': 'AWS::SQS::Queue', 'reason': 'cannot go back', 'step': 'update', 'skip': 1})
    cloud.deploy('rollback', changed, expect='UPDATE_ROLLBACK_FAILED')
    cfn.continue_update_rollback(StackName='rollback')
    until(lambda: cloud.status('rollback') == 'UPDATE_ROLLBACK_COMPLETE', 10, 'the rollback is through')


def child(cloud, bucket, key, resources, outputs=None, parameters=None):
    s3 = cloud.client('s3')
    if bucket not in [one['Name'] for one in s3.list_buckets()['Buckets']]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    template = {'Resources': resources, 'Outputs': outputs or {}}
    if parameters:
        template['Parameters'] = {name: {'Type': 'String'} for name in parameters}
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(template))
    return {
        'Type': 'AWS::CloudFormation::Stack',
        'Properties': {
            'TemplateURL': f'{cloud.endpoint}/{bucket}/{key}',
            **({'Parameters': parameters} if parameters else {}),
        },
    }


def children(cloud, parent):
    cfn = cloud.client('cloudformation')
    stack_id = cfn.describe_stacks(StackName=parent)['Stacks'][0]['StackId']
    ids = {
        one['PhysicalResourceId']
        for one in cloud.events(parent)
        if one['ResourceType'] == 'AWS::CloudFormation::Stack' and one['PhysicalResourceId'] not in ('', stack_id)
    }
    return [cfn.describe_stacks(StackName=one)['Stacks'][0] for one in ids]


def test_a_failing_child_ends_and_so_does_its_parent(cloud):
    cloud.post('/_pi/faults', {'type': 'AWS::SNS::Topic', 'reason': 'topic refused'})
    nested = child(
        cloud,
        'nested',
        'bad.yaml',
        {'Queue': queue('left-behind'), 'Topic': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'Queue', 'Properties': {}}},
    )
    cloud.deploy('parent', {'Child': nested}, expect='ROLLBACK_COMPLETE')
    reason = next(reason for name, _, reason in cloud.failures('parent') if name == 'Child')
    assert reason.startswith('Embedded stack arn:') and 'failed to create: [Topic]' in reason
    found = children(cloud, 'parent')
    assert len(found) == 1 and found[0]['StackStatus'] in ('ROLLBACK_COMPLETE', 'DELETE_COMPLETE')
    assert [one for one in cloud.failures(found[0]['StackId']) if one[0] == 'Topic'][0][2] == 'topic refused'
    assert not [one for one in cloud.client('sqs').list_queues().get('QueueUrls', []) if 'left-behind' in one]


def test_a_failing_child_update_goes_back_with_its_parent(cloud):
    nested = child(
        cloud,
        'nested',
        'v1.yaml',
        {'Queue': {'Type': 'AWS::SQS::Queue', 'Properties': {'DelaySeconds': ref('Delay')}}},
        {'Url': {'Value': ref('Queue')}, 'Arn': {'Value': {'Fn::GetAtt': ['Queue', 'Arn']}}},
        {'Delay': '1'},
    )
    outputs = cloud.deploy('flipping', {'Child': nested}, {'Url': {'Fn::GetAtt': ['Child', 'Outputs.Url']}})
    cloud.post('/_pi/faults', {'type': 'AWS::SNS::Topic', 'reason': 'not now'})
    broken = child(
        cloud,
        'nested',
        'v2.yaml',
        {
            'Queue': {'Type': 'AWS::SQS::Queue', 'Properties': {'DelaySeconds': ref('Delay')}},
            'Topic': {'Type': 'AWS::SNS::Topic', 'DependsOn': 'Queue', 'Properties': {}},
        },
        None,
        {'Delay': '9'},
    )
    cloud.deploy('flipping', {'Child': broken}, expect='UPDATE_ROLLBACK_COMPLETE')
    attributes = cloud.client('sqs').get_queue_attributes(QueueUrl=outputs['Url'], AttributeNames=['DelaySeconds'])[
        'Attributes'
    ]
    assert attributes['DelaySeconds'] == '1'
    assert children(cloud, 'flipping')[0]['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE'
    # A good update afterwards still knows the attributes of what does not change.
    good = child(
        cloud,
        'nested',
        'v3.yaml',
        {
            'Queue': {'Type': 'AWS::SQS::Queue', 'Properties': {'DelaySeconds': ref('Delay')}},
            'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {}},
        },
        {'Arn': {'Value': {'Fn::GetAtt': ['Queue', 'Arn']}}},
        {'Delay': '1'},
    )
    again = cloud.deploy('flipping', {'Child': good}, {'Arn': {'Fn::GetAtt': ['Child', 'Outputs.Arn']}})
    assert again['Arn'].startswith('arn:aws:sqs')
    assert cloud.delete('flipping') == 'DELETE_COMPLETE'


def test_a_child_is_deleted_by_its_policies_and_says_so(cloud):
    kept = {**queue('kept-by-policy'), 'DeletionPolicy': 'Retain'}
    nested = child(cloud, 'nested', 'policy.yaml', {'Kept': kept, 'Gone': queue('gone-with-stack')})
    cloud.deploy('policies', {'Child': nested})
    found = children(cloud, 'policies')[0]
    assert found['ParentId'] and found['RootId']
    assert cloud.delete('policies') == 'DELETE_COMPLETE'
    urls = ' '.join(cloud.client('sqs').list_queues().get('QueueUrls', []))
    assert 'kept-by-policy' in urls and 'gone-with-stack' not in urls
    statuses = {(one['LogicalResourceId'], one['ResourceStatus']) for one in cloud.events(found['StackId'])}
    assert {('Kept', 'DELETE_SKIPPED'), ('Gone', 'DELETE_COMPLETE')} <= statuses


def test_a_bucket_with_objects_is_not_deleted(cloud):
    cloud.deploy(
        'bucket',
        {
            'Bucket': {
                'Type': 'AWS::S3::Bucket',
                'Properties': {'BucketName': 'full-bucket', 'VersioningConfiguration': {'Status': 'Enabled'}},
            }
        },
    )
    s3 = cloud.client('s3')
    version = s3.put_object(Bucket='full-bucket', Key='a', Body=b'x')['VersionId']
    assert cloud.delete('bucket') == 'DELETE_FAILED'
    assert any('not empty' in reason for name, _, reason in cloud.failures('bucket') if name == 'Bucket')
    s3.delete_object(Bucket='full-bucket', Key='a', VersionId=version)
    assert cloud.delete('bucket') == 'DELETE_COMPLETE'


def points_to(cloud, bucket, path, broken=False):
    """A parent with two children: one holds an access point that is replaced, the other hangs on its id."""
    data = child(
        cloud,
        bucket,
        f'data{path.replace("/", "-")}.yaml',
        {
            'Point': {
                'Type': 'AWS::EFS::AccessPoint',
                'Properties': {'FileSystemId': ref('Files'), 'RootDirectory': {'Path': path}},
            }
        },
        {'Point': {'Value': ref('Point')}},
        {'Files': ref('Files')},
    )
    extra = {'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {}}} if broken else {}
    user = child(
        cloud,
        bucket,
        f'user{path.replace("/", "-")}.yaml',
        {
            'Queue': {'Type': 'AWS::SQS::Queue', 'Properties': {'Tags': [{'Key': 'point', 'Value': ref('Point')}]}},
            **extra,
        },
        {'Queue': {'Value': ref('Queue')}},
        {'Point': {'Fn::GetAtt': ['Data', 'Outputs.Point']}},
    )
    return {'Files': {'Type': 'AWS::EFS::FileSystem', 'Properties': {}}, 'Data': data, 'User': user}


OUTPUTS = {
    'Point': {'Fn::GetAtt': ['Data', 'Outputs.Point']},
    'Files': ref('Files'),
    'Queue': {'Fn::GetAtt': ['User', 'Outputs.Queue']},
}


def points(cloud, outputs):
    return [
        one['AccessPointId']
        for one in cloud.client('efs').describe_access_points(FileSystemId=outputs['Files'])['AccessPoints']
    ]


def test_a_tree_that_fails_gets_the_very_resources_back_that_a_child_replaced(cloud):
    outputs = cloud.deploy('tree', points_to(cloud, 'nested', '/gen/1'), OUTPUTS)
    cloud.post('/_pi/faults', {'type': 'AWS::SNS::Topic', 'reason': 'not today'})
    cloud.deploy('tree', points_to(cloud, 'nested', '/gen/2', broken=True), OUTPUTS, expect='UPDATE_ROLLBACK_COMPLETE')
    assert points(cloud, outputs) == [outputs['Point']], 'the old access point stayed, the new one went'
    assert cloud.client('sqs').list_queue_tags(QueueUrl=outputs['Queue'])['Tags']['point'] == outputs['Point']
    assert {one['StackStatus'] for one in children(cloud, 'tree')} == {'UPDATE_ROLLBACK_COMPLETE'}
    again = cloud.deploy('tree', points_to(cloud, 'nested', '/gen/3'), OUTPUTS)
    assert points(cloud, outputs) == [again['Point']] != [outputs['Point']], 'a success cleans up'
    statuses = [
        one['ResourceStatus']
        for one in reversed(cloud.events('tree'))
        if one['ResourceType'] == 'AWS::CloudFormation::Stack'
    ]
    assert statuses[-2:] == ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE']
    assert cloud.delete('tree') == 'DELETE_COMPLETE'


def test_what_is_in_use_is_not_deleted(cloud):
    from conftest import network

    cloud.deploy('shared', network(), {'Subnet': ref('SubnetA'), 'Group': ref('Group')})
    outputs = {
        one['OutputKey']: one['OutputValue']
        for one in cloud.client('cloudformation').describe_stacks(StackName='shared')['Stacks'][0]['Outputs']
    }
    balancer = {
        'Balancer': {
            'Type': 'AWS::ElasticLoadBalancingV2::LoadBalancer',
            'Properties': {
                'Subnets': [outputs['Subnet']],
                'SecurityGroups': [outputs['Group']],
                'LoadBalancerAttributes': [{'Key': 'deletion_protection.enabled', 'Value': 'true'}],
            },
        }
    }
    cloud.deploy('user', balancer)
    interfaces = cloud.client('ec2').describe_network_interfaces(
        Filters=[{'Name': 'group-id', 'Values': [outputs['Group']]}]
    )['NetworkInterfaces']
    assert [one['SubnetId'] for one in interfaces] == [outputs['Subnet']] and interfaces[0]['Description'].startswith(
        'ELB app/'
    )
    described = cloud.client('elbv2').describe_load_balancers()['LoadBalancers'][0]
    assert (
        described['VpcId'] == interfaces[0]['VpcId'] and described['AvailabilityZones'][0]['ZoneName'] == 'eu-west-1a'
    )
    assert cloud.delete('shared') == 'DELETE_FAILED'
    failed = {
        name
        for name, _, reason in cloud.failures('shared')
        if 'DependencyViolation' in reason or 'dependencies' in reason
    }
    assert {'Group', 'SubnetA', 'Vpc'} <= failed
    assert cloud.delete('user') == 'DELETE_FAILED', 'the balancer protects itself'
    balancer['Balancer']['Properties']['LoadBalancerAttributes'][0]['Value'] = 'false'
    cloud.client('elbv2').modify_load_balancer_attributes(
        LoadBalancerArn=cloud.client('elbv2').describe_load_balancers()['LoadBalancers'][0]['LoadBalancerArn'],
        Attributes=[{'Key': 'deletion_protection.enabled', 'Value': 'false'}],
    )
    assert cloud.delete('user') == 'DELETE_COMPLETE' and cloud.delete('shared') == 'DELETE_COMPLETE'


def test_a_change_set_knows_no_resource_whose_condition_is_false(cloud):
    def template(on):
        return json.dumps(
            {
                'Parameters': {'On': {'Type': 'String', 'Default': 'no'}},
                'Conditions': {'IsOn': {'Fn::Equals': [ref('On'), 'yes']}},
                'Resources': {
                    'Queue': queue(),
                    'Topic': {'Type': 'AWS::SNS::Topic', 'Condition': 'IsOn', 'Properties': {'DisplayName': on}},
                },
            }
        )

    cfn = cloud.client('cloudformation')
    cfn.create_stack(StackName='conditional', TemplateBody=template('a'))
    assert cloud.settled('conditional') == 'CREATE_COMPLETE'
    cfn.create_change_set(
        StackName='conditional',
        ChangeSetName='on',
        TemplateBody=template('a'),
        Parameters=[{'ParameterKey': 'On', 'ParameterValue': 'yes'}],
    )
    until(
        lambda: cfn.describe_change_set(StackName='conditional', ChangeSetName='on')['Status'] == 'CREATE_COMPLETE',
        10,
        'the set is there',
    )
    changes = cfn.describe_change_set(StackName='conditional', ChangeSetName='on')['Changes']
    assert [(one['ResourceChange']['Action'], one['ResourceChange']['LogicalResourceId']) for one in changes] == [
        ('Add', 'Topic')
    ]
