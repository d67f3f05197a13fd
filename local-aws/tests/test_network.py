"""Addresses, gateways, ACLs, rules and flow logs: made by a stack, seen by EC2, changed, removed."""

import pytest
from conftest import REGION, att, network, ref


def nat(cloud):
    return cloud.client('ec2').describe_nat_gateways()['NatGateways']


def test_nat_gateway_shows_its_address_and_releases_it(cloud):
    resources = {
        **network(),
        'Address': {
            'Type': 'AWS::EC2::EIP',
            'Properties': {'Domain': 'vpc', 'Tags': [{'Key': 'Name', 'Value': 'one'}]},
        },
        'Nat': {
            'Type': 'AWS::EC2::NatGateway',
            'Properties': {'SubnetId': ref('SubnetA'), 'AllocationId': att('Address', 'AllocationId')},
        },
    }
    outputs = cloud.deploy(
        'nat',
        resources,
        {
            'Ip': ref('Address'),
            'Allocation': att('Address', 'AllocationId'),
            'Public': att('Address', 'PublicIp'),
            'Nat': att('Nat', 'NatGatewayId'),
            'Ref': ref('Nat'),
            'Cidr': att('Vpc', 'CidrBlock'),
            'DefaultGroup': att('Vpc', 'DefaultSecurityGroup'),
        },
    )
    assert outputs['Ip'] == outputs['Public'] and outputs['Nat'] == outputs['Ref'] and outputs['Cidr'] == '10.20.0.0/16'
    assert outputs['DefaultGroup'].startswith('sg-')
    gateway = cloud.client('ec2').describe_nat_gateways(NatGatewayIds=[outputs['Nat']])['NatGateways'][0]
    assert gateway['NatGatewayAddresses'][0]['PublicIp'] == outputs['Ip']
    address = cloud.client('ec2').describe_addresses(AllocationIds=[outputs['Allocation']])['Addresses'][0]
    assert address['NetworkInterfaceId'] == gateway['NatGatewayAddresses'][0]['NetworkInterfaceId']
    assert {tag['Key']: tag['Value'] for tag in address['Tags']}['Name'] == 'one'

    resources['Address']['Properties']['Tags'][0]['Value'] = 'two'
    changed = cloud.deploy('nat', resources, {'Allocation': att('Address', 'AllocationId')})
    assert changed['Allocation'] == outputs['Allocation'], 'a tag changes in place'
    assert cloud.delete('nat') == 'DELETE_COMPLETE'
    assert outputs['Allocation'] not in [
        one['AllocationId'] for one in cloud.client('ec2').describe_addresses()['Addresses']
    ]
    assert [one['State'] for one in nat(cloud) if one['NatGatewayId'] == outputs['Nat']] == ['deleted']


def test_a_second_gateway_on_one_address_is_refused(cloud):
    resources = {
        **network(),
        'Address': {'Type': 'AWS::EC2::EIP', 'Properties': {}},
        'One': {
            'Type': 'AWS::EC2::NatGateway',
            'Properties': {'SubnetId': ref('SubnetA'), 'AllocationId': att('Address', 'AllocationId')},
        },
        'Two': {
            'Type': 'AWS::EC2::NatGateway',
            'DependsOn': 'One',
            'Properties': {'SubnetId': ref('SubnetB'), 'AllocationId': att('Address', 'AllocationId')},
        },
    }
    cloud.deploy('twonat', resources, expect='ROLLBACK_COMPLETE')
    assert any('already associated' in reason for _, _, reason in cloud.failures('twonat'))


def acl_resources():
    return {
        **network(),
        'Acl': {'Type': 'AWS::EC2::NetworkAcl', 'Properties': {'VpcId': ref('Vpc')}},
        'In': {
            'Type': 'AWS::EC2::NetworkAclEntry',
            'Properties': {
                'NetworkAclId': ref('Acl'),
                'RuleNumber': 100,
                'Protocol': 6,
                'RuleAction': 'allow',
                'Egress': False,
                'CidrBlock': '0.0.0.0/0',
                'PortRange': {'From': 443, 'To': 443},
            },
        },
        'Bind': {
            'Type': 'AWS::EC2::SubnetNetworkAclAssociation',
            'Properties': {'NetworkAclId': ref('Acl'), 'SubnetId': ref('SubnetA')},
        },
    }


def acl_of(cloud, subnet):
    found = cloud.client('ec2').describe_network_acls(Filters=[{'Name': 'association.subnet-id', 'Values': [subnet]}])[
        'NetworkAcls'
    ]
    assert len(found) == 1
    return found[0]


def test_network_acl_is_bound_to_its_subnet_and_the_others_keep_the_default(cloud):
    resources = acl_resources()
    outputs = cloud.deploy(
        'acl',
        resources,
        {'Acl': ref('Acl'), 'A': ref('SubnetA'), 'B': ref('SubnetB'), 'Id': att('Bind', 'AssociationId')},
    )
    acl = acl_of(cloud, outputs['A'])
    assert acl['NetworkAclId'] == outputs['Acl'] and not acl['IsDefault']
    assert acl['Associations'][0]['NetworkAclAssociationId'] == outputs['Id']
    assert [(row['RuleNumber'], row.get('PortRange')) for row in acl['Entries'] if not row['Egress']] == [
        (100, {'From': 443, 'To': 443}),
        (32767, None),
    ]
    assert acl_of(cloud, outputs['B'])['IsDefault']

    resources['In']['Properties'].update(RuleAction='deny', CidrBlock='10.0.0.0/8')
    cloud.deploy('acl', resources)
    row = next(row for row in acl_of(cloud, outputs['A'])['Entries'] if row['RuleNumber'] == 100)
    assert (row['RuleAction'], row['CidrBlock']) == ('deny', '10.0.0.0/8')

    del resources['Bind'], resources['In'], resources['Acl']
    cloud.deploy('acl', resources)
    assert acl_of(cloud, outputs['A'])['IsDefault'], 'the subnet falls back to the default'


