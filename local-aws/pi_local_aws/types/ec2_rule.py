"""AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress: rules that stand beside their group."""

from ministack.core.responses import get_account_id
from ministack.services import ec2 as store
from ministack.services.cloudformation import provisioners

from ..registry import ResourceError, add


def _comparable(rule: dict) -> dict:
    """What tells rules apart: neither descriptions nor whose account a group of our own is in (EC2 API reference)."""
    bare = {name: one for name, one in rule.items() if name not in ('SecurityGroupRuleId', 'Description')}
    for name in ('IpRanges', 'Ipv6Ranges', 'PrefixListIds', 'UserIdGroupPairs'):
        bare[name] = [
            {key: one for key, one in entry.items() if key != 'Description' and (key, one) != ('UserId', get_account_id())}
            for entry in rule.get(name, [])
        ]
    return bare


def _store_key(egress: bool) -> str:
    return 'IpPermissionsEgress' if egress else 'IpPermissions'


def rule_of(properties: dict) -> dict:
    """The rule as EC2 keeps it with its group."""
    return provisioners._ec2_sg_permissions([properties])[0]


def _create(egress: bool):
    def create(logical_id, properties, stack_name):
        group_id = properties.get('GroupId', '')
        group = store._security_groups.get(group_id)
        if group is None:
            raise ResourceError(
                f"The security group '{group_id}' does not exist (Service: Ec2, Status Code: 400, Code: InvalidGroup.NotFound)"
            )
        rule = rule_of(properties)
        rules = group.setdefault(_store_key(egress), [])
        if any(store._rules_match(rule, existing) for existing in rules):
            raise ResourceError(
                'the specified rule already exists (Service: Ec2, Status Code: 400, Code: InvalidPermission.Duplicate)'
            )
        rules.append(rule)
        rule_id = store._sg_rule_id(group_id, egress, rule)
        return rule_id, {'Id': rule_id}

    return create


def _delete(egress: bool):
    def delete(physical_id, properties):
        group = store._security_groups.get(properties.get('GroupId', ''))
        if group:
            rule, key = rule_of(properties), _store_key(egress)
            group[key] = [existing for existing in group.get(key, []) if not store._rules_match(rule, existing)]

    return delete


def _update(egress: bool):
    def update(physical_id, old, new, stack_name, logical_id):
        """Only the description changes in place; everything else replaces the rule."""
        _delete(egress)(physical_id, old)
        return _create(egress)(logical_id, new, stack_name)[0], {'Id': physical_id}

    return update


_IDENTITY = ('CidrIp', 'CidrIpv6', 'FromPort', 'ToPort', 'GroupId', 'GroupName', 'IpProtocol')


def register():
    # ministack forgets the descriptions of groups and prefix lists.
    store._strip_descriptions = _comparable
    add(
        'AWS::EC2::SecurityGroupIngress',
        _create(False),
        _delete(False),
        _update(False),
        replaces=(
            *_IDENTITY,
            'SourcePrefixListId',
            'SourceSecurityGroupId',
            'SourceSecurityGroupName',
            'SourceSecurityGroupOwnerId',
        ),
    )
    add(
        'AWS::EC2::SecurityGroupEgress',
        _create(True),
        _delete(True),
        _update(True),
        replaces=(*_IDENTITY, 'DestinationPrefixListId', 'DestinationSecurityGroupId'),
    )
