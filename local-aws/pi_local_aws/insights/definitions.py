"""Saved queries: PutQueryDefinition, DescribeQueryDefinitions, DeleteQueryDefinition."""

import copy
import json
import time

from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response, new_uuid
from ministack.services import cloudwatch_logs as store

_definitions = AccountRegionScopedDict()


def put(request: dict) -> tuple:
    """Create a definition, or replace the one whose id is given."""
    query_id = request.get('queryDefinitionId') or new_uuid()
    if request.get('queryDefinitionId') and query_id not in _definitions:
        return error_response_json('ResourceNotFoundException', 'The specified query definition does not exist.', 400)
    if not request.get('name') or not request.get('queryString'):
        return error_response_json('InvalidParameterException', 'name and queryString are required', 400)
    _definitions[query_id] = {
        'queryDefinitionId': query_id,
        'name': request['name'],
        'queryString': request['queryString'],
        'logGroupNames': request.get('logGroupNames') or [],
        'queryLanguage': request.get('queryLanguage') or 'CWLI',
        'lastModified': int(time.time() * 1000),
    }
    return json_response({'queryDefinitionId': query_id})


def describe(request: dict) -> tuple:
    prefix = request.get('queryDefinitionNamePrefix') or ''
    found = [one for one in _definitions.values() if one['name'].startswith(prefix)]
    return json_response({'queryDefinitions': sorted(found, key=lambda one: one['name'])})


def delete(request: dict) -> tuple:
    if _definitions.pop(request.get('queryDefinitionId'), None) is None:
        return error_response_json('ResourceNotFoundException', 'The specified query definition does not exist.', 400)
    return json_response({'success': True})


_ACTIONS = {'PutQueryDefinition': put, 'DescribeQueryDefinitions': describe, 'DeleteQueryDefinition': delete}


def install() -> None:
    """Answer the three actions in ministack's logs service and keep the definitions in its state."""
    handle, save, load, clear = store.handle_request, store.get_state, store.load_persisted_state, store.reset

    async def handle_request(method, path, headers, body, query_params):
        action = headers.get('x-amz-target', '').rsplit('.', 1)[-1]
        if action in _ACTIONS:
            return _ACTIONS[action](json.loads(body or b'{}'))
        return await handle(method, path, headers, body, query_params)

    def load_persisted_state(data):
        load(data)
        _definitions.update(data.get('pi_query_definitions', {}))

    def reset():
        clear()
        _definitions.clear()

    store.handle_request, store.load_persisted_state, store.reset = handle_request, load_persisted_state, reset
    store.get_state = lambda: {**save(), 'pi_query_definitions': copy.deepcopy(_definitions)}
