"""Deployments of services as AWS keeps them: a list that outlives them, and a stop that goes back.

ministack forgets a deployment with its last task. Here each service remembers what became of its deployments, and one
that is under way can be stopped.
"""

import time

from ministack.core.concurrency import resource_lock
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import ecs as store

from ..patching import replace

_KEPT = 50
_FINAL = ('SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED')
_UNDER_WAY = ('PENDING', 'IN_PROGRESS')


def install() -> None:
    """Answer the calls on deployments, and have every look at a service note how they stand."""
    sync = store._sync_service_targets

    def sync_targets(cluster, service):
        note(service)
        sync(cluster, service)

    replace(store, '_sync_service_targets', sync_targets)
    store._ACTION_MAP.update(
        ListServiceDeployments=_list, DescribeServiceDeployments=_describe, StopServiceDeployment=_stop
    )


def _arn(service: dict, deployment_id: str) -> str:
    _, cluster, name = service['serviceArn'].rsplit('/', 2)
    place = f'{get_region()}:{get_account_id()}'
    return f'arn:aws:ecs:{place}:service-deployment/{cluster}/{name}/{deployment_id.rsplit("/", 1)[-1]}'


def note(service: dict) -> list[dict]:
    """Write down how the deployments of a service stand, and return all that it remembers, newest first."""
    history = service.setdefault('_history', {})
    present = {one['id']: one for one in service['deployments']}
    primary = store._primary_deployment(service)
    for key, deployment in present.items():
        entry = history.setdefault(key, _entry(service, deployment))
        if entry['status'] not in _FINAL:
            _judge(entry, deployment, primary)
    for key, entry in history.items():
        if entry['status'] in _FINAL or key in present:
            continue
        entry.update(status='ROLLBACK_SUCCESSFUL' if entry.get('rollback') else 'STOPPED', finishedAt=time.time())
    for key in list(history)[:-_KEPT]:
        del history[key]
    return list(reversed(history.values()))


def _entry(service: dict, deployment: dict) -> dict:
    return {
        'serviceDeploymentArn': _arn(service, deployment['id']),
        'serviceArn': service['serviceArn'],
        'clusterArn': service['clusterArn'],
        'createdAt': deployment['createdAt'],
        'startedAt': deployment['createdAt'],
        'status': 'IN_PROGRESS',
    }


def _judge(entry: dict, deployment: dict, primary: dict | None) -> None:
    state = deployment['rolloutState']
    entry['statusReason'] = deployment.get('rolloutStateReason') or None
    if state == 'COMPLETED' and deployment is primary:
        entry.update(status='SUCCESSFUL', finishedAt=time.time())
    elif state == 'FAILED' and (primary is None or primary['rolloutState'] == 'FAILED'):
        # Nothing ever completed that it could go back to, or that does not start any more either.
        entry.update(status='ROLLBACK_FAILED', finishedAt=time.time())
    elif state == 'FAILED':
        back = primary is not None and primary['rolloutState'] == 'COMPLETED'
        entry['rollback'] = {'reason': entry['statusReason'], 'startedAt': deployment['updatedAt']}
        entry['status'] = 'ROLLBACK_SUCCESSFUL' if back else 'ROLLBACK_IN_PROGRESS'
        if back:
            entry['finishedAt'] = time.time()


def _refused(code: str, message: str):
    return error_response_json(code, message, 400)


def _list(data: dict):
    cluster = store._resolve_cluster_name(data.get('cluster', 'default'))
    reference = store._resolve_service_ref(data.get('service', ''))
    service = store._services.get(f'{cluster}/{reference[0]}') if reference else None
    if service is None:
        return _refused('ServiceNotFoundException', 'Service not found.')
    wanted = data.get('status') or []
    found = [one for one in note(service) if not wanted or one['status'] in wanted]
    return json_response({'serviceDeployments': [store._sanitize(one) for one in found[: data.get('maxResults', 100)]]})


def _of(arn: str) -> tuple[dict, str, dict] | None:
    for service in store._services.values():
        for entry in note(service):
            if entry['serviceDeploymentArn'] == arn:
                key = next(key for key, one in service['_history'].items() if one is entry)
                return service, key, entry
    return None


def _describe(data: dict):
    found, failures = [], []
    for arn in data.get('serviceDeploymentArns', []):
        known = _of(arn)
        if known:
            found.append(store._sanitize(known[2]))
        else:
            failures.append({'arn': arn, 'reason': 'MISSING'})
    return json_response({'serviceDeployments': found, 'failures': failures})


def _stop(data: dict):
    arn = data.get('serviceDeploymentArn', '')
    known = _of(arn)
    if known is None:
        return _refused('ServiceDeploymentNotFoundException', f'The service deployment {arn} was not found.')
    service, key, entry = known
    if entry['status'] not in _UNDER_WAY:
        return _refused(
            'ConflictException', f'The service deployment is in status {entry["status"]} and cannot be stopped.'
        )
    _, cluster, name = service['serviceArn'].rsplit('/', 2)
    if not _go_back(f'{cluster}/{name}', service, key, entry):
        return _refused(
            'InvalidParameterException', 'The service has no completed deployment that it could be rolled back to.'
        )
    store._reconcile_service_tasks(cluster, f'{cluster}/{name}')
    store._complete_service_deployment(cluster, f'{cluster}/{name}')
    return json_response({'serviceDeploymentArn': arn})


def _go_back(place: str, service: dict, key: str, entry: dict) -> bool:
    """Make the newest completed deployment the primary one again."""
    with resource_lock('ecs-service', place):
        deployment = next(one for one in service['deployments'] if one['id'] == key)
        former = next(
            (one for one in service['deployments'] if one is not deployment and one['rolloutState'] == 'COMPLETED'),
            None,
        )
        if former is None:
            return False
        reason = 'Service deployment was stopped by the user.'
        deployment.update(status='ACTIVE', rolloutState='FAILED', rolloutStateReason=reason, desiredCount=0)
        former.update(
            status='PRIMARY',
            desiredCount=service['desiredCount'],
            rolloutState='IN_PROGRESS',
            rolloutStateReason=f'ECS deployment rollback of {key} in progress.',
        )
        service['taskDefinition'] = former['taskDefinition']
        entry['rollback'] = {'reason': reason, 'startedAt': time.time()}
        return True
