"""Small EC2 types beside the network: address and DHCP associations, egress-only gateways."""

import secrets

from ministack.services import ec2 as store

from ..registry import ResourceError, add
from ..services import ec2, element


def associate_address(logical_id, properties, stack_name):
    allocation_id = properties.get('AllocationId', '')
    address = store._addresses.get(allocation_id)
    if address is None:
        raise ResourceError(
            f"The allocation ID '{allocation_id}' does not exist (Service: Ec2, Status Code: 400, Code: InvalidAllocationID.NotFound)"
        )
    address.update(
        AssociationId=f'eipassoc-{secrets.token_hex(9)[:17]}',
        InstanceId=properties.get('InstanceId'),
        NetworkInterfaceId=properties.get('NetworkInterfaceId'),
        PrivateIpAddress=properties.get('PrivateIpAddress'),
    )
    return address['AssociationId'], {'Id': address['AssociationId']}


def dissociate_address(physical_id, properties):
    for address in store._addresses.values():
        if address.get('AssociationId') == physical_id:
            address.update(AssociationId=None, InstanceId=None, NetworkInterfaceId=None, PrivateIpAddress=None)


def associate_dhcp(logical_id, properties, stack_name):
    vpc = store._vpcs.get(properties.get('VpcId', ''))
    if vpc is None:
        raise ResourceError(
            f"The vpc ID '{properties.get('VpcId')}' does not exist (Service: Ec2, Status Code: 400, Code: InvalidVpcID.NotFound)"
        )
    vpc['DhcpOptionsId'] = properties['DhcpOptionsId']
    return f'{properties["DhcpOptionsId"]}|{properties["VpcId"]}', {}


def dissociate_dhcp(physical_id, properties):
    vpc = store._vpcs.get(properties.get('VpcId', ''))
    if vpc:
        vpc['DhcpOptionsId'] = 'dopt-00000001'


def create_dhcp(logical_id, properties, stack_name):
    names = {'DomainName': 'domain-name', 'DomainNameServers': 'domain-name-servers', 'NtpServers': 'ntp-servers'}
    query = {}
    for index, name in enumerate([one for one in names if properties.get(one)], start=1):
        values = properties[name] if isinstance(properties[name], list) else [properties[name]]
        query[f'DhcpConfiguration.{index}.Key'] = names[name]
        query.update({f'DhcpConfiguration.{index}.Value.{n}': one for n, one in enumerate(values, start=1)})
    dhcp_id = element(ec2('CreateDhcpOptions', **query), 'dhcpOptionsId')
    return dhcp_id, {'DhcpOptionsId': dhcp_id}


def register():
    add(
        'AWS::EC2::EIPAssociation',
        associate_address,
        dissociate_address,
        replaces=('AllocationId', 'EIP', 'InstanceId', 'NetworkInterfaceId', 'PrivateIpAddress'),
    )
    add(
        'AWS::EC2::DHCPOptions',
        create_dhcp,
        lambda physical_id, properties: store._dhcp_options.pop(physical_id, None),
        replaces=('DomainName', 'DomainNameServers', 'NtpServers'),
        tags=None,
    )
    add('AWS::EC2::VPCDHCPOptionsAssociation', associate_dhcp, dissociate_dhcp, replaces=('VpcId', 'DhcpOptionsId'))
