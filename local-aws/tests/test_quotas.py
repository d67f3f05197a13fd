"""Service Quotas: what is read, set, denied, throttled and requested, and the services' own calls that tell limits."""

import shutil

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import REGION, Cloud
from occupied import counted, occupy, pages


@pytest.fixture
def quotas(cloud):
    yield cloud.client('service-quotas')
    cloud.post('/_pi/quotas', {}, method='DELETE')


def code_of(call, **request) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response['Error']['Code']


VPCS = {'ServiceCode': 'vpc', 'QuotaCode': 'L-F678F1CE'}


def test_a_new_account_has_the_defaults(quotas):
    vpcs = quotas.get_service_quota(**VPCS)['Quota']
    assert (vpcs['Value'], vpcs['QuotaName'], vpcs['Adjustable'], vpcs['GlobalQuota']) == (
        5,
        'VPCs per Region',
        True,
        False,
    )
    assert quotas.get_service_quota(ServiceCode='fargate', QuotaCode='L-3032A538')['Quota']['Value'] == 6
    fargate = quotas.get_service_quota(ServiceCode='fargate', QuotaCode='L-3032A538')['Quota']
    assert fargate['UsageMetric']['MetricDimensions']['Resource'] == 'vCPU'
    default = quotas.get_aws_default_service_quota(ServiceCode='ec2', QuotaCode='L-0263D0A3')['Quota']
    assert default['Value'] == 5 and 'QuotaAppliedAtLevel' not in default


def test_lists_come_in_pages_and_hold_each_quota_once(quotas):
    services = pages(quotas, 'list_services', 'Services')
    assert len(services) == 21
    first = quotas.list_service_quotas(ServiceCode='vpc', MaxResults=4)
    assert len(first['Quotas']) == 4 and first['NextToken']
    paged = quotas.get_paginator('list_service_quotas').paginate(ServiceCode='vpc', PaginationConfig={'PageSize': 4})
    codes = [one['QuotaCode'] for page in paged for one in page['Quotas']]
    assert len(codes) == len(set(codes)) == 13
    defaults = pages(quotas, 'list_aws_default_service_quotas', 'Quotas', ServiceCode='vpc')
    assert sorted(one['QuotaCode'] for one in defaults) == sorted(codes)


def test_what_is_not_there_is_told(quotas):
    assert code_of(quotas.get_service_quota, ServiceCode='vpc', QuotaCode='L-00000000') == 'NoSuchResourceException'
    assert code_of(quotas.list_service_quotas, ServiceCode='nothing') == 'NoSuchResourceException'
    assert code_of(quotas.list_service_quotas, ServiceCode='vpc', NextToken='x') == 'InvalidPaginationTokenException'


def test_quotas_of_global_services_are_read_in_one_region_only(cloud, quotas):
    asked = {'ServiceCode': 's3', 'QuotaCode': 'L-DC2B2D3D'}
    assert code_of(quotas.get_service_quota, **asked) == 'NoSuchResourceException'
    assert quotas.list_service_quotas(ServiceCode='s3')['Quotas'] == []
    central = boto3.client(
        'service-quotas',
        endpoint_url=cloud.endpoint,
        region_name='us-east-1',
        aws_access_key_id='local',
        aws_secret_access_key='local',
    )
    assert central.get_service_quota(**asked)['Quota']['Value'] == 10_000
    assert central.list_service_quotas(ServiceCode='s3')['Quotas'][0]['GlobalQuota'] is True


def test_a_test_sets_a_value_and_the_default_stays(cloud, quotas):
    cloud.post('/_pi/quotas', {'service': 'vpc', 'code': 'L-F678F1CE', 'value': 9})
    assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 9
    assert quotas.get_aws_default_service_quota(**VPCS)['Quota']['Value'] == 5
    assert cloud.get('/_pi/quotas')['values'] == [{'service': 'vpc', 'code': 'L-F678F1CE', 'value': 9}]
    cloud.post('/_pi/quotas', {}, method='DELETE')
    assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 5


