"""AWS::EC2::NetworkAcl, NetworkAclEntry and SubnetNetworkAclAssociation, bound to their subnets for real."""

import secrets

from ministack.services import ec2 as store

from ..registry import ResourceError, add, truth
from ..services import ec2, element
from .ec2_address import set_tags

_DENY_ALL = 32767


def _default_acl(vpc_id: str) -> dict | None:
    return next((acl for acl in store._network_acls.values() if acl['VpcId'] == vpc_id and acl.get('IsDefault')), None)


def _association_of(subnet_id: str) -> tuple[dict, dict] | None:
    """The ACL that holds a subnet and the association; a subnet always has exactly one on AWS."""
    for acl in store._network_acls.values():
        for association in acl['Associations']:
            if association['SubnetId'] == subnet_id:
                return acl, association
    return None


def bind(subnet_id: str, acl: dict) -> str:
    """Move a subnet to ``acl`` and return the new association id."""
    for other in store._network_acls.values():
        other['Associations'] = [one for one in other['Associations'] if one['SubnetId'] != subnet_id]
    association_id = f'aclassoc-{secrets.token_hex(9)[:17]}'
    acl['Associations'].append({'NetworkAclAssociationId': association_id, 'SubnetId': subnet_id})
    return association_id


def create_acl(logical_id, properties, stack_name):
    vpc_id = properties.get('VpcId', '')
    if vpc_id not in store._vpcs:
        raise ResourceError(
            f"The vpc ID '{vpc_id}' does not exist (Service: Ec2, Status Code: 400, Code: InvalidVpcID.NotFound)"
        )
    acl_id = element(ec2('CreateNetworkAcl', VpcId=vpc_id), 'networkAclId')
    # Every network ACL ends with rows that deny what no other row allows; they can be neither changed nor removed.
    store._network_acls[acl_id]['Entries'] = [
        {'RuleNumber': _DENY_ALL, 'Protocol': '-1', 'RuleAction': 'deny', 'Egress': egress, 'CidrBlock': '0.0.0.0/0'}
        for egress in (False, True)
    ]
    set_tags(acl_id, properties)
    return acl_id, {'Id': acl_id}


def update_acl(physical_id, old, new, stack_name, logical_id):
    if physical_id not in store._network_acls:
        return create_acl(logical_id, new, stack_name)
    set_tags(physical_id, new, old)
    return physical_id, {'Id': physical_id}


def delete_acl(physical_id, properties):
    acl = store._network_acls.get(physical_id)
    if acl is None:
        return
    if acl['Associations']:
        raise ResourceError(
            f"The networkAcl '{physical_id}' has dependencies and cannot be deleted "
            '(Service: Ec2, Status Code: 400, Code: DependencyViolation)'
        )
    ec2('DeleteNetworkAcl', NetworkAclId=physical_id)
    store._tags.pop(physical_id, None)


def _entry(properties: dict) -> dict:
    entry = {
        'RuleNumber': int(properties['RuleNumber']),
        'Protocol': str(properties['Protocol']),
        'RuleAction': properties['RuleAction'],
        'Egress': truth(properties.get('Egress', False)),
    }
    for name in ('CidrBlock', 'Ipv6CidrBlock'):
        if properties.get(name):
            entry[name] = properties[name]
    ports = properties.get('PortRange')
    if ports:
        entry['PortRange'] = {'From': int(ports['From']), 'To': int(ports['To'])}
    if properties.get('Icmp'):
        entry['Icmp'] = {
            'Type': int(properties['Icmp'].get('Type', -1)),
            'Code': int(properties['Icmp'].get('Code', -1)),
        }
    return entry


def _same_row(entry: dict, number: int, egress: bool) -> bool:
    return entry['RuleNumber'] == number and entry['Egress'] == egress


def _put_entry(properties: dict, replace: bool) -> str:
    acl = store._network_acls.get(properties.get('NetworkAclId', ''))
    if acl is None:
        raise ResourceError(
            f"The networkAcl ID '{properties.get('NetworkAclId')}' does not exist "
            '(Service: Ec2, Status Code: 400, Code: InvalidNetworkAclID.NotFound)'
        )
    entry = _entry(properties)
    if not 1 <= entry['RuleNumber'] < _DENY_ALL:
        raise ResourceError(
            f'Value ({entry["RuleNumber"]}) for parameter ruleNumber is invalid. Rule numbers are 1 to 32766 '
            '(Service: Ec2, Status Code: 400, Code: InvalidParameterValue)'
        )
    taken = any(_same_row(row, entry['RuleNumber'], entry['Egress']) for row in acl['Entries'])
    if taken and not replace:
        raise ResourceError(
            f'The network acl entry identified by {entry["RuleNumber"]} already exists. '
            '(Service: Ec2, Status Code: 400, Code: NetworkAclEntryAlreadyExists)'
        )
    rows = [row for row in acl['Entries'] if not _same_row(row, entry['RuleNumber'], entry['Egress'])]
    acl['Entries'] = sorted([*rows, entry], key=lambda row: (row['Egress'], row['RuleNumber']))
    return f'{acl["NetworkAclId"]}|{entry["RuleNumber"]}|{str(entry["Egress"]).lower()}'


