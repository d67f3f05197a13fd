"""The calls by which services tell their own limits: they answer from the account's quotas, denied or not."""

import json
import re

from ministack.services import alb, autoscaling, ec2, iam, lambda_svc, rds, route53
from ministack.services.cloudformation import handlers as cloudformation
from ministack.services.cloudformation import helpers as cloudformation_xml

from ..patching import replace
from .quotas import whole

_ROUTE53_LIMIT = re.compile(r'^/2013-04-01/(accountlimit|hostedzonelimit)/(.+)$')


def install() -> None:
    cloudformation._ACTION_HANDLERS['DescribeAccountLimits'] = _of_stacks
    alb._ACTION_MAP['DescribeAccountLimits'] = _of_balancers
    autoscaling._ACTION_MAP['DescribeAccountLimits'] = _of_groups
    rds._ACTION_MAP['DescribeAccountAttributes'] = _of_databases
    ec2._ACTION_MAP['DescribeAccountAttributes'] = _of_ec2
    _wrap_functions()
    _wrap_summary()
    _wrap_route53()


def _elements(rows: dict, outer: str) -> str:
    """Pairs of name and value in the elements of a service's own spelling."""
    name, value = outer.split('/')
    return ''.join(f'<member><{name}>{one}</{name}><{value}>{rows[one]}</{value}></member>' for one in rows)


def _of_stacks(parameters):
    rows = {
        'StackLimit': whole('cloudformation', 'L-0485CB21'),
        'StackOutputsLimit': 200,
        'ConcurrentResourcesLimit': 2500,
    }
    inner = f'<AccountLimits>{_elements(rows, "Name/Value")}</AccountLimits>'
    return cloudformation_xml._xml(
        200, 'DescribeAccountLimitsResponse', f'<DescribeAccountLimitsResult>{inner}</DescribeAccountLimitsResult>'
    )


def _of_balancers(parameters):
    rows = {
        'application-load-balancers': whole('elasticloadbalancing', 'L-53DA6B97'),
        'target-groups': whole('elasticloadbalancing', 'L-B22855CB'),
        'listeners-per-application-load-balancer': whole('elasticloadbalancing', 'L-B6DF7632'),
        'rules-per-application-load-balancer': whole('elasticloadbalancing', 'L-7EED9B64'),
        'certificates-per-application-load-balancer': whole('elasticloadbalancing', 'L-9365A611'),
        'targets-per-application-load-balancer': 1000,
    }
    return alb._xml(200, 'DescribeAccountLimits', f'<Limits>{_elements(rows, "Name/Max")}</Limits>')


def _of_groups(parameters):
    inner = (
        f'<MaxNumberOfAutoScalingGroups>{whole("autoscaling", "L-CDE20ADC")}</MaxNumberOfAutoScalingGroups>'
        '<MaxNumberOfLaunchConfigurations>200</MaxNumberOfLaunchConfigurations>'
        f'<NumberOfAutoScalingGroups>{len(list(autoscaling._asgs.keys()))}</NumberOfAutoScalingGroups>'
        f'<NumberOfLaunchConfigurations>{len(list(autoscaling._launch_configs.keys()))}</NumberOfLaunchConfigurations>'
    )
    return autoscaling._xml(
        200, 'DescribeAccountLimitsResponse', f'<DescribeAccountLimitsResult>{inner}</DescribeAccountLimitsResult>'
    )


def _of_databases(parameters):
    manual = [one for one in rds._snapshots.values() if one.get('SnapshotType') == 'manual']
    storage = sum(int(one.get('AllocatedStorage') or 0) for one in rds._instances.values())
    rows = (
        ('DBInstances', len(list(rds._instances.keys())), whole('rds', 'L-7B6409FD')),
        ('AllocatedStorage', storage, whole('rds', 'L-7ADDB58A')),
        ('ManualSnapshots', len(manual), whole('rds', 'L-272F1212')),
        ('DBSubnetGroups', len(list(rds._subnet_groups.keys())), whole('rds', 'L-48C6BF61')),
        ('DBParameterGroups', len(list(rds._param_groups.keys())), whole('rds', 'L-DE55804A')),
    )
    quotas = ''.join(
        f'<AccountQuota><AccountQuotaName>{name}</AccountQuotaName><Used>{used}</Used><Max>{most}</Max></AccountQuota>'
        for name, used, most in rows
    )
    inner = f'<AccountQuotas>{quotas}</AccountQuotas>'
    return rds._xml(
        200,
        'DescribeAccountAttributesResponse',
        f'<DescribeAccountAttributesResult>{inner}</DescribeAccountAttributesResult>',
    )