def test_a_quota_without_an_applied_value_has_a_default_only(cloud, quotas):
    cloud.post('/_pi/quotas', {'service': 'vpc', 'code': 'L-F678F1CE', 'applied': False})
    assert code_of(quotas.get_service_quota, **VPCS) == 'NoSuchResourceException'
    assert 'L-F678F1CE' not in [one['QuotaCode'] for one in quotas.list_service_quotas(ServiceCode='vpc')['Quotas']]
    assert quotas.get_aws_default_service_quota(**VPCS)['Quota']['Value'] == 5


@pytest.mark.parametrize('order', [{}, {'service': 'vpc'}, {'service': 'vpc', 'code': 'L-F678F1CE'}])
def test_a_denied_quota_is_refused_by_both_calls(cloud, quotas, order):
    cloud.post('/_pi/quotas', {**order, 'deny': True})
    assert code_of(quotas.get_service_quota, **VPCS) == 'AccessDeniedException'
    assert code_of(quotas.get_aws_default_service_quota, **VPCS) == 'AccessDeniedException'
    assert code_of(quotas.request_service_quota_increase, **VPCS, DesiredValue=9) == 'AccessDeniedException'
    others = {'ServiceCode': 'rds', 'QuotaCode': 'L-7B6409FD'}
    if order:
        assert quotas.get_service_quota(**others)['Quota']['Value'] == 40
    else:
        assert code_of(quotas.get_service_quota, **others) == 'AccessDeniedException'
    if 'code' in order:
        assert len(quotas.list_service_quotas(ServiceCode='vpc')['Quotas']) == 13
    else:
        assert code_of(quotas.list_service_quotas, ServiceCode='vpc') == 'AccessDeniedException'


def test_every_second_call_can_be_throttled(cloud, quotas):
    cloud.post('/_pi/quotas', {'throttleEvery': 2})
    one_try = boto3.client(
        'service-quotas',
        endpoint_url=cloud.endpoint,
        region_name=REGION,
        aws_access_key_id='local',
        aws_secret_access_key='local',
        config=Config(retries={'total_max_attempts': 1}),
    )
    assert one_try.get_service_quota(**VPCS)['Quota']['Value'] == 5
    assert code_of(one_try.get_service_quota, **VPCS) == 'TooManyRequestsException'
    assert one_try.get_service_quota(**VPCS)['Quota']['Value'] == 5


def test_a_request_is_granted_when_its_time_has_come(cloud, quotas):
    made = quotas.request_service_quota_increase(**VPCS, DesiredValue=20)['RequestedQuota']
    assert made['Status'] == 'PENDING'
    assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 20
    assert quotas.get_requested_service_quota_change(RequestId=made['Id'])['RequestedQuota']['Status'] == 'APPROVED'
    cloud.post('/_pi/pace', {'pace': 1})
    try:
        slow = quotas.request_service_quota_increase(**VPCS, DesiredValue=30)['RequestedQuota']
        assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 20
        assert quotas.get_requested_service_quota_change(RequestId=slow['Id'])['RequestedQuota']['Status'] == 'PENDING'
    finally:
        cloud.post('/_pi/pace', {'pace': 0})
    assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 30


def test_a_request_waits_until_support_answers(cloud, quotas):
    cloud.post('/_pi/quotas', {'holdRequests': True})
    made = quotas.request_service_quota_increase(**VPCS, DesiredValue=20)['RequestedQuota']
    assert made['Status'] == 'PENDING' and made['DesiredValue'] == 20
    again = {**VPCS, 'DesiredValue': 30}
    assert code_of(quotas.request_service_quota_increase, **again) == 'ResourceAlreadyExistsException'
    assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 5
    history = pages(quotas, 'list_requested_service_quota_change_history_by_quota', 'RequestedQuotas', **VPCS)
    assert [one['Id'] for one in history] == [made['Id']]
    cloud.post('/_pi/quotas', {'request': made['Id'], 'status': 'APPROVED'})
    assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 20
    assert quotas.get_requested_service_quota_change(RequestId=made['Id'])['RequestedQuota']['Status'] == 'APPROVED'
    assert quotas.list_requested_service_quota_change_history(Status='PENDING')['RequestedQuotas'] == []
    assert quotas.list_requested_service_quota_change_history(ServiceCode='rds')['RequestedQuotas'] == []


