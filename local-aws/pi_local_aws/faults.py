"""Faults on order: the next creations (or updates, or deletions) of a resource type fail with a given reason."""

import threading

_lock = threading.Lock()
_faults: list[dict] = []


STEPS = ('create', 'update', 'delete')


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