def create_entry(logical_id, properties, stack_name):
    physical_id = _put_entry(properties, replace=False)
    return physical_id, {'Id': physical_id}


def update_entry(physical_id, old, new, stack_name, logical_id):
    physical_id = _put_entry(new, replace=True)
    return physical_id, {'Id': physical_id}


def delete_entry(physical_id, properties):
    acl_id, number, egress = physical_id.split('|')
    acl = store._network_acls.get(acl_id)
    if acl:
        acl['Entries'] = [row for row in acl['Entries'] if not _same_row(row, int(number), egress == 'true')]


def create_association(logical_id, properties, stack_name):
    acl = store._network_acls.get(properties.get('NetworkAclId', ''))
    subnet_id = properties.get('SubnetId', '')
    if acl is None or subnet_id not in store._subnets:
        raise ResourceError(
            f'The network ACL or the subnet {subnet_id} does not exist (Service: Ec2, Status Code: 400)'
        )
    association_id = bind(subnet_id, acl)
    return association_id, {'AssociationId': association_id}


def delete_association(physical_id, properties):
    """The subnet falls back to its VPC's default ACL; an association that is no longer ours is left alone."""
    subnet_id = properties.get('SubnetId', '')
    found = _association_of(subnet_id)
    if not found or found[1]['NetworkAclAssociationId'] != physical_id:
        return
    default = _default_acl(found[0]['VpcId'])
    if default is not None and subnet_id in store._subnets:
        bind(subnet_id, default)
    else:
        found[0]['Associations'].remove(found[1])


def replace_association(query):
    """ReplaceNetworkAclAssociation; ministack's own forgets the subnet."""
    wanted, acl_id = store._p(query, 'AssociationId'), store._p(query, 'NetworkAclId')
    if acl_id not in store._network_acls:
        return store._error('InvalidNetworkAclID.NotFound', f"The networkAcl ID '{acl_id}' does not exist", 400)
    for acl in store._network_acls.values():
        for association in acl['Associations']:
            if association['NetworkAclAssociationId'] == wanted:
                new_id = bind(association['SubnetId'], store._network_acls[acl_id])
                return store._xml(
                    200, 'ReplaceNetworkAclAssociationResponse', f'<newAssociationId>{new_id}</newAssociationId>'
                )
    return store._error('InvalidAssociationID.NotFound', f"The association ID '{wanted}' does not exist", 400)


def entry_xml(entry: dict) -> str:
    """One row of DescribeNetworkAcls, with the ports that ministack leaves out."""
    address = 'cidrBlock' if entry.get('CidrBlock') else 'ipv6CidrBlock'
    ports = entry.get('PortRange')
    icmp = entry.get('Icmp')
    return (
        f'<item><ruleNumber>{entry["RuleNumber"]}</ruleNumber><protocol>{entry["Protocol"]}</protocol>'
        f'<ruleAction>{entry["RuleAction"]}</ruleAction><egress>{str(entry["Egress"]).lower()}</egress>'
        f'<{address}>{entry.get("CidrBlock") or entry.get("Ipv6CidrBlock", "")}</{address}>'
        + (f'<portRange><from>{ports["From"]}</from><to>{ports["To"]}</to></portRange>' if ports else '')
        + (f'<icmpTypeCode><type>{icmp["Type"]}</type><code>{icmp["Code"]}</code></icmpTypeCode>' if icmp else '')
        + '</item>'
    )


def _settle_subnets() -> None:
    """Associate every subnet that no ACL holds with its VPC's default one, as EC2 does when a subnet is made."""
    held = {one['SubnetId'] for acl in store._network_acls.values() for one in acl['Associations']}
    for acl in store._network_acls.values():
        acl['Associations'] = [one for one in acl['Associations'] if one['SubnetId'] in store._subnets]
    for subnet_id, subnet in store._subnets.items():
        default = _default_acl(subnet['VpcId'])
        if subnet_id not in held and default is not None:
            bind(subnet_id, default)


def register():
    add('AWS::EC2::NetworkAcl', create_acl, delete_acl, update_acl, replaces=('VpcId',), tags=('Tags', 'list'))
    add(
        'AWS::EC2::NetworkAclEntry',
        create_entry,
        delete_entry,
        update_entry,
        replaces=('NetworkAclId', 'RuleNumber', 'Egress'),
    )
    add(
        'AWS::EC2::SubnetNetworkAclAssociation',
        create_association,
        delete_association,
        replaces=('NetworkAclId', 'SubnetId'),
    )
    store._network_acl_entry_xml = entry_xml
    store._ACTION_MAP['ReplaceNetworkAclAssociation'] = replace_association
    describe = store._ACTION_MAP['DescribeNetworkAcls']

    def describe_acls(query):
        _settle_subnets()
        filters = store._parse_filters(query)
        subnets = filters.get('association.subnet-id')
        if subnets:
            ids = {
                acl['NetworkAclId']
                for acl in store._network_acls.values()
                if any(one['SubnetId'] in subnets for one in acl['Associations'])
            }
            query = {**query, **{f'NetworkAclId.{n}': [one] for n, one in enumerate(sorted(ids) or ['none'], start=1)}}
        return describe(query)

    store._ACTION_MAP['DescribeNetworkAcls'] = describe_acls