def test_a_request_that_makes_no_sense_is_refused(quotas):
    assert code_of(quotas.request_service_quota_increase, **VPCS, DesiredValue=5) == 'IllegalArgumentException'
    fixed = {'ServiceCode': 'backup', 'QuotaCode': 'L-7705D2CB', 'DesiredValue': 400}
    assert code_of(quotas.request_service_quota_increase, **fixed) == 'IllegalArgumentException'
    assert code_of(quotas.get_requested_service_quota_change, RequestId='x') == 'NoSuchResourceException'


@pytest.mark.parametrize(
    'order',
    [
        {'service': 'vpc', 'code': 'L-00000000', 'value': 1},
        {'service': 'vpc', 'code': 'L-F678F1CE', 'value': -1},
        {'service': 'nothing', 'deny': True},
        {'service': 'vpc', 'code': 'L-F678F1CE'},
        {'throttleEvery': -1},
        {'request': 'none', 'status': 'APPROVED'},
    ],
)
def test_orders_that_mean_nothing_are_refused(cloud, order):
    with pytest.raises(OSError, match='400'):
        cloud.post('/_pi/quotas', order)


LIMITS = [
    (
        'cloudformation',
        'cloudformation',
        'L-0485CB21',
        lambda it: limit_of(it.describe_account_limits()['AccountLimits'], 'StackLimit'),
    ),
    (
        'elbv2',
        'elasticloadbalancing',
        'L-53DA6B97',
        lambda it: limit_of(it.describe_account_limits()['Limits'], 'application-load-balancers'),
    ),
    (
        'elbv2',
        'elasticloadbalancing',
        'L-B22855CB',
        lambda it: limit_of(it.describe_account_limits()['Limits'], 'target-groups'),
    ),
    (
        'autoscaling',
        'autoscaling',
        'L-CDE20ADC',
        lambda it: it.describe_account_limits()['MaxNumberOfAutoScalingGroups'],
    ),
    ('rds', 'rds', 'L-7B6409FD', lambda it: limit_of(it.describe_account_attributes()['AccountQuotas'], 'DBInstances')),
    (
        'rds',
        'rds',
        'L-272F1212',
        lambda it: limit_of(it.describe_account_attributes()['AccountQuotas'], 'ManualSnapshots'),
    ),
    ('lambda', 'lambda', 'L-B99A9384', lambda it: it.get_account_settings()['AccountLimit']['ConcurrentExecutions']),
    ('iam', 'iam', 'L-FE177D64', lambda it: it.get_account_summary()['SummaryMap']['RolesQuota']),
    ('iam', 'iam', 'L-6E65F664', lambda it: it.get_account_summary()['SummaryMap']['InstanceProfilesQuota']),
    (
        'route53',
        'route53',
        'L-4EA4796A',
        lambda it: it.get_account_limit(Type='MAX_HOSTED_ZONES_BY_OWNER')['Limit']['Value'],
    ),
    (
        'ec2',
        'ec2',
        'L-0263D0A3',
        lambda it: int(
            it.describe_account_attributes(AttributeNames=['vpc-max-elastic-ips'])['AccountAttributes'][0][
                'AttributeValues'
            ][0]['AttributeValue']
        ),
    ),
]


def limit_of(rows, name) -> int:
    found = next(one for one in rows if name in (one.get('Name'), one.get('AccountQuotaName')))
    return int(found.get('Value') or found.get('Max'))


