"""AWS::Logs::QueryDefinition; its API is in definitions."""

from .. import shapes
from ..insights import definitions
from ..registry import add
from ..services import answer

_TYPE = 'AWS::Logs::QueryDefinition'


def _put(properties: dict, query_id: str | None) -> tuple[str, dict]:
    request = shapes.request('logs', 'PutQueryDefinition', properties)
    if query_id:
        request['queryDefinitionId'] = query_id
    made = answer(definitions.put(request), _TYPE)['queryDefinitionId']
    return made, {'QueryDefinitionId': made}


def register():
    add(
        _TYPE,
        lambda logical_id, properties, stack_name: _put(properties, None),
        lambda physical_id, properties: definitions.delete({'queryDefinitionId': physical_id}),
        lambda physical_id, old, new, stack_name, logical_id: _put(new, physical_id),
    )
