"""The server's own routes under ``/_pi/``: who it is, how fast it is, what shall fail, what is allowed."""

import json
import os

from . import MINISTACK_VERSION, VERSION, faults, pace, persistence, settings
from .account import permissions, quotas, service_quotas
from .rds import programs

PREFIX = '/_pi/'
Answer = tuple[int, dict]


def health() -> dict:
    """What a client compares to know that this is its own embedded AWS."""
    current = settings.current()
    return {
        'service': 'pi-aws-local',
        'instanceId': current.instance_id,
        'pid': os.getpid(),
        'version': VERSION,
        'ministack': MINISTACK_VERSION,
        'pace': pace.current_pace(),
        'region': current.region,
        'accountId': settings.ACCOUNT_ID,
        'stateDir': str(current.state_dir),
        'endpoint': current.endpoint,
        'databases': _databases(),
    }


def _databases() -> dict:
    """Whether RDS instances are real servers here, and if not, why."""
    why = programs.missing()
    return {'engine': None, 'reason': why} if why else {'engine': f'mariadb {programs.version()}', 'reason': ''}


def _pace(method: str, body: dict) -> Answer:
    if method == 'POST':
        pace.set_pace(float(body['pace']))
    durations = {name: list(one) for name, one in pace.DURATIONS.items()}
    return 200, {'pace': pace.current_pace(), 'durations': durations, 'jobs': pace.JOBS}


def _faults(method: str, body: dict) -> Answer:
    if method == 'DELETE':
        faults.clear()
    elif method == 'POST':
        faults.order(
            body['type'],
            body['reason'],
            int(body.get('times', 1)),
            body.get('step', 'create'),
            int(body.get('skip', 0)),
        )
    return 200, {'faults': faults.listing()}


def _quotas(method: str, body: dict) -> Answer:
    """One order a call: a value, no applied value, a denial, throttling, requests that wait, or Support's answer."""
    if method == 'DELETE':
        service_quotas.reset()
    elif method == 'POST':
        if 'request' in body:
            service_quotas.conclude(body['request'], body['status'])
        elif 'holdRequests' in body:
            quotas.hold_requests(body['holdRequests'] is True)
        elif 'throttleEvery' in body:
            quotas.throttle(int(body['throttleEvery']))
        elif body.get('deny'):
            quotas.deny(body.get('service', ''), body.get('code', ''))
        elif body.get('applied') is False:
            quotas.leave_unapplied(body['service'], body['code'])
        else:
            quotas.set_value(body['service'], body['code'], float(body['value']))
    if method != 'GET':
        persistence.changed()
    return 200, quotas.state()


def _permissions(method: str, body: dict) -> Answer:
    if method == 'DELETE':
        permissions.clear()
    elif method == 'POST':
        allowed = body.get('allow')
        if allowed is None and 'deny' not in body:
            raise KeyError('deny')
        permissions.order(list(body.get('deny', [])), None if allowed is None else list(allowed), body.get('key', ''))
    return 200, permissions.state()


_ROUTES = {
    'health': (('GET',), lambda method, body: (200, health())),
    'pace': (('GET', 'POST'), _pace),
    'faults': (('GET', 'POST', 'DELETE'), _faults),
    'quotas': (('GET', 'POST', 'DELETE'), _quotas),
    'permissions': (('GET', 'POST', 'DELETE'), _permissions),
}


def answer(method: str, path: str, raw: bytes) -> Answer:
    """The status and the JSON for a request below the prefix."""
    route = _ROUTES.get(path[len(PREFIX) :].strip('/'))
    if route is None:
        return 404, {'error': f'no such route: {path}', 'routes': sorted(PREFIX + name for name in _ROUTES)}
    methods, handle = route
    if method not in methods:
        return 405, {'error': f'{path} takes {", ".join(methods)}'}
    try:
        body = json.loads(raw) if raw else {}
        return handle(method, body)
    except (KeyError, TypeError, ValueError) as error:
        return 400, {'error': f'bad request: {error}'}
