"""Stack policies: which updates of which resources a stack allows.

A stack without a policy allows everything; one with a policy denies what no statement allows, and a Deny always wins.
"""

import json
from fnmatch import fnmatchcase

_MESSAGE = 'Action denied by stack policy: {why} [{action}] for resource [LogicalResourceId/{logical_id}]'


class DeniedError(ValueError):
    """An update that the stack policy does not allow."""


def _listed(value) -> list:
    return value if isinstance(value, list) else [value]


def _matches(statement: dict, action: str, logical_id: str, resource_type: str) -> bool:
    return (
        _names_action(statement, action) and _names_resource(statement, logical_id) and _holds(statement, resource_type)
    )


def _names_action(statement: dict, action: str) -> bool:
    wanted = statement.get('Action', statement.get('NotAction', []))
    hit = any(fnmatchcase(action.lower(), str(one).lower()) for one in _listed(wanted))
    return hit if 'Action' in statement else not hit


def _names_resource(statement: dict, logical_id: str) -> bool:
    wanted = statement.get('Resource', statement.get('NotResource', '*'))
    name = f'LogicalResourceId/{logical_id}'
    hit = any(one == '*' or fnmatchcase(name, str(one)) for one in _listed(wanted))
    return not hit if 'NotResource' in statement else hit


def _holds(statement: dict, resource_type: str) -> bool:
    """The only condition key of a stack policy is ResourceType."""
    for operator, keys in (statement.get('Condition') or {}).items():
        for key, values in keys.items():
            if key != 'ResourceType':
                return False
            patterns = [str(one) for one in _listed(values)]
            equal = (
                resource_type in patterns
                if operator == 'StringEquals'
                else any(fnmatchcase(resource_type, pattern) for pattern in patterns)
            )
            if operator in ('StringNotEquals', 'StringNotLike'):
                equal = not equal
            if not equal:
                return False
    return True


def check(body: str, action: str, logical_id: str, resource_type: str) -> None:
    """Raise DeniedError if the policy ``body`` does not allow ``action`` (Update:Modify, Update:Replace, Update:Delete)."""
    if not body:
        return
    statements = _listed(json.loads(body).get('Statement', []))
    allowed = False
    for index, statement in enumerate(statements, start=1):
        if not _matches(statement, action, logical_id, resource_type):
            continue
        if statement.get('Effect') == 'Deny':
            raise DeniedError(
                _MESSAGE.format(why=f'Statement [#{index}] does not allow', action=action, logical_id=logical_id)
            )
        allowed = True
    if not allowed:
        raise DeniedError(_MESSAGE.format(why='No statement allows', action=action, logical_id=logical_id))
