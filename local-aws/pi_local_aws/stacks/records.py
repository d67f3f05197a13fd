"""Looking up ministack's stack records by the names its engine passes around."""

import re

from ministack.services import cloudformation

# ministack ends the name of a child with the first twelve characters of a UUID.
_RANDOM_END = re.compile(r'-[0-9a-f]{8}-[0-9a-f]{3}$')


def stack(name: str) -> dict:
    """The record of a stack; empty if there is none."""
    return cloudformation._stacks.get(name) or {}


def resource(stack_name: str, logical_id: str) -> dict:
    """The record of a provisioned resource; empty if there is none."""
    return (stack(stack_name).get('_resources') or {}).get(logical_id) or {}


def definitions(stack_name: str) -> dict:
    """The template's resources that the running operation works on."""
    record = stack(stack_name)
    template = record.get('_pi_template') or record.get('_template') or {}
    return template.get('Resources') or {}


def logical_id_of_child(child: str, parent: str) -> str:
    """The logical id that a nested stack has in its parent."""
    return _RANDOM_END.sub('', child)[len(parent) + 1 :]


def land(record: dict) -> None:
    """Take what was made but not yet recorded into the stack's resources; what was there before stays as it was."""
    resources = record.setdefault('_resources', {})
    for logical_id, one in (record.pop('_pi_in_flight', None) or {}).items():
        known = resources.get(logical_id)
        if known is None or known['PhysicalResourceId'] != one['PhysicalResourceId']:
            resources[logical_id] = one
