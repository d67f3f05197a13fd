"""The life of a task: placed, its resources fetched, its containers run, stopped with a reason.

ministack without containers calls every task running at once. Here a task of a service starts only when its mounts,
secrets and log groups are there; a task of RunTask is run as local processes where that is possible.
"""

import json
import threading
import time

from ministack.core.responses import get_account_id, get_region, json_response, new_uuid, now_iso, request_scope
from ministack.services import ecs as store

from .. import pace, persistence
from ..patching import replace
from . import interfaces, processes, registries, resources

_LONGEST_BACKOFF = 60.0
_START_SECONDS = 20
_KEPT_STOPPED = 200
# What ministack says of tasks that a service wants no more.
_SCHEDULER_WORDS = (
    'Deployment capacity limit',
    'Deployment completed',
    'Service scaling down',
    'Task definition updated',
)


def install() -> None:
    """Replace RunTask, deployments' first state and the targets' publication."""
    run, make, sync, stop = store._run_task, store._make_deployment, store._sync_service_targets, store._stop_task

    def run_task(request):
        answer = run(request)
        if answer[0] >= 400:
            return answer
        placed = [store._tasks[one['taskArn']] for one in json.loads(answer[2])['tasks']]
        for index, task in enumerate(placed):
            _place(task, request, index)
        body = {'tasks': [store._sanitize(task) for task in placed], 'failures': []}
        for task in placed:
            _start(task)
        return json_response(body)

    def make_deployment(*args, **named):
        # A deployment is complete when its tasks run, not when it is asked for.
        deployment = make(*args, **named)
        deployment.update(
            rolloutState='IN_PROGRESS', rolloutStateReason=f'ECS deployment {deployment["id"]} in progress.'
        )
        return deployment

    def sync_targets(cluster, service):
        sync(cluster, service)
        registries.publish(service)

    def stop_by_service(request):
        # The service's own stops go this way; those that are asked for by the API do not.
        answer = stop(request)
        _say_who_scaled(store._resolve_task(request['task'], request['cluster']))
        return answer

    def stop_by_api(request):
        # Who stops a task of a service gets another one in its place.
        answer = stop(request)
        task = store._resolve_task(request.get('task', ''), request.get('cluster', 'default'))
        belongs = _service_of(task) if task else None
        if belongs and belongs[2].get('status') == 'ACTIVE':
            store._reconcile_service_tasks(belongs[0], belongs[1])
        return answer

    replace(store, '_run_task', run_task)
    replace(store, '_make_deployment', make_deployment)
    replace(store, '_sync_service_targets', sync_targets)
    replace(store, '_stop_task', stop_by_api)
    store._stop_task = stop_by_service


def _place(task: dict, request: dict, index: int) -> None:
    """Take back ministack's instant start: the task is provisioning and has its network interface."""
    task.update(
        lastStatus='PROVISIONING', startedAt=None, pullStartedAt=None, pullStoppedAt=None, _startup_stable=False
    )
    if task.get('_deployment_id'):
        task['startedBy'] = task['_deployment_id']
    for container in task['containers']:
        container['lastStatus'] = 'PENDING'
    interfaces.attach(task, request.get('networkConfiguration') or {}, index)
    store._recount_cluster(task['clusterArn'].rsplit('/', 1)[-1])


def _say_who_scaled(task: dict | None) -> None:
    """AWS names the deployment that wanted a task of a service gone."""
    belongs = _service_of(task) if task else None
    primary = store._primary_deployment(belongs[2]) if belongs else None
    if primary and task.get('stoppedReason') in _SCHEDULER_WORDS:
        task['stoppedReason'] = f'Scaling activity initiated by (deployment {primary["id"]})'
        task['stopCode'] = 'ServiceSchedulerInitiated'


def _forget_old() -> None:
    """ECS shows stopped tasks for about an hour; here the youngest of them are kept."""
    stopped = [(arn, task) for arn, task in store._tasks.items() if task.get('lastStatus') == 'STOPPED']
    for arn, _task in sorted(stopped, key=lambda one: str(one[1].get('stoppedAt')))[:-_KEPT_STOPPED]:
        store._tasks.pop(arn, None)


def _start(task: dict) -> None:
    account_id, region = get_account_id(), get_region()

    def run():
        with request_scope(account_id, region):
            _live(task)
            _forget_old()
        persistence.changed()

    threading.Thread(target=run, daemon=True, name=f'pi-task-{task["taskArn"][-8:]}').start()


def _service_of(task: dict) -> tuple[str, str, dict] | None:
    group = task.get('group') or ''
    if not group.startswith('service:'):
        return None
    cluster = task['clusterArn'].rsplit('/', 1)[-1]
    key = f'{cluster}/{group.split(":", 1)[1]}'
    service = store._services.get(key)
    return (cluster, key, service) if service else None


def _live(task: dict) -> None:
    arn, belongs = task['taskArn'], _service_of(task)
    definition = store._task_defs.get(store._resolve_td_key(task['taskDefinitionArn'])) or {}
    if belongs:
        time.sleep(_backoff(belongs[2]))
    store._mark_task_pending(arn, task)
    pace.sleep(_START_SECONDS)
    try:
        mounts = resources.mounts(definition)
        secrets = {one['name']: resources.secrets_of(one) for one in definition.get('containerDefinitions', [])}
        for container in definition.get('containerDefinitions', []):
            resources.check_log_group(container)
    except resources.InitializationError as error:
        _fail(task, str(error), belongs)
        return
    for container in task['containers']:
        container['lastStatus'] = 'RUNNING'
    if not store._mark_task_running(arn, task):
        return
    if belongs:
        _settle(task, *belongs)
    else:
        processes.run(task, definition, mounts, secrets)


def _backoff(service: dict) -> float:
    """ECS slows the restarts of a service whose tasks keep failing."""
    failures = service.get('_failed_starts', 0)
    return min(_LONGEST_BACKOFF, 0.05 * 2 ** (failures - 1)) if failures else 0.0


def _event(service: dict, message: str) -> None:
    service['events'].insert(
        0, {'id': new_uuid(), 'createdAt': now_iso(), 'message': f'(service {service["serviceName"]}) {message}'}
    )
    del service['events'][100:]


def _fail(task: dict, reason: str, belongs) -> None:
    if belongs:
        service = belongs[2]
        service['_failed_starts'] = service.get('_failed_starts', 0) + 1
        _event(service, f'failed to launch a task with (error {reason}).')
    for container in task['containers']:
        container['reason'] = reason
    store._mark_task_stopped(task['taskArn'], task, reason, 'TaskFailedToStart')


def _settle(task: dict, cluster: str, key: str, service: dict) -> None:
    """A task of a service runs: count it, publish it, and finish the rollout when it was the last."""
    service['_failed_starts'] = 0
    task['_startup_stable'] = True
    _event(service, f'has started 1 tasks: (task {task["taskArn"].rsplit("/", 1)[-1]}).')
    group = task['group']
    store._refresh_service_state(cluster, group)
    store._complete_service_deployment(cluster, key)
    # A rollout bounded by maximumPercent goes on when a task of it runs.
    store._reconcile_service_tasks(cluster, key)
    primary = store._primary_deployment(service)
    if primary and primary['rolloutState'] == 'COMPLETED' and service['runningCount'] == service['desiredCount']:
        _event(service, 'has reached a steady state.')
