"""Documented ``!GetAtt`` attributes of types that ministack has without them."""

from ministack.services import alb, ec2, ecs, efs

from ..registry import wrap_attributes


def _vpc(physical_id, properties):
    vpc = ec2._vpcs[physical_id]
    return {
        'VpcId': physical_id,
        'CidrBlock': vpc['CidrBlock'],
        'CidrBlockAssociations': [],
        'Ipv6CidrBlocks': [],
        'DefaultSecurityGroup': vpc.get('DefaultSecurityGroupId', ''),
        'DefaultNetworkAcl': vpc.get('DefaultNetworkAclId', ''),
    }


def _subnet(physical_id, properties):
    subnet = ec2._subnets[physical_id]
    association = next(
        (
            one['NetworkAclAssociationId']
            for acl in ec2._network_acls.values()
            for one in acl['Associations']
            if one['SubnetId'] == physical_id
        ),
        '',
    )
    return {
        'SubnetId': physical_id,
        'VpcId': subnet['VpcId'],
        'CidrBlock': subnet['CidrBlock'],
        'Ipv6CidrBlocks': [],
        'AvailabilityZone': subnet['AvailabilityZone'],
        'AvailabilityZoneId': subnet.get('AvailabilityZoneId', ''),
        'NetworkAclAssociationId': association,
    }


def _group(physical_id, properties):
    return {'Id': physical_id, 'GroupId': physical_id, 'VpcId': ec2._security_groups[physical_id]['VpcId']}


def _cluster(physical_id, properties):
    return {'Arn': ecs._clusters[physical_id]['clusterArn']}


def _file_system(physical_id, properties):
    return {'FileSystemId': physical_id, 'Arn': efs._file_systems[physical_id]['FileSystemArn']}


def _access_point(physical_id, properties):
    return {'AccessPointId': physical_id, 'Arn': efs._access_points[physical_id]['AccessPointArn']}


def _mount_target(physical_id, properties):
    return {'Id': physical_id, 'IpAddress': efs._mount_targets[physical_id].get('IpAddress', '')}


def _target_group(physical_id, properties):
    balancers = alb._tgs[physical_id].get('LoadBalancerArns') or []
    return {
        'TargetGroupArn': physical_id,
        'TargetGroupFullName': physical_id.split(':', 5)[-1],
        'TargetGroupName': alb._tgs[physical_id]['TargetGroupName'],
        'LoadBalancerArns': balancers,
    }


_MORE = {
    'AWS::EC2::VPC': _vpc,
    'AWS::EC2::Subnet': _subnet,
    'AWS::EC2::SecurityGroup': _group,
    'AWS::ECS::Cluster': _cluster,
    'AWS::EFS::FileSystem': _file_system,
    'AWS::EFS::AccessPoint': _access_point,
    'AWS::EFS::MountTarget': _mount_target,
    'AWS::ElasticLoadBalancingV2::TargetGroup': _target_group,
}


def register():
    for type_name, more in _MORE.items():
        wrap_attributes(type_name, more)
