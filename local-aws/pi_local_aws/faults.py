"""Faults on order: the next creations (or updates, or deletions) of a resource type, or the next jobs of a kind, fail."""

import threading

_lock = threading.Lock()
_faults: list[dict] = []


STEPS = ('create', 'update', 'delete')
# Kinds of jobs that can be ordered to fail, beside the resource types.
JOBS = ('DBSnapshot', 'DBSnapshotCopy', 'BackupJob', 'RestoreJob', 'CopyJob')


class FaultError(ValueError):
    """A step that was ordered to fail."""


def order(resource_type: str, reason: str, times: int = 1, step: str = 'create', skip: int = 0) -> dict:
    """Make the next ``times`` creations of ``resource_type`` (or its updates or deletions) fail, after ``skip`` that pass."""
    if not resource_type or not reason or times < 1 or skip < 0 or step not in STEPS:
        raise ValueError(f'a fault needs a type, a reason, times of 1 or more and a step of {", ".join(STEPS)}')
    fault = {'type': resource_type, 'reason': reason, 'times': times, 'step': step, 'skip': skip}
    with _lock:
        _faults.append(fault)
    return fault


def clear() -> None:
    with _lock:
        _faults.clear()


def listing() -> list[dict]:
    """The faults that have not struck yet."""
    with _lock:
        return [dict(fault) for fault in _faults]


def struck(kind: str) -> str:
    """Called when a job begins: the reason if it was ordered to fail, used up by that; else empty."""
    try:
        strike(kind, 'create')
    except FaultError as fault:
        return str(fault)
    return ''


def strike(resource_type: str, step: str) -> None:
    """Called before a step: raise if one was ordered to fail, and use the order up."""
    with _lock:
        for fault in _faults:
            if (fault['type'], fault['step']) == (resource_type, step):
                if fault['skip']:
                    fault['skip'] -= 1
                    return
                fault['times'] -= 1
                if fault['times'] == 0:
                    _faults.remove(fault)
                raise FaultError(fault['reason'])
