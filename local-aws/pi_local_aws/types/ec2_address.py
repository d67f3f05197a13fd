"""AWS::EC2::EIP and AWS::EC2::NatGateway, and what DescribeAddresses and DescribeNatGateways tell about both."""

import secrets
from html import escape

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2 as store

from ..registry import ResourceError, add, tag_list
from ..services import ec2, element


def _eip_attributes(allocation_id: str) -> dict:
    address = store._addresses[allocation_id]
    return {'AllocationId': allocation_id, 'PublicIp': address['PublicIp']}


def create_eip(logical_id, properties, stack_name):
    answer = ec2('AllocateAddress', Domain=properties.get('Domain', 'vpc'))
    allocation_id = element(answer, 'allocationId')
    set_tags(allocation_id, properties)
    if properties.get('InstanceId'):
        ec2('AssociateAddress', AllocationId=allocation_id, InstanceId=properties['InstanceId'])
    # Ref is the public address; the allocation id is an attribute.
    return _eip_attributes(allocation_id)['PublicIp'], _eip_attributes(allocation_id)


def _allocation_of(public_ip: str) -> str | None:
    return next((key for key, value in store._addresses.items() if value['PublicIp'] == public_ip), None)


def update_eip(physical_id, old, new, stack_name, logical_id):
    allocation_id = _allocation_of(physical_id)
    if allocation_id is None:
        return create_eip(logical_id, new, stack_name)
    set_tags(allocation_id, new, old)
    return physical_id, _eip_attributes(allocation_id)


def delete_eip(physical_id, properties):
    allocation_id = _allocation_of(physical_id)
    if allocation_id is None:
        return
    if store._addresses[allocation_id].get('AssociationId'):
        raise ResourceError(
            f'The address with allocation id [{allocation_id}] cannot be released because it is in use '
            '(Service: Ec2, Status Code: 400, Code: InvalidIPAddress.InUse)'
        )
    ec2('ReleaseAddress', AllocationId=allocation_id)


def create_nat(logical_id, properties, stack_name):
    subnet_id = properties.get('SubnetId', '')
    allocation_id = properties.get('AllocationId')
    public = properties.get('ConnectivityType', 'public') == 'public'
    if subnet_id not in store._subnets:
        raise ResourceError(
            f"The subnet ID '{subnet_id}' does not exist (Service: Ec2, Status Code: 400, Code: InvalidSubnetID.NotFound)"
        )
    if public and allocation_id not in store._addresses:
        raise ResourceError(
            f'Elastic IP address [{allocation_id}] could not be found (Service: Ec2, Status Code: 400, Code: InvalidAllocationID.NotFound)'
        )
    if public and store._addresses[allocation_id].get('AssociationId'):
        raise ResourceError(
            f'Elastic IP address [{allocation_id}] is already associated (Service: Ec2, Status Code: 400, Code: Resource.AlreadyAssociated)'
        )
    answer = ec2(
        'CreateNatGateway',
        SubnetId=subnet_id,
        AllocationId=allocation_id,
        ConnectivityType=properties.get('ConnectivityType'),
    )
    nat_id = element(answer, 'natGatewayId')
    connect_nat(nat_id, properties)
    set_tags(nat_id, properties)
    return nat_id, {'NatGatewayId': nat_id, 'EniId': store._nat_gateways[nat_id]['EniId']}


def connect_nat(nat_id: str, properties: dict) -> None:
    """Give the gateway its network interface and bind the elastic address to it, as EC2 does."""
    nat = store._nat_gateways[nat_id]
    subnet = store._subnets[nat['SubnetId']]
    prefix = subnet['CidrBlock'].rsplit('.', 1)[0]
    nat['EniId'] = f'eni-{secrets.token_hex(9)[:17]}'
    nat['PrivateIp'] = properties.get('PrivateIpAddress') or f'{prefix}.{4 + secrets.randbelow(240)}'
    if nat.get('AllocationId'):
        address = store._addresses[nat['AllocationId']]
        address['AssociationId'] = f'eipassoc-{secrets.token_hex(9)[:17]}'
        address['NetworkInterfaceId'] = nat['EniId']
        address['PrivateIpAddress'] = nat['PrivateIp']


def update_nat(physical_id, old, new, stack_name, logical_id):
    nat = store._nat_gateways.get(physical_id)
    if nat is None or nat['State'] == 'deleted':
        return create_nat(logical_id, new, stack_name)
    set_tags(physical_id, new, old)
    return physical_id, {'NatGatewayId': physical_id, 'EniId': nat.get('EniId', '')}


def delete_nat(physical_id, properties):
    nat = store._nat_gateways.get(physical_id)
    if nat is None or nat['State'] == 'deleted':
        return
    ec2('DeleteNatGateway', NatGatewayId=physical_id)
    address = store._addresses.get(nat.get('AllocationId') or '')
    if address:
        address.update(AssociationId=None, NetworkInterfaceId=None, PrivateIpAddress=None)


