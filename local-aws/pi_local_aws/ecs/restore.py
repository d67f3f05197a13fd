"""Tasks over a restart of the embedded AWS: services' tasks go on, running processes do not."""

from ministack.services import ecs as store

_GONE = 'The embedded AWS was restarted while this task was running; its processes ended with it.'


def install() -> None:
    """ministack stops every task at a restart, since its containers are gone; ours have none to lose."""
    load = store.load_persisted_state

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
