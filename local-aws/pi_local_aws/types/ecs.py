"""The ECS types: capacity providers, which ministack lacks, and task definitions and services in full.

ministack's own handlers drop what they do not know (volumes, service registries, execute command, grace period) and
report a service as done at once; here every property goes through the API's own shape, and a service is done when it
is stable, as on AWS.
"""

from ministack.core.responses import get_account_id, get_region
from ministack.services import ecs as store
from ministack.services.cloudformation import provisioners

from .. import shapes
from ..ecs import stability
from ..registry import ResourceError, add, tag_list
from ..services import answer


def _tags(properties: dict) -> list[dict]:
    return [{'key': tag['Key'], 'value': tag['Value']} for tag in tag_list(properties)]


def _retag(arn: str, old: dict, new: dict) -> None:
    provisioners._reconcile_tag_list(store._tags.setdefault(arn, []), old, new, key='key', value='value')


def create_task_definition(logical_id, properties, stack_name):
    family = properties.get('Family') or provisioners._physical_name(stack_name, logical_id, seeded=False)
    request = shapes.request('ecs', 'RegisterTaskDefinition', {**properties, 'Family': family, 'Tags': None})
    request['tags'] = _tags(properties)
    made = answer(
        store._register_task_definition({key: one for key, one in request.items() if one is not None}),
        'AWS::ECS::TaskDefinition',
    )
    arn = made['taskDefinition']['taskDefinitionArn']
    return arn, {'TaskDefinitionArn': arn}


def update_task_definition(physical_id, old, new, stack_name, logical_id):
    """Only tags change in place; the engine has replaced the revision for anything else."""
    _retag(physical_id, old, new)
    return physical_id, {'TaskDefinitionArn': physical_id}


def delete_task_definition(physical_id, properties):
    store._deregister_task_definition({'taskDefinition': physical_id})


def _service_request(action: str, properties: dict) -> dict:
    request = shapes.request(
        'ecs', action, {key: one for key, one in properties.items() if key not in ('Tags', 'Role')}
    )
    if properties.get('PlatformVersion') is None:
        request.pop('platformVersion', None)
    return {key: one for key, one in request.items() if one is not None}


def _attributes(arn: str) -> dict:
    return {'ServiceArn': arn, 'Name': arn.rsplit('/', 1)[-1]}


def create_service(logical_id, properties, stack_name):
    name = properties.get('ServiceName') or provisioners._physical_name(stack_name, logical_id)
    request = _service_request('CreateService', properties)
    _check_targets(request)
    request.setdefault('desiredCount', 1)
    made = answer(
        store._create_service({**request, 'serviceName': name, 'tags': _tags(properties)}), 'AWS::ECS::Service'
    )
    arn = made['service']['serviceArn']
    try:
        stability.wait(arn)
    except ResourceError:
        # The engine does not know the id of what failed, so a rollback would leave the service behind.
        delete_service(arn, properties)
        raise
    return arn, _attributes(arn)


def update_service(physical_id, old, new, stack_name, logical_id):
    _, cluster, name = physical_id.rsplit('/', 2)
    request = _service_request('UpdateService', {key: one for key, one in new.items() if old.get(key) != one})
    _check_targets(request)
    # Without DesiredCount in the template an update keeps the present count.
    answer(store._update_service({**request, 'cluster': cluster, 'service': name}), 'AWS::ECS::Service')
    _retag(physical_id, old, new)
    stability.wait(physical_id)
    return physical_id, _attributes(physical_id)


def _check_targets(request: dict) -> None:
    """A target group must have a listener before a service may use it."""
    from ministack.services import alb

    for binding in request.get('loadBalancers') or []:
        group = alb._tgs.get(binding.get('targetGroupArn', ''))
        if group is None:
            raise ResourceError(
                f'The specified target group does not exist: {binding.get("targetGroupArn")} (Service: AmazonECS, Status Code: 400, Code: InvalidParameterException)'
            )
        if not _bound(alb, group['TargetGroupArn']):
            raise ResourceError(
                f'The target group with targetGroupArn {group["TargetGroupArn"]} does not have an associated load '
                'balancer. (Service: AmazonECS, Status Code: 400, Code: InvalidParameterException)'
            )


def _bound(alb, arn: str) -> bool:
    rules = list(alb._listeners.values()) + list(alb._rules.values())
    return any(arn in str(rule.get('DefaultActions') or rule.get('Actions') or '') for rule in rules)


