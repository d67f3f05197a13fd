"""What AWS refuses to delete because something still uses it: groups, subnets, subnet groups, balancers, clusters."""

from ministack.services import alb, ec2, ecs, rds
from ministack.services.cloudformation import provisioners

from .. import eni
from ..registry import ResourceError
from ..services import element


def _group(physical_id, properties):
    used = any(physical_id in [one['GroupId'] for one in interface['Groups']] for interface in eni.interfaces())
    named = any(
        pair.get('GroupId') == physical_id
        for group_id, group in ec2._security_groups.items()
        if group_id != physical_id
        for rule in (group.get('IpPermissions') or []) + (group.get('IpPermissionsEgress') or [])
        for pair in rule.get('UserIdGroupPairs') or []
    )
    if used or named:
        raise ResourceError(
            f'resource {physical_id} has a dependent object (Service: Ec2, Status Code: 400, Code: DependencyViolation)'
        )


def _subnet(physical_id, properties):
    if any(interface['SubnetId'] == physical_id for interface in eni.interfaces()):
        raise ResourceError(
            f"The subnet '{physical_id}' has dependencies and cannot be deleted. (Service: Ec2, Status Code: 400, Code: DependencyViolation)"
        )


def _subnet_group(physical_id, properties):
    if any((one.get('DBSubnetGroup') or {}).get('DBSubnetGroupName') == physical_id for one in rds._instances.values()):
        raise ResourceError(
            f"Cannot delete the subnet group '{physical_id}' because at least one database instance is still using it. (Service: Rds, Status Code: 400, Code: InvalidDBSubnetGroupStateFault)"
        )


def _parameter_group(physical_id, properties):
    for one in rds._instances.values():
        if any(group['DBParameterGroupName'] == physical_id for group in one.get('DBParameterGroups') or []):
            raise ResourceError(
                'One or more database instances are still members of this parameter group, so the group cannot be deleted (Service: Rds, Status Code: 400, Code: InvalidDBParameterGroupState)'
            )


def _balancer(physical_id, properties):
    attributes = {one['Key']: one['Value'] for one in alb._lb_attrs.get(physical_id) or []}
    if attributes.get('deletion_protection.enabled') == 'true':
        raise ResourceError(
            f"Load balancer '{physical_id}' cannot be deleted because deletion protection is enabled (Service: ElasticLoadBalancingV2, Status Code: 400, Code: OperationNotPermitted)"
        )


def _vpc(physical_id, properties):
    """ministack checks a VPC by itself."""


def _cluster(physical_id, properties):
    cluster = ecs._clusters.get(physical_id)
    if cluster and any(
        one['clusterArn'] == cluster['clusterArn'] and one['status'] == 'ACTIVE' for one in ecs._services.values()
    ):
        raise ResourceError(
            'The Cluster cannot be deleted while Services are active. (Service: AmazonECS, Status Code: 400, Code: ClusterContainsServicesException)'
        )


_CHECKS = {
    'AWS::EC2::SecurityGroup': _group,
    'AWS::EC2::Subnet': _subnet,
    'AWS::RDS::DBSubnetGroup': _subnet_group,
    'AWS::RDS::DBParameterGroup': _parameter_group,
    'AWS::ElasticLoadBalancingV2::LoadBalancer': _balancer,
    'AWS::ECS::Cluster': _cluster,
    'AWS::EC2::VPC': _vpc,
}


def _guard(type_name, check):
    handler = provisioners._RESOURCE_HANDLERS[type_name]
    delete = handler['delete']

    def guarded(physical_id, properties):
        check(physical_id, properties)
        try:
            delete(physical_id, properties)
        except ValueError as error:
            # Some of ministack's handlers quote a whole XML answer.
            raise ResourceError(element(str(error), 'Message') or str(error)) from error

    provisioners._RESOURCE_HANDLERS[type_name] = {**handler, 'delete': guarded}


def register():
    for type_name, check in _CHECKS.items():
        _guard(type_name, check)