def test_an_acl_in_use_cannot_be_deleted(cloud):
    acl = cloud.deploy('acluse', acl_resources(), {'Acl': ref('Acl'), 'B': ref('SubnetB')})
    ec2 = cloud.client('ec2')
    association = acl_of(cloud, acl['B'])['Associations']
    mine = next(one for one in association if one['SubnetId'] == acl['B'])
    ec2.replace_network_acl_association(AssociationId=mine['NetworkAclAssociationId'], NetworkAclId=acl['Acl'])
    assert acl_of(cloud, acl['B'])['NetworkAclId'] == acl['Acl']
    assert cloud.delete('acluse') == 'DELETE_FAILED'
    assert any('has dependencies' in reason for _, _, reason in cloud.failures('acluse'))


def test_flow_log_carries_its_destination(cloud):
    resources = {
        **network(),
        'Logs': {'Type': 'AWS::Logs::LogGroup', 'Properties': {'RetentionInDays': 30}},
        'Role': {
            'Type': 'AWS::IAM::Role',
            'Properties': {
                'AssumeRolePolicyDocument': {
                    'Version': '2012-10-17',
                    'Statement': [
                        {
                            'Effect': 'Allow',
                            'Principal': {'Service': 'vpc-flow-logs.amazonaws.com'},
                            'Action': 'sts:AssumeRole',
                        }
                    ],
                }
            },
        },
        'Flow': {
            'Type': 'AWS::EC2::FlowLog',
            'Properties': {
                'ResourceType': 'VPC',
                'ResourceId': ref('Vpc'),
                'TrafficType': 'REJECT',
                'LogGroupName': ref('Logs'),
                'DeliverLogsPermissionArn': att('Role', 'Arn'),
                'MaxAggregationInterval': 60,
            },
        },
    }
    outputs = cloud.deploy('flow', resources, {'Flow': ref('Flow'), 'Group': ref('Logs'), 'Vpc': ref('Vpc')})
    flow = cloud.client('ec2').describe_flow_logs(Filter=[{'Name': 'resource-id', 'Values': [outputs['Vpc']]}])[
        'FlowLogs'
    ][0]
    assert flow['LogGroupName'] == outputs['Group'] and flow['TrafficType'] == 'REJECT'
    assert flow['MaxAggregationInterval'] == 60 and flow['FlowLogStatus'] == 'ACTIVE'
    resources['Flow']['Properties']['TrafficType'] = 'ALL'
    replaced = cloud.deploy('flow', resources, {'Flow': ref('Flow')})
    assert replaced['Flow'] != outputs['Flow'], 'every property but the tags replaces'
    assert (
        len(
            [one for one in cloud.client('ec2').describe_flow_logs()['FlowLogs'] if one['ResourceId'] == outputs['Vpc']]
        )
        == 1
    )
    assert cloud.delete('flow') == 'DELETE_COMPLETE'


def test_rules_beside_their_groups_may_point_at_each_other(cloud):
    resources = network()
    resources['Other'] = {
        'Type': 'AWS::EC2::SecurityGroup',
        'Properties': {'GroupDescription': 'other', 'VpcId': ref('Vpc')},
    }
    for name, group, source in (('One', 'Group', 'Other'), ('Two', 'Other', 'Group')):
        resources[name] = {
            'Type': 'AWS::EC2::SecurityGroupIngress',
            'Properties': {
                'GroupId': att(group, 'GroupId'),
                'IpProtocol': 'tcp',
                'FromPort': 80,
                'ToPort': 80,
                'SourceSecurityGroupId': att(source, 'GroupId'),
            },
        }
    resources['Out'] = {
        'Type': 'AWS::EC2::SecurityGroupEgress',
        'Properties': {
            'GroupId': att('Group', 'GroupId'),
            'IpProtocol': 'tcp',
            'FromPort': 3306,
            'ToPort': 3306,
            'DestinationSecurityGroupId': att('Other', 'GroupId'),
        },
    }
    outputs = cloud.deploy('rules', resources, {'Group': ref('Group'), 'Other': ref('Other')})
    ec2 = cloud.client('ec2')
    group = ec2.describe_security_groups(GroupIds=[outputs['Group']])['SecurityGroups'][0]
    assert group['IpPermissions'][0]['UserIdGroupPairs'][0]['GroupId'] == outputs['Other']
    assert 3306 in [rule.get('FromPort') for rule in group['IpPermissionsEgress']]
    del resources['One']
    cloud.deploy('rules', resources)
    assert ec2.describe_security_groups(GroupIds=[outputs['Group']])['SecurityGroups'][0]['IpPermissions'] == []
    assert cloud.delete('rules') == 'DELETE_COMPLETE'


@pytest.mark.parametrize('service', ['s3'])
def test_region_facts_are_answered(cloud, service):
    ec2 = cloud.client('ec2')
    name = f'com.amazonaws.{REGION}.{service}'
    lists = ec2.describe_managed_prefix_lists(Filters=[{'Name': 'prefix-list-name', 'Values': [name]}])['PrefixLists']
    assert lists and lists[0]['PrefixListId'].startswith('pl-')
    zones = [one['ZoneName'] for one in ec2.describe_availability_zones()['AvailabilityZones']]
    assert zones == [f'{REGION}{letter}' for letter in 'abc']
