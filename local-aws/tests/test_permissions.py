"""Denied actions: refused by every service's protocol, refused inside stacks, told by the policy simulation."""

import json
import re

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from conftest import ROOT, network
from pi_local_aws.account import type_actions


@pytest.fixture
def deny(cloud):
    yield lambda *actions: cloud.post('/_pi/permissions', {'deny': list(actions)})
    cloud.post('/_pi/permissions', {}, method='DELETE')


def refusal(call, **request) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response['Error']['Code'], caught.value.response['Error'].get('Message', '')


CALLS = [
    ('ec2', 'describe_vpcs', {}, 'ec2:DescribeVpcs', 'UnauthorizedOperation'),
    ('rds', 'describe_db_instances', {}, 'rds:DescribeDBInstances', 'AccessDenied'),
    ('cloudformation', 'describe_stacks', {}, 'cloudformation:DescribeStacks', 'AccessDenied'),
    ('ecs', 'list_clusters', {}, 'ecs:ListClusters', 'AccessDeniedException'),
    ('lambda', 'list_functions', {}, 'lambda:ListFunctions', 'AccessDeniedException'),
    ('lambda', 'get_account_settings', {}, 'lambda:GetAccountSettings', 'AccessDeniedException'),
    ('efs', 'describe_file_systems', {}, 'elasticfilesystem:DescribeFileSystems', 'AccessDeniedException'),
    ('route53', 'list_hosted_zones', {}, 'route53:ListHostedZones', 'AccessDenied'),
    ('elbv2', 'describe_load_balancers', {}, 'elasticloadbalancing:DescribeLoadBalancers', 'AccessDenied'),
    ('acm', 'list_certificates', {}, 'acm:ListCertificates', 'AccessDeniedException'),
    ('secretsmanager', 'list_secrets', {}, 'secretsmanager:ListSecrets', 'AccessDeniedException'),
    ('s3', 'list_buckets', {}, 's3:ListAllMyBuckets', 'AccessDenied'),
    ('s3', 'put_object', {'Bucket': 'b', 'Key': 'k', 'Body': b''}, 's3:PutObject', 'AccessDenied'),
    ('logs', 'describe_log_groups', {}, 'logs:DescribeLogGroups', 'AccessDeniedException'),
    ('backup', 'describe_region_settings', {}, 'backup:DescribeRegionSettings', 'AccessDeniedException'),
    ('iam', 'get_account_summary', {}, 'iam:GetAccountSummary', 'AccessDenied'),
    ('sts', 'get_caller_identity', {}, 'sts:GetCallerIdentity', 'AccessDenied'),
    ('service-quotas', 'list_services', {}, 'servicequotas:ListServices', 'AccessDeniedException'),
    (
        'application-autoscaling',
        'describe_scalable_targets',
        {'ServiceNamespace': 'ecs'},
        'application-autoscaling:DescribeScalableTargets',
        'AccessDeniedException',
    ),
]


@pytest.mark.parametrize(('service', 'method', 'request_', 'action', 'code'), CALLS, ids=[one[3] for one in CALLS])
def test_a_denied_call_is_refused_in_the_services_own_words(cloud, deny, service, method, request_, action, code):
    client = cloud.client(service)
    deny(action)
    found, message = refusal(getattr(client, method), **request_)
    assert found == code
    assert action in message or not message
    deny('nothing:Else')
    try:
        getattr(client, method)(**request_)
    except ClientError as error:
        assert error.response['Error']['Code'] == 'NoSuchBucket'


def test_patterns_match_without_case_and_an_empty_list_allows_everything(cloud, deny):
    deny('EC2:describe*')
    assert refusal(cloud.client('ec2').describe_subnets)[0] == 'UnauthorizedOperation'
    cloud.client('rds').describe_db_instances()
    deny()
    cloud.client('ec2').describe_subnets()


def test_an_order_may_list_all_that_is_allowed_and_judge_one_key_only(cloud, deny):
    cloud.post('/_pi/permissions', {'allow': ['ec2:Describe*']})
    cloud.client('ec2').describe_vpcs()
    assert refusal(cloud.client('rds').describe_db_instances)[0] == 'AccessDenied'
    cloud.post('/_pi/permissions', {'allow': ['ec2:Describe*'], 'key': 'somebody'})
    cloud.client('rds').describe_db_instances()
    assert cloud.get('/_pi/permissions') == {'deny': [], 'allow': ['ec2:Describe*'], 'key': 'somebody'}
    cloud.deploy('allowed', network(), expect='ROLLBACK_COMPLETE')
    reasons = [one[2] for one in cloud.failures('allowed') if one[0] == 'Vpc']
    assert 'not authorized to perform: ec2:CreateVpc' in reasons[0]
    with pytest.raises(OSError, match='400'):
        cloud.post('/_pi/permissions', {})