def delete_service(physical_id, properties):
    _, cluster, name = physical_id.rsplit('/', 2)
    store._delete_service({'cluster': cluster, 'service': name, 'force': True})


def create_capacity_provider(logical_id, properties, stack_name):
    name = properties.get('Name') or provisioners._physical_name(stack_name, logical_id)
    provider = properties.get('AutoScalingGroupProvider')
    if not provider:
        raise ResourceError('Model validation failed (#: required key [AutoScalingGroupProvider] not found)')
    request = shapes.request('ecs', 'CreateCapacityProvider', {**properties, 'Name': name, 'Tags': None})
    answer(store._create_capacity_provider({**request, 'tags': _tags(properties)}), 'AWS::ECS::CapacityProvider')
    return name, {'Arn': _provider_arn(name)}


def _provider_arn(name: str) -> str:
    return f'arn:aws:ecs:{get_region()}:{get_account_id()}:capacity-provider/{name}'


def update_capacity_provider(physical_id, old, new, stack_name, logical_id):
    request = shapes.request('ecs', 'UpdateCapacityProvider', {**new, 'Name': physical_id})
    answer(store._update_capacity_provider(request), 'AWS::ECS::CapacityProvider')
    _retag(_provider_arn(physical_id), old, new)
    return physical_id, {'Arn': _provider_arn(physical_id)}


def delete_capacity_provider(physical_id, properties):
    for cluster in store._clusters.values():
        if physical_id in cluster.get('capacityProviders', []):
            raise ResourceError(
                'The capacity provider cannot be deleted because it is associated with cluster: '
                f'{cluster["clusterName"]}. Remove the capacity provider from the cluster and try again. '
                '(Service: AmazonECS, Status Code: 400, Code: ClientException)'
            )
    store._delete_capacity_provider({'capacityProvider': physical_id})


def put_associations(cluster: str, properties: dict) -> str:
    names = properties.get('CapacityProviders') or []
    unknown = [
        name for name in names if name not in ('FARGATE', 'FARGATE_SPOT') and name not in store._capacity_providers
    ]
    if unknown:
        raise ResourceError(
            f'The specified capacity provider {unknown[0]} was not found. (Service: AmazonECS, Status Code: 400, Code: InvalidParameterException)'
        )
    request = shapes.request('ecs', 'PutClusterCapacityProviders', properties)
    answer(
        store._put_cluster_capacity_providers({**request, 'cluster': cluster}),
        'AWS::ECS::ClusterCapacityProviderAssociations',
    )
    return cluster


def create_associations(logical_id, properties, stack_name):
    cluster = put_associations(properties['Cluster'], properties)
    return cluster, {}


def update_associations(physical_id, old, new, stack_name, logical_id):
    return put_associations(physical_id, new), {}


def delete_associations(physical_id, properties):
    if physical_id in store._clusters:
        store._put_cluster_capacity_providers(
            {'cluster': physical_id, 'capacityProviders': [], 'defaultCapacityProviderStrategy': []}
        )


def register():
    add(
        'AWS::ECS::TaskDefinition',
        create_task_definition,
        delete_task_definition,
        update_task_definition,
        replaces=(
            'ContainerDefinitions',
            'Cpu',
            'EnableFaultInjection',
            'EphemeralStorage',
            'ExecutionRoleArn',
            'Family',
            'InferenceAccelerators',
            'IpcMode',
            'Memory',
            'NetworkMode',
            'PidMode',
            'PlacementConstraints',
            'ProxyConfiguration',
            'RequiresCompatibilities',
            'RuntimePlatform',
            'TaskRoleArn',
            'Volumes',
        ),
        tags=('Tags', 'list'),
    )
    add(
        'AWS::ECS::Service',
        create_service,
        delete_service,
        update_service,
        replaces=('Cluster', 'LaunchType', 'Role', 'SchedulingStrategy', 'ServiceName', 'DeploymentController'),
        tags=('Tags', 'list'),
    )
    add(
        'AWS::ECS::CapacityProvider',
        create_capacity_provider,
        delete_capacity_provider,
        update_capacity_provider,
        replaces=('Name',),
        tags=('Tags', 'list'),
    )
    add(
        'AWS::ECS::ClusterCapacityProviderAssociations',
        create_associations,
        delete_associations,
        update_associations,
        replaces=('Cluster',),
    )
