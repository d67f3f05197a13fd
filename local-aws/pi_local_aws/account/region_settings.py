"""AWS Backup's opt-in of services in a region: every type is opted in until UpdateRegionSettings says otherwise."""

import copy
import json

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import backup as store

_preferences = AccountRegionScopedDict()

_OPT_IN, _MANAGEMENT = 'ResourceTypeOptInPreference', 'ResourceTypeManagementPreference'


def _described() -> tuple:
    everything = dict.fromkeys(store._SUPPORTED_RESOURCE_TYPES, True)
    managed = {name: name in ('DynamoDB', 'EFS') for name in ('CloudFormation', 'DSQL', 'DynamoDB', 'EFS')}
    return store._ok(
        {
            _OPT_IN: {**everything, **(_preferences.get(_OPT_IN) or {})},
            _MANAGEMENT: {**managed, **(_preferences.get(_MANAGEMENT) or {})},
        }
    )


def _updated(body: bytes) -> tuple:
    request = json.loads(body or b'{}')
    for name in (_OPT_IN, _MANAGEMENT):
        unknown = [one for one in request.get(name) or {} if one not in store._SUPPORTED_RESOURCE_TYPES]
        if unknown:
            return store._err('InvalidParameterValueException', f'Unknown resource type: {unknown[0]}', 400)
        _preferences[name] = {**(_preferences.get(name) or {}), **(request.get(name) or {})}
    return 200, {'Content-Type': 'application/json'}, b''


def install() -> None:
    handle, save, load, clear = store.handle_request, store.get_state, store.load_persisted_state, store.reset

    async def handle_request(method, path, headers, body, query_params):
        if path.rstrip('/') == '/account-settings' and method in ('GET', 'PUT'):
            return _described() if method == 'GET' else _updated(body)
        return await handle(method, path, headers, body, query_params)

    def load_persisted_state(data):
        load(data)
        _preferences.update(data.get('pi_region_settings', {}))

    def reset():
        clear()
        _preferences.clear()

    store.handle_request, store.load_persisted_state, store.reset = handle_request, load_persisted_state, reset
    store.get_state = lambda: {**save(), 'pi_region_settings': copy.deepcopy(_preferences)}