def set_tags(resource_id: str, properties: dict, old: dict | None = None) -> None:
    """The template's tags into EC2's tag store; tags that came from elsewhere stay."""
    dropped = {tag['Key'] for tag in tag_list(old or {})} | {tag['Key'] for tag in tag_list(properties)}
    kept = [tag for tag in store._tags.get(resource_id) or [] if tag['Key'] not in dropped]
    store._tags[resource_id] = kept + tag_list(properties)


def _nat_xml(nat: dict) -> str:
    address = store._addresses.get(nat.get('AllocationId') or '') or {}
    public = ''
    if nat.get('AllocationId'):
        public = (
            f'<allocationId>{nat["AllocationId"]}</allocationId><publicIp>{address.get("PublicIp", "")}</publicIp>'
            f'<associationId>{address.get("AssociationId") or ""}</associationId>'
        )
    return f"""<item><natGatewayId>{nat['NatGatewayId']}</natGatewayId><subnetId>{nat['SubnetId']}</subnetId>
        <vpcId>{nat['VpcId']}</vpcId><state>{nat['State']}</state>
        <connectivityType>{nat['ConnectivityType']}</connectivityType><createTime>{nat['CreateTime']}</createTime>
        <natGatewayAddressSet><item>{public}<networkInterfaceId>{nat.get('EniId', '')}</networkInterfaceId>
        <privateIp>{nat.get('PrivateIp', '')}</privateIp><isPrimary>true</isPrimary><status>succeeded</status></item>
        </natGatewayAddressSet>{store._tag_set_xml(nat['NatGatewayId'])}</item>"""


def describe_nats(query):
    wanted = set(store._parse_member_list(query, 'NatGatewayId'))
    filters = store._parse_filters(query)
    fields = {'state': 'State', 'vpc-id': 'VpcId', 'subnet-id': 'SubnetId', 'nat-gateway-id': 'NatGatewayId'}
    chosen = [
        nat
        for nat in store._nat_gateways.values()
        if (not wanted or nat['NatGatewayId'] in wanted)
        and store._resource_matches_tag_filters(nat['NatGatewayId'], filters)
        and all(nat[field] in filters[name] for name, field in fields.items() if filters.get(name))
    ]
    missing = wanted - {nat['NatGatewayId'] for nat in store._nat_gateways.values()}
    if missing:
        return store._error('NatGatewayNotFound', f'NAT gateway {sorted(missing)[0]} was not found', 400)
    return store._xml(
        200, 'DescribeNatGatewaysResponse', f'<natGatewaySet>{"".join(map(_nat_xml, chosen))}</natGatewaySet>'
    )


def _address_xml(address: dict) -> str:
    optional = {
        'associationId': address.get('AssociationId'),
        'instanceId': address.get('InstanceId'),
        'networkInterfaceId': address.get('NetworkInterfaceId'),
        'privateIpAddress': address.get('PrivateIpAddress'),
    }
    extra = ''.join(f'<{name}>{escape(value)}</{name}>' for name, value in optional.items() if value)
    return f"""<item><allocationId>{address['AllocationId']}</allocationId><publicIp>{address['PublicIp']}</publicIp>
        <domain>{address['Domain']}</domain><networkBorderGroup>{get_region()}</networkBorderGroup>
        <publicIpv4Pool>amazon</publicIpv4Pool><networkInterfaceOwnerId>{get_account_id()}</networkInterfaceOwnerId>
        {extra}{store._tag_set_xml(address['AllocationId'])}</item>"""


def describe_addresses(query):
    wanted = set(store._parse_member_list(query, 'AllocationId'))
    addresses = set(store._parse_member_list(query, 'PublicIp'))
    filters = store._parse_filters(query)
    fields = {
        'allocation-id': 'AllocationId',
        'public-ip': 'PublicIp',
        'domain': 'Domain',
        'association-id': 'AssociationId',
        'network-interface-id': 'NetworkInterfaceId',
    }
    chosen = [
        address
        for address in store._addresses.values()
        if (not wanted or address['AllocationId'] in wanted)
        and (not addresses or address['PublicIp'] in addresses)
        and store._resource_matches_tag_filters(address['AllocationId'], filters)
        and all((address.get(field) or '') in filters[name] for name, field in fields.items() if filters.get(name))
    ]
    return store._xml(
        200, 'DescribeAddressesResponse', f'<addressesSet>{"".join(map(_address_xml, chosen))}</addressesSet>'
    )


def register():
    add(
        'AWS::EC2::EIP',
        create_eip,
        delete_eip,
        update_eip,
        replaces=('Domain', 'NetworkBorderGroup', 'TransferAddress', 'IpamPoolId', 'Address'),
        tags=('Tags', 'list'),
    )
    add(
        'AWS::EC2::NatGateway',
        create_nat,
        delete_nat,
        update_nat,
        replaces=('SubnetId', 'AllocationId', 'ConnectivityType', 'PrivateIpAddress', 'VpcId'),
        tags=('Tags', 'list'),
    )
    # ministack answers both without the addresses, their association and their interfaces.
    store._ACTION_MAP['DescribeNatGateways'] = describe_nats
    store._ACTION_MAP['DescribeAddresses'] = describe_addresses
