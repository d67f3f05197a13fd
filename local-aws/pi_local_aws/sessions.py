"""Sessions of Systems Manager that forward a port to a host: begun, listed and ended.

There is no agent here that data could go through. What AWS would reach through the task is on this machine, so the answer
names it: the stream of a session is the address of the database's own server.
"""

import copy
import json
import re
import secrets
import time

from ministack.core.responses import AccountRegionScopedDict, error_response_json, get_account_id, json_response
from ministack.services import ecs, rds, ssm

from .rds import servers

_DOCUMENT = 'AWS-StartPortForwardingSessionToRemoteHost'
_KEPT = 200
_sessions = AccountRegionScopedDict()


class _Refused(ValueError):
    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def start(request: dict) -> dict:
    """Begin a session through a container that runs to a database that is a real server."""
    target = str(request.get('Target') or '')
    if request.get('DocumentName') != _DOCUMENT:
        raise _Refused('InvalidDocument', f'Only {_DOCUMENT} is known here.')
    _check_target(target)
    host, port = _place(request.get('Parameters') or {})
    session_id = f'local-{secrets.token_hex(8)}'
    _sessions[session_id] = {
        'SessionId': session_id,
        'Target': target,
        'Status': 'Connected',
        'StartDate': time.time(),
        'DocumentName': _DOCUMENT,
        'Owner': f'arn:aws:iam::{get_account_id()}:root',
    }
    for old in sorted(_sessions.values(), key=lambda one: one['StartDate'])[:-_KEPT]:
        _sessions.pop(old['SessionId'], None)
    return {
        'SessionId': session_id,
        'StreamUrl': f'tcp://{host}:{port}',
        'TokenValue': secrets.token_urlsafe(96),
    }


def _check_target(target: str) -> None:
    """``ecs:<cluster>_<task>_<runtime id>``, the container running and started for sessions."""
    parts = re.fullmatch(r'ecs:(.+)_([0-9a-f-]+)_([^_]+)', target)
    if not parts:
        raise _Refused('TargetNotConnected', f'{target} is not connected.')
    cluster, task_id, runtime_id = parts.groups()
    task = ecs._resolve_task(task_id, cluster)
    containers = [one.get('runtimeId') for one in (task or {}).get('containers', [])]
    running = task is not None and task.get('lastStatus') == 'RUNNING' and runtime_id in containers
    if not running or not task.get('enableExecuteCommand'):
        raise _Refused('TargetNotConnected', f'{target} is not connected.')


def _place(parameters: dict) -> tuple[str, int]:
    """The server that the parameters name."""
    host, port = ((parameters.get(name) or [''])[0] for name in ('host', 'portNumber'))
    for instance in rds._instances.values():
        endpoint = instance.get('Endpoint') or {}
        if endpoint.get('Address') == host and str(endpoint.get('Port')) == port:
            if servers.has_engine(instance):
                return host, int(port)
            raise _Refused(
                'TargetNotConnected',
                f'{host} is a record only: where the embedded AWS finds no mariadbd, its databases hold nothing.',
            )
    raise _Refused('TargetNotConnected', f'Nothing listens at {host}:{port}.')


def end(request: dict) -> dict:
    session = _sessions.get(request.get('SessionId'))
    if session is None:
        raise _Refused('DoesNotExistException', f'Session {request.get("SessionId")} does not exist.')
    session.update(Status='Terminated', EndDate=time.time())
    return {'SessionId': session['SessionId']}


def describe(request: dict) -> dict:
    active = request.get('State') == 'Active'
    return {'Sessions': [dict(one) for one in _sessions.values() if (one['Status'] == 'Connected') == active]}


_ACTIONS = {'StartSession': start, 'TerminateSession': end, 'DescribeSessions': describe}


def install() -> None:
    """Answer the three actions in ministack's Systems Manager and keep the sessions in its state."""
    handle, save, load, clear = ssm.handle_request, ssm.get_state, ssm.load_persisted_state, ssm.reset

    async def handle_request(method, path, headers, body, query_params):
        action = headers.get('x-amz-target', '').rsplit('.', 1)[-1]
        if action not in _ACTIONS:
            return await handle(method, path, headers, body, query_params)
        try:
            return json_response(_ACTIONS[action](json.loads(body or b'{}')))
        except _Refused as refused:
            return error_response_json(refused.code, str(refused), 400)

    def load_persisted_state(data):
        load(data)
        _sessions.update((data or {}).get('pi_sessions', {}))

    def reset():
        clear()
        _sessions.clear()

    ssm.handle_request, ssm.load_persisted_state, ssm.reset = handle_request, load_persisted_state, reset
    ssm.get_state = lambda: {**(save() or {}), 'pi_sessions': copy.deepcopy(_sessions)}
