"""The application-autoscaling service: scalable targets and policies of ECS services.

The one rule that matters to its callers is kept: registering a target moves a service whose desired count is below the
minimum up to it (and above the maximum down), also when the call names neither bound.
"""

import copy
import json
import secrets
import time

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, json_response

_targets = AccountRegionScopedDict()
_policies = AccountRegionScopedDict()
_activities = AccountRegionScopedDict()
_tags = AccountRegionScopedDict()

_STATE = {'targets': _targets, 'policies': _policies, 'activities': _activities, 'tags': _tags}
_SUSPENSIONS = ('DynamicScalingInSuspended', 'DynamicScalingOutSuspended', 'ScheduledScalingSuspended')


class Refused(ValueError):
    """The service said no: a code of its model and a message."""

    def __init__(self, code: str, message: str):
        super().__init__(f'{message} (Service: ApplicationAutoScaling, Status Code: 400, Code: {code})')
        self.code, self.message = code, message


def get_state() -> dict:
    return {name: copy.deepcopy(store) for name, store in _STATE.items()}


def load_persisted_state(data: dict) -> None:
    for name, store in _STATE.items():
        store.update(data.get(name, {}))


def reset() -> None:
    for store in _STATE.values():
        store.clear()


def _key(request: dict) -> str:
    for name in ('ServiceNamespace', 'ResourceId', 'ScalableDimension'):
        if not request.get(name):
            raise Refused('ValidationException', f'{name} is required')
    return '|'.join((request['ServiceNamespace'], request['ResourceId'], request['ScalableDimension']))


def _ecs_service(request: dict) -> tuple[str, str]:
    """The cluster and the service of a resource id ``service/<cluster>/<service>``."""
    from ministack.services import ecs

    if request['ServiceNamespace'] != 'ecs' or request['ScalableDimension'] != 'ecs:service:DesiredCount':
        raise Refused(
            'ValidationException',
            f'Unsupported service namespace, resource type or scalable dimension: {request["ScalableDimension"]}',
        )
    parts = request['ResourceId'].split('/')
    if len(parts) != 3 or parts[0] != 'service':
        raise Refused('ValidationException', f'Unsupported resource id: {request["ResourceId"]}')
    service = ecs._services.get(f'{parts[1]}/{parts[2]}')
    if service is None or service['status'] != 'ACTIVE':
        raise Refused('ValidationException', f"ECS service doesn't exist: {request['ResourceId']}")
    return parts[1], parts[2]


def register_scalable_target(request: dict, tags: dict | None = None) -> str:
    """Create or change a target and return its ARN. Members that are left out keep their value."""
    key = _key(request)
    cluster, service = _ecs_service(request)
    target = _targets.get(key)
    fresh = target is None
    target = (
        copy.deepcopy(target)
        if target
        else {
            'ServiceNamespace': request['ServiceNamespace'],
            'ResourceId': request['ResourceId'],
            'ScalableDimension': request['ScalableDimension'],
            'CreationTime': time.time(),
            'SuspendedState': dict.fromkeys(_SUSPENSIONS, False),
            'RoleARN': f'arn:aws:iam::{get_account_id()}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/'
            'AWSServiceRoleForApplicationAutoScaling_ECSService',
            'ScalableTargetARN': f'arn:aws:application-autoscaling:{get_region()}:{get_account_id()}:scalable-target/'
            f'0ec5{secrets.token_hex(14)}',
        }
    )
    if fresh and (request.get('MinCapacity') is None or request.get('MaxCapacity') is None):
        raise Refused(
            'ValidationException', 'MinCapacity and MaxCapacity are required to register a new scalable target'
        )
    for name in ('MinCapacity', 'MaxCapacity'):
        if request.get(name) is not None:
            target[name] = int(request[name])
    if target['MinCapacity'] > target['MaxCapacity']:
        raise Refused('ValidationException', 'Maximum capacity cannot be less than minimum capacity')
    if request.get('RoleARN'):
        target['RoleARN'] = request['RoleARN']
    if request.get('SuspendedState'):
        target['SuspendedState'] = {**target['SuspendedState'], **request['SuspendedState']}
    _targets[key] = target
    if tags:
        _tags[target['ScalableTargetARN']] = {**(_tags.get(target['ScalableTargetARN']) or {}), **tags}
    _keep_in_bounds(target, cluster, service)
    return target['ScalableTargetARN']