def _of_ec2(parameters):
    default = next((one['VpcId'] for one in ec2._vpcs.values() if one.get('IsDefault')), 'none')
    rows = {
        'supported-platforms': 'VPC',
        'default-vpc': default,
        'vpc-max-elastic-ips': whole('ec2', 'L-0263D0A3'),
        'max-elastic-ips': whole('ec2', 'L-0263D0A3'),
        'vpc-max-security-groups-per-interface': whole('vpc', 'L-2AFB9258'),
        'max-instances': 20,
    }
    wanted = [one for key in sorted(parameters) if key.startswith('AttributeName.') for one in parameters[key]]
    items = ''.join(
        f'<item><attributeName>{name}</attributeName><attributeValueSet><item><attributeValue>{value}</attributeValue>'
        '</item></attributeValueSet></item>'
        for name, value in rows.items()
        if not wanted or name in wanted
    )
    return ec2._xml(200, 'DescribeAccountAttributesResponse', f'<accountAttributeSet>{items}</accountAttributeSet>')


def _wrap_functions() -> None:
    """ministack tells how many functions this machine can run at once; an account tells its quota."""
    settings = lambda_svc._get_account_settings

    def answered():
        status, headers, body = settings()
        found = json.loads(body)
        reserved = sum(int(one.get('concurrency') or 0) for one in lambda_svc._functions.values())
        limit = whole('lambda', 'L-B99A9384')
        found['AccountLimit'].update(
            ConcurrentExecutions=limit, UnreservedConcurrentExecutions=max(limit - reserved, 0)
        )
        return status, headers, json.dumps(found).encode()

    replace(lambda_svc, '_get_account_settings', answered)


def _wrap_summary() -> None:
    summary = iam._get_account_summary

    def answered(parameters):
        status, headers, body = summary(parameters)
        rows = {
            'RolesQuota': whole('iam', 'L-FE177D64'),
            'AttachedPoliciesPerRoleQuota': whole('iam', 'L-0DA4ABF3'),
            'InstanceProfiles': len(list(iam._instance_profiles.keys())),
            'InstanceProfilesQuota': whole('iam', 'L-6E65F664'),
        }
        text = body.decode()
        for name, value in rows.items():
            text = re.sub(rf'<entry><key>{name}</key><value>[^<]*</value></entry>', '', text)
            text = text.replace('</SummaryMap>', f'<entry><key>{name}</key><value>{value}</value></entry></SummaryMap>')
        return status, headers, text.encode()

    replace(iam, '_get_account_summary', answered)


def _wrap_route53() -> None:
    handle = route53.handle_request

    async def handle_request(method, path, headers, body, query_params):
        found = _ROUTE53_LIMIT.match(path)
        if method != 'GET' or found is None:
            return await handle(method, path, headers, body, query_params)
        return _of_zones(found.group(2)) if found.group(1) == 'accountlimit' else _of_zone(*found.group(2).split('/'))

    route53.handle_request = handle_request


def _limit(root: str, kind: str, value: int, count: int) -> tuple:
    def fill(element):
        limit = route53.SubElement(element, 'Limit')
        route53.SubElement(limit, 'Type').text = kind
        route53.SubElement(limit, 'Value').text = str(value)
        route53.SubElement(element, 'Count').text = str(count)

    return route53._xml_response(root, fill)


def _of_zones(kind: str) -> tuple:
    if kind != 'MAX_HOSTED_ZONES_BY_OWNER':
        return route53._error_response('InvalidInput', f'No such limit here: {kind}')
    count = len(list(route53._zones.keys()))
    return _limit('GetAccountLimitResponse', kind, whole('route53', 'L-4EA4796A'), count)


def _of_zone(zone_id: str, kind: str = '') -> tuple:
    if zone_id not in route53._zones:
        return route53._error_response('NoSuchHostedZone', f'No hosted zone found with ID: {zone_id}', 404)
    if kind != 'MAX_RRSETS_BY_ZONE':
        return route53._error_response('InvalidInput', f'No such limit here: {kind}')
    count = len(route53._records.get(zone_id) or [])
    return _limit('GetHostedZoneLimitResponse', kind, whole('route53', 'L-E209CC9F'), count)
