"""The network interface of an awsvpc task: an address in its subnet, visible on the task."""

import ipaddress
import secrets

from ministack.services import ec2
from ministack.services import ecs as store


def _used(subnet_id: str) -> set[str]:
    return {
        detail['value']
        for task in store._tasks.values()
        if task.get('lastStatus') != 'STOPPED'
        for attachment in task.get('attachments') or []
        for detail in attachment['details']
        if detail['name'] == 'privateIPv4Address'
    }


def address_in(subnet_id: str) -> str:
    """A free address of the subnet, past the five that AWS keeps for itself."""
    cidr = (ec2._subnets.get(subnet_id) or {}).get('CidrBlock', '10.255.0.0/16')
    network = ipaddress.ip_network(cidr, strict=False)
    used = _used(subnet_id)
    span = max(network.num_addresses - 6, 1)
    start = secrets.randbelow(span)
    for step in range(span):
        address = str(network[5 + (start + step) % span])
        if address not in used:
            return address
    return str(network[5])


def attach(task: dict, network: dict, index: int) -> None:
    """Give the task its interface in one of the request's subnets, spreading tasks over them."""
    subnets = (network.get('awsvpcConfiguration') or {}).get('subnets') or []
    if not subnets:
        return
    subnet_id = subnets[index % len(subnets)]
    address = address_in(subnet_id)
    subnet = ec2._subnets.get(subnet_id) or {}
    interface_id = f'eni-{secrets.token_hex(9)[:17]}'
    task['availabilityZone'] = subnet.get('AvailabilityZone', task.get('availabilityZone'))
    task['_security_groups'] = network['awsvpcConfiguration'].get('securityGroups') or []
    details = {
        'subnetId': subnet_id,
        'networkInterfaceId': interface_id,
        'macAddress': '0a:' + ':'.join(secrets.token_hex(1) for _ in range(5)),
        'privateDnsName': f'ip-{address.replace(".", "-")}.ec2.internal',
        'privateIPv4Address': address,
    }
    task['attachments'] = [
        {
            'id': secrets.token_hex(16),
            'type': 'ElasticNetworkInterface',
            'status': 'ATTACHED',
            'details': [{'name': name, 'value': value} for name, value in details.items()],
        }
    ]
    for container in task['containers']:
        container['networkInterfaces'] = [{'attachmentId': task['attachments'][0]['id'], 'privateIpv4Address': address}]
