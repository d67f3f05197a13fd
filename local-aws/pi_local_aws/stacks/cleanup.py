"""The clean-up phase of nested updates: what was replaced or removed is deleted only when the whole tree succeeded.

ministack deletes a child's predecessors at once, so that a tree that fails later has nothing to go back to. Here they
wait in a queue of the root operation; success empties it by deleting, failure by forgetting.
"""

import contextvars
import logging

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

from . import records

_log = logging.getLogger('pi-local-aws')
# Set to the name of the child while ministack updates it.
updating_child = contextvars.ContextVar('pi_updating_child', default='')
_queues: dict[str, list] = {}


def root_of(name: str) -> str:
    """The name of the topmost stack of a tree."""
    while records.stack(name).get('_parent_stack_name'):
        name = records.stack(name)['_parent_stack_name']
    return name


def descendants(root: str) -> list[str]:
    """The names of all children, grandchildren and so on of a stack."""
    return [name for name in cloudformation._stacks.keys() if name != root and root_of(name) == root]


def install() -> None:
    """Send ministack's deletions of predecessors in nested updates to the queue."""
    at_once = provisioners._delete_predecessor

    def delete_predecessor(delete, *args, **named):
        child = updating_child.get()
        if not child:
            at_once(delete, *args, **named)
        elif not provisioners._RETAIN_REPLACED.get():
            # Most are (type, physical id, properties, stack, logical id): of these there are events, as on AWS.
            told = len(args) == 5 and args[3] == child
            later(child, args[4] if told else '', args[0] if told else '', delete, *args, **named)

    provisioners._delete_predecessor = delete_predecessor


def later(child: str, logical_id: str, resource_type: str, delete, *args, **named) -> None:
    """Queue one deletion of a child's update."""
    _queues.setdefault(root_of(child), []).append((child, logical_id, resource_type, delete, args, named))


def pending(root: str) -> bool:
    return bool(_queues.get(root))


def forget(root: str) -> None:
    """The operation failed: everything that was to be deleted stays."""
    _queues.pop(root, None)


def run(root: str) -> None:
    """The operation succeeded: delete what was replaced or removed, the youngest first."""
    token = updating_child.set('')
    try:
        for child, logical_id, resource_type, delete, args, named in reversed(_queues.pop(root, [])):
            _one(child, logical_id, resource_type, delete, args, named)
    finally:
        updating_child.reset(token)


def _one(child, logical_id, resource_type, delete, args, named) -> None:
    event = (records.stack(child)['StackId'], child, logical_id, resource_type)
    physical_id = args[1] if logical_id else ''
    if logical_id:
        stacks._add_event(*event, 'DELETE_IN_PROGRESS', physical_id=physical_id)
    try:
        delete(*args, **named)
    except Exception as error:
        # A clean-up that fails does not fail the update.
        _log.warning('clean-up of %s in %s failed: %s', logical_id or args, child, error)
        if logical_id:
            stacks._add_event(*event, 'DELETE_FAILED', str(error), physical_id)
        return
    if logical_id:
        stacks._add_event(*event, 'DELETE_COMPLETE', physical_id=physical_id)
