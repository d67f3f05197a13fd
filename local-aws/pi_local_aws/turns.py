"""EC2's tables, changed by one thread at a time.

Resources of stacks are made and removed on worker threads, requests are answered on the server's event loop, and much of EC2
is read, filtered and put back as a whole: the associations of an ACL, the rules of a group, the routes of a table. Two at once
would put back what the other had just removed.
"""

import functools
import threading

from ministack.services import ec2 as store
from ministack.services.cloudformation import provisioners

_turn = threading.RLock()


def _taking_turns(work):
    @functools.wraps(work)
    def wrapped(*args, **named):
        with _turn:
            return work(*args, **named)

    return wrapped


def install() -> None:
    """Called when every type and action is registered. None of them waits for anything while it has its turn."""
    for type_name, handler in provisioners._RESOURCE_HANDLERS.items():
        if type_name.startswith('AWS::EC2::'):
            provisioners._RESOURCE_HANDLERS[type_name] = {
                step: _taking_turns(work) if callable(work) else work for step, work in handler.items()
            }
    for action, answer in store._ACTION_MAP.items():
        store._ACTION_MAP[action] = _taking_turns(answer)