@pytest.mark.parametrize('pattern', ['rds', 'rds:', ':x', 'a:b:c', 7])
def test_what_is_no_action_is_refused(cloud, pattern):
    with pytest.raises(OSError, match='400'):
        cloud.post('/_pi/permissions', {'deny': [pattern]})


def test_the_simulation_tells_what_would_be_denied(cloud, deny):
    deny('rds:CreateDBInstance')
    iam, caller = cloud.client('iam'), cloud.client('sts').get_caller_identity()['Arn']
    results = iam.simulate_principal_policy(
        PolicySourceArn=caller, ActionNames=['rds:CreateDBInstance', 'rds:DescribeDBInstances']
    )['EvaluationResults']
    told = {one['EvalActionName']: one['EvalDecision'] for one in results}
    assert told == {'rds:CreateDBInstance': 'explicitDeny', 'rds:DescribeDBInstances': 'allowed'}


def test_a_user_is_judged_by_the_policies_it_has(cloud, deny):
    iam = cloud.client('iam')
    user = iam.create_user(UserName='deployer')['User']['Arn']
    document = {
        'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Action': ['rds:*', 'ec2:DescribeVpcs'], 'Resource': '*'}],
    }
    iam.put_user_policy(UserName='deployer', PolicyName='own', PolicyDocument=json.dumps(document))
    deny('rds:DeleteDBInstance')
    actions = ['rds:CreateDBInstance', 'rds:DeleteDBInstance', 'ec2:DescribeVpcs', 'ec2:CreateVpc']
    results = iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=actions)['EvaluationResults']
    assert [one['EvalDecision'] for one in results] == ['allowed', 'explicitDeny', 'allowed', 'implicitDeny']
    custom = iam.simulate_custom_policy(PolicyInputList=[json.dumps(document)], ActionNames=actions)
    assert [one['EvalDecision'] for one in custom['EvaluationResults']] == [
        'allowed',
        'explicitDeny',
        'allowed',
        'implicitDeny',
    ]


def test_a_stack_fails_at_the_resource_whose_action_is_denied(cloud, deny):
    deny('ec2:CreateSubnet')
    cloud.deploy('denied', network(), expect='ROLLBACK_COMPLETE')
    reasons = [one for one in cloud.failures('denied') if one[0] == 'SubnetA']
    assert 'not authorized to perform: ec2:CreateSubnet' in reasons[0][2] and 'AccessDenied' in reasons[0][2]
    deny('ec2:DeleteVpc')
    cloud.deploy('kept', network())
    assert cloud.delete('kept') == 'DELETE_FAILED'
    deny()
    assert cloud.delete('kept') == 'DELETE_COMPLETE'


SERVICE_MODELS = {
    'elasticfilesystem': 'efs',
    'elasticloadbalancing': 'elbv2',
}


def test_every_action_of_the_templates_types_exists():
    text = '\n'.join(path.read_text() for path in sorted((ROOT.parent / 'templates').rglob('*.yaml')))
    types = sorted(set(re.findall(r"^ +Type: '?(AWS::\w+::\w+)'?$", text, re.MULTILINE)))
    assert len(types) > 50
    unknown = []
    for one in types:
        for step in ('create', 'update', 'delete'):
            service, name = type_actions.action_of(one, step).split(':')
            model = ServiceModel(Loader().load_service_model(SERVICE_MODELS.get(service, service), 'service-2'))
            if name not in model.operation_names:
                unknown.append((one, step, name))
    assert unknown == []


def test_linked_roles_have_their_names_and_exist_once(cloud):
    iam = cloud.client('iam')
    made = iam.create_service_linked_role(AWSServiceName='ecs.amazonaws.com')['Role']
    assert made['RoleName'] == 'AWSServiceRoleForECS'
    assert iam.get_role(RoleName='AWSServiceRoleForECS')['Role']['Path'] == '/aws-service-role/ecs.amazonaws.com/'
    code, message = refusal(iam.create_service_linked_role, AWSServiceName='ecs.amazonaws.com')
    assert code == 'InvalidInput' and 'has been taken' in message


def test_backup_is_opted_in_until_somebody_opts_out(cloud):
    backup = cloud.client('backup')
    before = backup.describe_region_settings()['ResourceTypeOptInPreference']
    assert before['EFS'] and before['RDS']
    backup.update_region_settings(ResourceTypeOptInPreference={'EFS': False})
    after = backup.describe_region_settings()['ResourceTypeOptInPreference']
    assert after == {**before, 'EFS': False}
    refused = {'ResourceTypeOptInPreference': {'Paper': True}}
    assert refusal(backup.update_region_settings, **refused)[0] == 'InvalidParameterValueException'
