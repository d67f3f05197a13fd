"""Tasks over a restart of the embedded AWS: services' tasks go on, running processes do not."""

from collections.abc import Callable

from ministack.services import ecs as store

_GONE = 'The embedded AWS was restarted while this task was running; its processes ended with it.'

_reconcile: Callable[[], None] = store._start_restored_service_reconciler
_waiting = False


def install() -> None:
    """ministack stops every task at a restart, since its containers are gone; ours have none to lose."""
    load = store.load_persisted_state
    store._start_restored_service_reconciler = _later

    def load_persisted_state(data):
        load(data)
        saved = getattr(data.get('tasks'), '_data', {}) if data else {}
        for key, task in store._tasks._data.items():
            before = saved.get(key) or {}
            if before.get('lastStatus') == 'STOPPED':
                continue
            if (task.get('group') or '').startswith('service:') and before.get('lastStatus') == 'RUNNING':
                task['lastStatus'], task['_startup_stable'] = 'RUNNING', True
            else:
                task.update(desiredStatus='STOPPED', stoppedReason=_GONE, stopCode='TaskFailedToStart')
                for container in task.get('containers', []):
                    container['lastStatus'] = 'STOPPED'

    store.load_persisted_state = load_persisted_state


def _later() -> None:
    """What a task needs (secrets, file systems) is loaded behind ECS: until then none could start."""
    global _waiting
    _waiting = True


def resume() -> None:
    """Give the services back the tasks that they miss. To be called when the states of all services are loaded."""
    global _waiting
    if _waiting:
        _waiting = False
        _reconcile()
