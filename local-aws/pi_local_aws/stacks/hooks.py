"""The three places where a resource is made, changed and removed, and what happens around each.

ministack's engine calls ``_provision_resource``, ``_update_resource`` and ``_delete_resource`` for every resource of
every stack. Around them come: stack policy, permissions, faults, pace, and the event with the physical id.
"""

import contextvars
import secrets

from ministack.services.cloudformation import engine, provisioners, stacks

from .. import faults, pace, persistence
from ..account import permissions
from . import cleanup, policy, records, rollback

_STACK = 'AWS::CloudFormation::Stack'
_INITIATED = 'Resource creation Initiated'


def install() -> None:
    # Everything may wait (pace, a service's stability), and nothing that waits may hold the server's event loop.
    stacks._runs_on_worker_thread = lambda resource_type: True
    for name, wrap in (
        ('_provision_resource', _provision),
        ('_update_resource', _update),
        ('_delete_resource', _delete),
    ):
        wrapped = wrap(getattr(provisioners, name))
        setattr(provisioners, name, wrapped)
        setattr(stacks, name, wrapped)


def _dependencies(stack_name: str, logical_id: str) -> set[str]:
    resources = records.definitions(stack_name)
    return engine._extract_deps(resources.get(logical_id) or {}, set(resources)) - {logical_id}


def _dependents(stack_name: str, logical_id: str) -> set[str]:
    resources = records.definitions(stack_name)
    return {name for name in resources if logical_id in engine._extract_deps(resources[name], {logical_id})} - {
        logical_id
    }


def _child_finish(resource_type: str, physical_id: str) -> float:
    """A nested stack is done when everything in it is."""
    return pace.finish_of(provisioners._nested_stack_lookup_name(physical_id)) if resource_type == _STACK else 0.0


def _initiated(stack_name: str, logical_id: str, resource_type: str, physical_id: str) -> None:
    """CloudFormation's second event of a creation: the physical id is known, the resource not yet ready."""
    record = records.stack(stack_name)
    if record and resource_type != _STACK:
        status = 'UPDATE_IN_PROGRESS' if record['StackStatus'].startswith('UPDATE') else 'CREATE_IN_PROGRESS'
        stacks._add_event(record['StackId'], stack_name, logical_id, resource_type, status, _INITIATED, physical_id)


# Set while an update runs, whose creations (replacements) bring their own name.
_updating = contextvars.ContextVar('pi_updating', default=False)


def _draw_name(stack_name: str) -> None:
    """A generated name ends differently at each creation, as on AWS; the engine keeps the seed for later updates.

    A nested stack's own name is random already, and the engine keeps no seeds for its resources.
    """
    if records.stack(stack_name).get('_parent_stack_name'):
        provisioners._NAME_SEED.set('')
    elif not _updating.get():
        provisioners._NAME_SEED.set(secrets.token_hex(4))


def _provision(provision):
    def wrapped(resource_type, logical_id, properties, stack_name):
        permissions.check_resource(resource_type, 'create')
        faults.strike(resource_type, 'create')
        _draw_name(stack_name)
        if '{{resolve:' in str(properties):
            # ministack resolves these in a root stack only.
            properties, _values = engine._resolve_dynamic_references(
                properties, None, reuse_ssm=False, reuse_secrets=False
            )
        with pace.resource(stack_name, _dependencies(stack_name, logical_id)) as began:
            physical_id, attributes = provision(resource_type, logical_id, properties, stack_name)
        _initiated(stack_name, logical_id, resource_type, physical_id)
        # The engine records a resource when it is done; a restart must know of it from now on.
        flying = records.stack(stack_name).setdefault('_pi_in_flight', {})
        flying[logical_id] = {
            'PhysicalResourceId': physical_id,
            'ResourceType': resource_type,
            'LogicalResourceId': logical_id,
            'Properties': properties,
            'Attributes': attributes,
            '_name_seed': provisioners._NAME_SEED.get(),
        }
        persistence.changed()
        pace.wait(stack_name, logical_id, began, resource_type, 'create', _child_finish(resource_type, physical_id))
        flying.pop(logical_id, None)
        return physical_id, attributes

    return wrapped


def _update(update):
    def wrapped(resource_type, physical_id, old, new, stack_name, logical_id=None, old_attributes=None):
        known = old_attributes or records.resource(stack_name, logical_id or '').get('Attributes') or {}
        if old == new:
            # In a nested stack ministack forgets the attributes of what did not change.
            return physical_id, known
        record = records.stack(stack_name)
        if record.get('_pi_rolling_back'):
            if resource_type == _STACK:
                return rollback.roll_back(provisioners._nested_stack_lookup_name(physical_id))
        else:
            _check_update(record, resource_type, logical_id, old, new)
        token = _updating.set(True)
        try:
            permissions.check_resource(resource_type, 'update')
            faults.strike(resource_type, 'update')
            with pace.resource(stack_name, _dependencies(stack_name, logical_id)) as began:
                new_id, attributes = update(resource_type, physical_id, old, new, stack_name, logical_id, known)
        except Exception:
            # What fails on the way back has not changed: the next try sends back the same.
            if not record.get('_pi_rolling_back'):
                record['_pi_failed_update'] = {'logical_id': logical_id, 'properties': new}
            raise
        finally:
            _updating.reset(token)
        if new_id == physical_id:
            pace.wait(stack_name, logical_id, began, resource_type, 'update', _child_finish(resource_type, physical_id))
        return new_id, attributes

    return wrapped


def _check_update(record: dict, resource_type: str, logical_id: str, old: dict, new: dict) -> None:
    if not record.get('_stack_policy'):
        return
    replaces = provisioners._replacing_change(resource_type, old, new)
    policy.check(record['_stack_policy'], 'Update:Replace' if replaces else 'Update:Modify', logical_id, resource_type)


def _delete(delete):
    def wrapped(resource_type, physical_id, properties, stack_name=None, logical_id=None):
        if cleanup.updating_child.get() and cleanup.updating_child.get() == stack_name:
            # A resource that a child's update removes: it goes when the whole tree succeeded.
            cleanup.later(
                stack_name,
                logical_id,
                resource_type,
                wrapped,
                resource_type,
                physical_id,
                properties,
                stack_name,
                logical_id,
            )
            return
        permissions.check_resource(resource_type, 'delete')
        faults.strike(resource_type, 'delete')
        if not stack_name or not logical_id:
            delete(resource_type, physical_id, properties, stack_name, logical_id)
            return
        with pace.resource(stack_name, _dependents(stack_name, logical_id)) as began:
            delete(resource_type, physical_id, properties, stack_name, logical_id)
        pace.wait(stack_name, logical_id, began, resource_type, 'delete', _child_finish(resource_type, physical_id))

    return wrapped
