"""DescribeNetworkInterfaces with the interfaces that services keep: load balancers, mount targets, functions, tasks,
databases and NAT gateways. They are derived from those records, so they come and go with them.
"""

import hashlib
import ipaddress

from ministack.core.responses import get_account_id
from ministack.services import alb, ecs, efs, lambda_svc, rds
from ministack.services import ec2 as store


def _interface(
    kind: str, description: str, subnet_id: str, groups, key: str, address: str = '', eni_id: str = '', **more
) -> dict:
    digest = hashlib.sha256(f'{kind}|{key}|{subnet_id}'.encode()).hexdigest()
    subnet = store._subnets.get(subnet_id) or {}
    network = ipaddress.ip_network(subnet.get('CidrBlock', '10.255.0.0/16'), strict=False)
    made_up = str(network[5 + int(digest[:6], 16) % max(network.num_addresses - 6, 1)])
    return {
        'NetworkInterfaceId': eni_id or f'eni-{digest[:17]}',
        'SubnetId': subnet_id,
        'VpcId': subnet.get('VpcId', ''),
        'AvailabilityZone': subnet.get('AvailabilityZone', ''),
        'Description': description,
        'OwnerId': get_account_id(),
        'Status': 'in-use',
        'PrivateIpAddress': address or made_up,
        'InterfaceType': more.get('interface_type', 'interface'),
        'RequesterManaged': True,
        'SourceDestCheck': True,
        'MacAddress': '0a:' + ':'.join(digest[index : index + 2] for index in range(0, 10, 2)),
        'Groups': [
            {'GroupId': one, 'GroupName': (store._security_groups.get(one) or {}).get('GroupName', one)}
            for one in groups or []
        ],
        'Attachment': {
            'AttachmentId': f'eni-attach-{digest[17:34]}',
            'Status': 'attached',
            'DeviceIndex': 1,
            'AttachTime': '2026-01-01T00:00:00.000Z',
        },
    }


def _load_balancers():
    for arn, balancer in alb._lbs.items():
        name = arn.split(':loadbalancer/', 1)[-1]
        for subnet_id in balancer.get('Subnets') or []:
            yield _interface('elb', f'ELB {name}', subnet_id, balancer.get('SecurityGroups'), arn)


def _mount_targets():
    for target in efs._mount_targets.values():
        yield _interface(
            'efs',
            f'EFS mount target for {target["FileSystemId"]} ({target["MountTargetId"]})',
            target['SubnetId'],
            target.get('SecurityGroups') or target.get('_SecurityGroups'),
            target['MountTargetId'],
            target.get('IpAddress', ''),
            target.get('NetworkInterfaceId', ''),
        )


def _functions():
    for name, function in lambda_svc._functions.items():
        vpc = function['config'].get('VpcConfig') or {}
        for subnet_id in vpc.get('SubnetIds') or []:
            yield _interface(
                'lambda',
                f'AWS Lambda VPC ENI-{name}',
                subnet_id,
                vpc.get('SecurityGroupIds'),
                name,
                interface_type='lambda',
            )


def _tasks():
    for task in ecs._tasks.values():
        if task.get('lastStatus') == 'STOPPED':
            continue
        for attachment in task.get('attachments') or []:
            detail = {one['name']: one['value'] for one in attachment['details']}
            yield _interface(
                'ecs',
                f'arn:aws:ecs:attachment/{attachment["id"]}',
                detail.get('subnetId', ''),
                task.get('_security_groups'),
                task['taskArn'],
                detail.get('privateIPv4Address', ''),
                detail.get('networkInterfaceId', ''),
            )


def _databases():
    for name, instance in rds._instances.items():
        subnets = (instance.get('DBSubnetGroup') or {}).get('Subnets') or []
        groups = [one['VpcSecurityGroupId'] for one in instance.get('VpcSecurityGroups') or []]
        for subnet in subnets[: 2 if instance.get('MultiAZ') else 1]:
            yield _interface('rds', 'RDSNetworkInterface', subnet.get('SubnetIdentifier', ''), groups, name)


def _gateways():
    for nat in store._nat_gateways.values():
        if nat['State'] == 'available':
            yield _interface(
                'nat',
                f'Interface for NAT Gateway {nat["NatGatewayId"]}',
                nat['SubnetId'],
                [],
                nat['NatGatewayId'],
                nat.get('PrivateIp', ''),
                nat.get('EniId', ''),
                interface_type='nat_gateway',
            )


def interfaces() -> list[dict]:
    """Every interface of the account and region: those made by hand and those that services keep."""
    found = list(store._network_interfaces.values())
    for source in (_load_balancers, _mount_targets, _functions, _tasks, _databases, _gateways):
        found.extend(source())
    return found


def _matches(one: dict, filters: dict) -> bool:
    groups = [group['GroupId'] for group in one['Groups']]
    values = {
        'group-id': groups,
        'subnet-id': [one['SubnetId']],
        'vpc-id': [one['VpcId']],
        'status': [one['Status']],
        'description': [one['Description']],
        'private-ip-address': [one['PrivateIpAddress']],
        'network-interface-id': [one['NetworkInterfaceId']],
        'interface-type': [one['InterfaceType']],
        'availability-zone': [one['AvailabilityZone']],
    }
    return all(
        any(store._filter_value_matches(actual, wanted) for actual in values[name])
        for name, wanted in filters.items()
        if name in values
    )


def describe(query):
    wanted = store._parse_member_list(query, 'NetworkInterfaceId')
    filters = store._parse_filters(query)
    chosen = [
        one for one in interfaces() if (not wanted or one['NetworkInterfaceId'] in wanted) and _matches(one, filters)
    ]
    return store._xml(
        200,
        'DescribeNetworkInterfacesResponse',
        f'<networkInterfaceSet>{"".join(map(store._eni_fields_xml, chosen))}</networkInterfaceSet>',
    )


def install() -> None:
    store._ACTION_MAP['DescribeNetworkInterfaces'] = describe
