"""The values of the account's quotas: the defaults, what a test set, what a test denied.

The values are the account's and not the process's: they survive a restart, and a reset of the whole state ends them.
"""

import math

from . import quota_table

_values: dict[tuple[str, str], float] = {}
_without_applied: set[tuple[str, str]] = set()
_denied: set[tuple[str, str]] = set()
_pressure = {'every': 0, 'calls': 0}
_requests = {'held': False}

_ANY = ''


def set_value(service: str, code: str, value: float) -> None:
    """Give one quota a value of its own; ValueError if there is no such quota."""
    known(service, code)
    if not math.isfinite(value) or value < 0:
        raise ValueError('the value of a quota is 0 or more')
    _values[(service, code)] = float(value)


def leave_unapplied(service: str, code: str) -> None:
    """As for quotas that AWS applies no value to: only the default can be read."""
    known(service, code)
    _without_applied.add((service, code))


def deny(service: str = _ANY, code: str = _ANY) -> None:
    """Refuse the Service Quotas API: all of it, one service's quotas, or one quota."""
    if code:
        known(service, code)
    elif service and service not in quota_table.SERVICES:
        raise ValueError(f'no such service: {service}')
    _denied.add((service, code))


def throttle(every: int) -> None:
    """Let each ``every``-th call of the Service Quotas API be throttled; 0 ends it."""
    if every < 0:
        raise ValueError('every is 0 or more')
    _pressure.update(every=every, calls=0)


def hold_requests(held: bool) -> None:
    """Leave requests for more without an answer, as Support may for days."""
    _requests.update(held=held)


def are_requests_held() -> bool:
    return _requests['held']


def reset() -> None:
    _values.clear()
    _without_applied.clear()
    _denied.clear()
    hold_requests(False)
    throttle(0)


def known(service: str, code: str) -> quota_table.Quota:
    quota = quota_table.BY_CODE.get((service, code))
    if quota is None:
        raise ValueError(f'no such quota: {service} {code}')
    return quota


def value(service: str, code: str) -> float:
    """What is in force: the services' own account-limit calls answer from here too."""
    return _values.get((service, code), known(service, code).value)


def whole(service: str, code: str) -> int:
    return int(value(service, code))


def has_applied(service: str, code: str) -> bool:
    return (service, code) not in _without_applied


def is_denied(service: str = _ANY, code: str = _ANY) -> bool:
    """A service's list is denied with the service; a single quota with the quota, its service or everything."""
    return bool(_denied & {(_ANY, _ANY), (service, _ANY), (service, code)})


def is_throttled() -> bool:
    """Counts the call that asks."""
    _pressure['calls'] += 1
    return bool(_pressure['every']) and _pressure['calls'] % _pressure['every'] == 0


def state() -> dict:
    """What a test ordered, as the control route shows it and as it is saved."""
    return {
        'values': [
            {'service': service, 'code': code, 'value': one} for (service, code), one in sorted(_values.items())
        ],
        'unapplied': [{'service': service, 'code': code} for service, code in sorted(_without_applied)],
        'denied': [{'service': service, 'code': code} for service, code in sorted(_denied)],
        'throttleEvery': _pressure['every'],
        'requestsHeld': _requests['held'],
    }


def load(data: dict) -> None:
    reset()
    for one in data.get('values', []):
        _values[(one['service'], one['code'])] = float(one['value'])
    _without_applied.update((one['service'], one['code']) for one in data.get('unapplied', []))
    _denied.update((one['service'], one['code']) for one in data.get('denied', []))
    throttle(int(data.get('throttleEvery', 0)))
    hold_requests(bool(data.get('requestsHeld', False)))