def _keep_in_bounds(target: dict, cluster: str, name: str) -> None:
    from ministack.services import ecs

    service = ecs._services[f'{cluster}/{name}']
    desired = service['desiredCount']
    wanted = min(max(desired, target['MinCapacity']), target['MaxCapacity'])
    if wanted == desired:
        return
    bound = 'minimum' if wanted > desired else 'maximum'
    ecs._update_service({'cluster': cluster, 'service': name, 'desiredCount': wanted})
    activity_id = secrets.token_hex(16)
    _activities[activity_id] = {
        'ActivityId': activity_id,
        'ServiceNamespace': 'ecs',
        'ResourceId': target['ResourceId'],
        'ScalableDimension': target['ScalableDimension'],
        'Description': f'Setting desired count to {wanted}.',
        'Cause': f'{bound} capacity was set to {wanted}',
        'StartTime': time.time(),
        'EndTime': time.time(),
        'StatusCode': 'Successful',
        'StatusMessage': f'Successfully set desired count to {wanted}. Change successfully fulfilled by ecs.',
    }


def put_scaling_policy(request: dict) -> dict:
    key = _key(request)
    if key not in _targets:
        raise Refused(
            'ObjectNotFoundException',
            f'No scalable target registered for service namespace: {request["ServiceNamespace"]}, resource ID: {request["ResourceId"]}, scalable dimension: {request["ScalableDimension"]}',
        )
    if not request.get('PolicyName'):
        raise Refused('ValidationException', 'PolicyName is required')
    policy_key = f'{key}|{request["PolicyName"]}'
    policy = copy.deepcopy(_policies.get(policy_key)) or {
        'CreationTime': time.time(),
        'PolicyARN': f'arn:aws:autoscaling:{get_region()}:{get_account_id()}:scalingPolicy:{secrets.token_hex(16)}:'
        f'resource/{request["ServiceNamespace"]}/{request["ResourceId"]}:policyName/{request["PolicyName"]}',
    }
    policy.update({name: one for name, one in request.items() if one is not None})
    policy.setdefault('PolicyType', 'StepScaling')
    policy['Alarms'] = _alarms_of(policy)
    _policies[policy_key] = policy
    return policy


def _alarms_of(policy: dict) -> list[dict]:
    """The names of the two alarms that target tracking keeps; here they are only names."""
    if policy['PolicyType'] != 'TargetTrackingScaling':
        return []
    if policy.get('Alarms'):
        return policy['Alarms']
    stem = f'TargetTracking-{policy["ResourceId"]}'
    names = [f'{stem}-Alarm{side}-{secrets.token_hex(8)}' for side in ('High', 'Low')]
    return [
        {'AlarmName': name, 'AlarmARN': f'arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}'}
        for name in names
    ]


def remove_target(namespace: str, resource_id: str, dimension: str) -> bool:
    """Drop a target with its policies; tells whether there was one."""
    key = f'{namespace}|{resource_id}|{dimension}'
    target = _targets.pop(key, None)
    for policy_key in [one for one in _policies.keys() if one.startswith(f'{key}|')]:
        _policies.pop(policy_key, None)
    if target:
        _tags.pop(target['ScalableTargetARN'], None)
    return target is not None


def remove_policy(arn: str) -> bool:
    """Drop the policy with this ARN; tells whether there was one."""
    for key, policy in _policies.items():
        if policy['PolicyARN'] == arn:
            _policies.pop(key, None)
            return True
    return False


