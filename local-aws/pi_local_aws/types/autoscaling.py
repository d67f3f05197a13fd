"""AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy, through the service of the same process."""

from .. import application_autoscaling as service
from .. import shapes
from ..registry import add, tag_list

_MODEL = 'application-autoscaling'


def _register(properties: dict) -> str:
    request = shapes.request(_MODEL, 'RegisterScalableTarget', {**properties, 'Tags': None})
    request = {key: one for key, one in request.items() if one is not None}
    return service.register_scalable_target(request, tags={t['Key']: t['Value'] for t in tag_list(properties)})


def _target_id(properties: dict) -> str:
    return f'{properties["ResourceId"]}|{properties["ScalableDimension"]}|{properties["ServiceNamespace"]}'


def create_target(logical_id, properties, stack_name):
    arn = _register(properties)
    physical_id = _target_id(properties)
    return physical_id, {'Id': physical_id, 'ScalableTargetARN': arn}


def update_target(physical_id, old, new, stack_name, logical_id):
    arn = _register(new)
    return physical_id, {'Id': physical_id, 'ScalableTargetARN': arn}


def delete_target(physical_id, properties):
    resource_id, dimension, namespace = physical_id.split('|')
    service.remove_target(namespace, resource_id, dimension)


def _identity(properties: dict) -> dict:
    """The three names of the policy's target, given one by one or as the target's Ref."""
    if properties.get('ScalingTargetId'):
        resource_id, dimension, namespace = properties['ScalingTargetId'].split('|')
        return {'ResourceId': resource_id, 'ScalableDimension': dimension, 'ServiceNamespace': namespace}
    return {name: properties[name] for name in ('ResourceId', 'ScalableDimension', 'ServiceNamespace')}


def _put(properties: dict) -> tuple[str, dict]:
    given = {**properties, **_identity(properties)}
    for name in ('TargetTrackingScalingPolicyConfiguration', 'StepScalingPolicyConfiguration'):
        if properties.get(name) is None:
            given.pop(name, None)
    policy = service.put_scaling_policy(shapes.request(_MODEL, 'PutScalingPolicy', given))
    return policy['PolicyARN'], {'Arn': policy['PolicyARN']}


def create_policy(logical_id, properties, stack_name):
    return _put(properties)


def update_policy(physical_id, old, new, stack_name, logical_id):
    return _put(new)


def delete_policy(physical_id, properties):
    service.remove_policy(physical_id)


def register():
    add(
        'AWS::ApplicationAutoScaling::ScalableTarget',
        create_target,
        delete_target,
        update_target,
        replaces=('ResourceId', 'ScalableDimension', 'ServiceNamespace'),
        tags=('Tags', 'list'),
    )
    add(
        'AWS::ApplicationAutoScaling::ScalingPolicy',
        create_policy,
        delete_policy,
        update_policy,
        replaces=('PolicyName', 'ResourceId', 'ScalableDimension', 'ScalingTargetId', 'ServiceNamespace'),
    )