@pytest.mark.parametrize(
    ('client', 'service', 'code', 'read'), LIMITS, ids=lambda one: one if isinstance(one, str) else ''
)
def test_a_service_tells_its_own_limit_also_when_the_quota_is_denied(cloud, quotas, client, service, code, read):
    cloud.post('/_pi/quotas', {'deny': True})
    before = read(cloud.client(client))
    cloud.post('/_pi/quotas', {'service': service, 'code': code, 'value': before + 7})
    assert read(cloud.client(client)) == before + 7


def test_reserved_concurrency_and_records_are_counted(cloud, quotas):
    cloud.post('/_pi/quotas', {'service': 'lambda', 'code': 'L-B99A9384', 'value': 10})
    limit = cloud.client('lambda').get_account_settings()['AccountLimit']
    assert (limit['ConcurrentExecutions'], limit['UnreservedConcurrentExecutions']) == (10, 10)
    route53 = cloud.client('route53')
    zone = route53.create_hosted_zone(Name='limits.example', CallerReference='limits')['HostedZone']['Id']
    found = route53.get_hosted_zone_limit(HostedZoneId=zone, Type='MAX_RRSETS_BY_ZONE')
    assert (found['Limit']['Value'], found['Count']) == (10_000, 2)
    missing = {'HostedZoneId': 'Z0', 'Type': 'MAX_RRSETS_BY_ZONE'}
    assert code_of(route53.get_hosted_zone_limit, **missing) == 'NoSuchHostedZone'


def test_an_account_with_things_in_it_counts_them(tmp_path):
    cloud = Cloud(tmp_path).start()
    try:
        before = counted(cloud.endpoint, REGION)
        after = occupy(cloud.endpoint, REGION, vpcs=3, addresses=5, gateways=4, groups=7, buckets=2, snapshots=3)
        grown = {name: after[name] - before[name] for name in after if name != 'gatewaysPerZone'}
        assert grown['vpcs'] == 4 and grown['internetGateways'] == 3 and grown['addresses'] == 5
        assert grown['buckets'] == 2 and grown['databases'] == 1 and grown['snapshots'] == 3
        assert grown['groups'] == 7 + 4, 'each network brings its default group'
        assert after['gatewaysPerZone'] == {f'{REGION}a': 4}
        quotas = cloud.client('rds').describe_account_attributes()['AccountQuotas']
        used = {one['AccountQuotaName']: one['Used'] for one in quotas}
        assert used['DBInstances'] == 1 and used['ManualSnapshots'] == 3 and used['AllocatedStorage'] == 20
    finally:
        cloud.stop()
        shutil.rmtree(tmp_path, ignore_errors=True)


def test_values_and_requests_survive_a_restart(tmp_path):
    cloud = Cloud(tmp_path).start()
    try:
        cloud.post('/_pi/quotas', {'service': 'vpc', 'code': 'L-F678F1CE', 'value': 8})
        cloud.post('/_pi/quotas', {'holdRequests': True})
        made = cloud.client('service-quotas').request_service_quota_increase(**VPCS, DesiredValue=20)['RequestedQuota']
        cloud.stop()
        cloud.start()
        quotas = cloud.client('service-quotas')
        assert quotas.get_service_quota(**VPCS)['Quota']['Value'] == 8
        assert quotas.get_requested_service_quota_change(RequestId=made['Id'])['RequestedQuota']['DesiredValue'] == 20
    finally:
        cloud.stop()


def test_classic_load_balancers_are_asked_by_their_own_api(cloud):
    classic = cloud.client('elb')
    assert classic.describe_load_balancers()['LoadBalancerDescriptions'] == []
    assert code_of(classic.describe_load_balancers, LoadBalancerNames=['old']) == 'LoadBalancerNotFound'
    assert cloud.client('elbv2').describe_load_balancers()['LoadBalancers'] == []