def _selected(store, request: dict) -> list[dict]:
    if not request.get('ServiceNamespace'):
        raise Refused('ValidationException', 'ServiceNamespace is required')
    ids = request.get('ResourceIds') or ([request['ResourceId']] if request.get('ResourceId') else None)
    return [
        one
        for one in store.values()
        if one['ServiceNamespace'] == request['ServiceNamespace']
        and (not ids or one['ResourceId'] in ids)
        and (not request.get('ScalableDimension') or one['ScalableDimension'] == request['ScalableDimension'])
    ]


def _register_action(request):
    return {'ScalableTargetARN': register_scalable_target(request, tags=request.get('Tags'))}


def _deregister_action(request):
    _key(request)
    if not remove_target(request['ServiceNamespace'], request['ResourceId'], request['ScalableDimension']):
        raise Refused(
            'ObjectNotFoundException',
            f'No scalable target found for service namespace: {request["ServiceNamespace"]}, resource ID: {request["ResourceId"]}, scalable dimension: {request["ScalableDimension"]}',
        )
    return {}


def _put_policy_action(request):
    policy = put_scaling_policy(request)
    return {'PolicyARN': policy['PolicyARN'], 'Alarms': policy['Alarms']}


def _delete_policy_action(request):
    policy = _policies.pop(f'{_key(request)}|{request.get("PolicyName")}', None)
    if policy is None:
        raise Refused('ObjectNotFoundException', f'No scaling policy found for: {request.get("PolicyName")}')
    return {}


def _describe_policies(request):
    names = request.get('PolicyNames')
    return {
        'ScalingPolicies': [one for one in _selected(_policies, request) if not names or one['PolicyName'] in names]
    }


def _describe_activities(request):
    found = sorted(_selected(_activities, request), key=lambda one: one['StartTime'], reverse=True)
    return {'ScalingActivities': found}


def _tag_action(request):
    _known_arn(request)
    _tags[request['ResourceARN']] = {**(_tags.get(request['ResourceARN']) or {}), **request.get('Tags', {})}
    return {}


def _untag_action(request):
    _known_arn(request)
    kept = {
        key: one
        for key, one in (_tags.get(request['ResourceARN']) or {}).items()
        if key not in request.get('TagKeys', [])
    }
    _tags[request['ResourceARN']] = kept
    return {}


def _list_tags(request):
    _known_arn(request)
    return {'Tags': _tags.get(request['ResourceARN']) or {}}


def _known_arn(request: dict) -> None:
    if not any(one['ScalableTargetARN'] == request.get('ResourceARN') for one in _targets.values()):
        raise Refused('ResourceNotFoundException', f'The resource does not exist: {request.get("ResourceARN")}')


_ACTIONS = {
    'RegisterScalableTarget': _register_action,
    'DeregisterScalableTarget': _deregister_action,
    'DescribeScalableTargets': lambda request: {'ScalableTargets': _selected(_targets, request)},
    'PutScalingPolicy': _put_policy_action,
    'DeleteScalingPolicy': _delete_policy_action,
    'DescribeScalingPolicies': _describe_policies,
    'DescribeScalingActivities': _describe_activities,
    'DescribeScheduledActions': lambda request: {'ScheduledActions': []},
    'TagResource': _tag_action,
    'UntagResource': _untag_action,
    'ListTagsForResource': _list_tags,
}


async def handle_request(method, path, headers, body, query_params):
    """Answer one call of the service's JSON protocol."""
    action = headers.get('x-amz-target', '').rsplit('.', 1)[-1]
    try:
        if action not in _ACTIONS:
            raise Refused('UnknownOperationException', f'The embedded AWS does not know {action}')
        return json_response(_ACTIONS[action](json.loads(body or b'{}')))
    except Refused as refused:
        return json_response({'__type': refused.code, 'message': refused.message}, 400)
