"""Who changes what, one at a time.

ministack is made for one thread: the server's event loop, on which requests are answered. Resources of stacks are worked on by
threads here, since some of them wait. So those that wait for nothing take turns with each other; EC2's take turns with
requests to EC2 too, whose tables hold much that is read, filtered and put back as a whole: the associations of an ACL, the
rules of a group, the routes of a table. And what ECS answers is read off records that tasks change meanwhile.
"""

import functools
import threading

from ministack.services import ec2, ecs
from ministack.services.cloudformation import provisioners, stacks

from .patching import replace

# Those of ours that wait until what they made is ready. Of ministack's own it knows by itself which of them wait.
_WAITING = ('AWS::ECS::Service', 'AWS::Lambda::Function', 'AWS::RDS::DBInstance')

# Who needs both takes them in this order.
_resources, _network = threading.RLock(), threading.RLock()


def install() -> None:
    """To be called when every type and action is registered, and before all types are said to wait."""
    for kind, handler in provisioners._RESOURCE_HANDLERS.items():
        if kind in _WAITING or stacks._runs_on_worker_thread(kind):
            continue
        of_network = kind.startswith('AWS::EC2::')
        for step, work in list(handler.items()):
            if callable(work):
                handler[step] = _taking(_resources, _taking(_network, work) if of_network else work)
    for action, answer in ec2._ACTION_MAP.items():
        ec2._ACTION_MAP[action] = _taking(_network, answer)
    replace(ecs, '_sanitize', _shown)


def _taking(turn, work):
    @functools.wraps(work)
    def wrapped(*args, **named):
        with turn:
            return work(*args, **named)

    return wrapped


def _shown(record):
    """A record of ECS as the API answers it: without what has no value, and without what ministack keeps to itself."""
    if isinstance(record, dict):
        # A copy in one step: a thread may put something into it meanwhile.
        return {
            name: _shown(value)
            for name, value in list(record.items())
            if value is not None and not name.startswith('_')
        }
    return [_shown(one) for one in list(record)] if isinstance(record, list) else record
