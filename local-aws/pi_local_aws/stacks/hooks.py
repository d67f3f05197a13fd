"""The three places where a resource is made, changed and removed, and what happens around each.

ministack's engine calls ``_provision_resource``, ``_update_resource`` and ``_delete_resource`` for every resource of
every stack. Around them come: stack policy, faults, pace, and the event with the physical id.
"""

import contextvars
import copy
import secrets

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, provisioners, stacks

from .. import faults, pace, persistence
from . import cleanup, policy, records, rollback

_STACK = 'AWS::CloudFormation::Stack'
_INITIATED = 'Resource creation Initiated'


def install() -> None:
    # Everything may wait (pace, a service's stability), and nothing that waits may hold the server's event loop.
    stacks._runs_on_worker_thread = lambda resource_type: True
    for name, wrap in (('_provision_resource', _provision), ('_update_resource', _update), ('_delete_resource', _delete)):
        wrapped = wrap(getattr(provisioners, name))
        setattr(provisioners, name, wrapped)
        setattr(stacks, name, wrapped)
    wrap_engine('_deploy_stack_async', _deploy)
    wrap_engine('_roll_back_operation', _roll_back)
    wrap_engine('_continue_update_rollback_async', _continue)
    # A service that did not become stable is told its old definition again; other types did not change before failing.
    sends_back = stacks._sends_back_failed_update
    stacks._sends_back_failed_update = lambda resource_type: resource_type == 'AWS::ECS::Service' or sends_back(resource_type)
    wrap_engine('_delete_stack_async', _delete_stack)


def wrap_engine(name: str, wrap) -> None:
    """Wrap a coroutine of the stack engine wherever it was imported to."""
    from ministack.services.cloudformation import changesets, handlers
    wrapped = wrap(getattr(stacks, name))
    for module in (stacks, changesets, handlers):
        if hasattr(module, name):
            setattr(module, name, wrapped)


def _dependencies(stack_name: str, logical_id: str) -> set[str]:
    resources = records.definitions(stack_name)
    return engine._extract_deps(resources.get(logical_id) or {}, set(resources)) - {logical_id}


def _dependents(stack_name: str, logical_id: str) -> set[str]:
    resources = records.definitions(stack_name)
    return {name for name in resources if logical_id in engine._extract_deps(resources[name], {logical_id})} - {logical_id}


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
        faults.strike(resource_type, 'create')
        _draw_name(stack_name)
        if '{{resolve:' in str(properties):
            # ministack resolves these in a root stack only.
            properties, _values = engine._resolve_dynamic_references(properties, None, reuse_ssm=False, reuse_secrets=False)
        with pace.resource(stack_name, _dependencies(stack_name, logical_id)) as began:
            physical_id, attributes = provision(resource_type, logical_id, properties, stack_name)
        _initiated(stack_name, logical_id, resource_type, physical_id)
        # The engine records a resource when it is done; a restart must know of it from now on.
        flying = records.stack(stack_name).setdefault('_pi_in_flight', {})
        flying[logical_id] = {
            'PhysicalResourceId': physical_id, 'ResourceType': resource_type, 'LogicalResourceId': logical_id,
            'Properties': properties, 'Attributes': attributes, '_name_seed': provisioners._NAME_SEED.get()}
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
            faults.strike(resource_type, 'update')
            with pace.resource(stack_name, _dependencies(stack_name, logical_id)) as began:
                new_id, attributes = update(resource_type, physical_id, old, new, stack_name, logical_id, known)
        except Exception:
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
            cleanup.later(stack_name, logical_id, resource_type, wrapped, resource_type, physical_id, properties, stack_name, logical_id)
            return
        faults.strike(resource_type, 'delete')
        if not stack_name or not logical_id:
            delete(resource_type, physical_id, properties, stack_name, logical_id)
            return
        with pace.resource(stack_name, _dependents(stack_name, logical_id)) as began:
            delete(resource_type, physical_id, properties, stack_name, logical_id)
        pace.wait(stack_name, logical_id, began, resource_type, 'delete', _child_finish(resource_type, physical_id))
    return wrapped


def _denied_removals(record: dict, template: dict, previous: dict) -> list[tuple[str, dict, str]]:
    """The resources that this update would remove against the stack's policy, with the reason."""
    denied = []
    conditions = engine._evaluate_conditions(template, record.get('_pi_parameters') or {})
    staying = set(engine._topological_sort(template.get('Resources') or {}, conditions))
    for logical_id, resource in (previous.get('_resources') or {}).items():
        if logical_id in staying:
            continue
        try:
            policy.check(record.get('_stack_policy') or '', 'Update:Delete', logical_id, resource['ResourceType'])
        except policy.DeniedError as error:
            denied.append((logical_id, resource, str(error)))
    return denied


def _deploy(deploy):
    async def wrapped(stack_name, stack_id, template, param_values, disable_rollback, tags, is_update=False,
                      previous_stack=None, retain_except_on_create=False, imports=None):
        record = records.stack(stack_name)
        record['_pi_template'], record['_pi_parameters'] = template, param_values
        if is_update and previous_stack:
            # Kept for a restart in the middle of the update.
            record['_pi_previous'] = copy.deepcopy({k: v for k, v in previous_stack.items() if not k.startswith('_pi_')})
        pace.begin(stack_name)
        denied = _denied_removals(record, template, previous_stack) if is_update and previous_stack else []
        try:
            if denied:
                await _refuse(stack_name, stack_id, record, denied, template, param_values, disable_rollback, previous_stack)
            else:
                await deploy(stack_name, stack_id, template, param_values, disable_rollback, tags, is_update=is_update,
                             previous_stack=previous_stack, retain_except_on_create=retain_except_on_create, imports=imports)
                if record['StackStatus'] == 'UPDATE_COMPLETE' and cleanup.pending(stack_name):
                    await _clean_up(stack_name, stack_id, record)
        finally:
            cleanup.forget(stack_name)
            if record['StackStatus'] != 'UPDATE_ROLLBACK_FAILED':
                # ContinueUpdateRollback needs what the children were.
                rollback.forget(cleanup.descendants(stack_name))
            for key in ('_pi_template', '_pi_parameters', '_pi_previous', '_pi_failed_update'):
                record.pop(key, None)
    return wrapped


async def _clean_up(stack_name: str, stack_id: str, record: dict) -> None:
    """The phase between the last change and UPDATE_COMPLETE, in which the tree's old resources go."""
    events = cloudformation._stack_events[stack_id]
    complete = events.pop()
    record['StackStatus'] = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
    stacks._add_event(stack_id, stack_name, stack_name, _STACK, record['StackStatus'], physical_id=stack_id)
    await run_reentrant(cleanup.run, stack_name)
    record['StackStatus'] = 'UPDATE_COMPLETE'
    events.append({**complete, 'Timestamp': now_iso()})


def _roll_back(roll_back):
    async def wrapped(stack_name, stack_id, stack, operation, *args, **named):
        cleanup.forget(stack_name)
        stack['_pi_rolling_back'] = True
        try:
            await roll_back(stack_name, stack_id, stack, operation, *args, **named)
        finally:
            stack.pop('_pi_rolling_back', None)
    return wrapped


async def _refuse(stack_name, stack_id, record, denied, template, parameters, disable_rollback, previous):
    """Fail the update before anything is touched, with the event on each resource that may not be removed."""
    for logical_id, resource, reason in denied:
        stacks._add_event(stack_id, stack_name, logical_id, resource['ResourceType'], 'UPDATE_FAILED', reason,
                          resource['PhysicalResourceId'])
    logical_id, resource, reason = denied[0]
    failed = (logical_id, resource['ResourceType'], resource['PhysicalResourceId'], None, None, None)
    operation = stacks._failed_operation(
        True, previous, [], failed, logical_id, [], False, template, parameters, False, record.get('Tags') or [],
        previous.get('Tags') or [])
    if disable_rollback:
        record.update(StackStatus='UPDATE_FAILED', StackStatusReason=reason, _failed_operation=operation)
        stacks._add_event(stack_id, stack_name, stack_name, _STACK, 'UPDATE_FAILED', reason, stack_id)
        return
    await stacks._roll_back_operation(stack_name, stack_id, record, operation)


def _delete_stack(delete_stack):
    async def wrapped(stack_name, stack_id, *args, **named):
        pace.begin(stack_name)
        await delete_stack(stack_name, stack_id, *args, **named)
    return wrapped


def _continue(continue_rollback):
    async def wrapped(stack_name, stack_id, resources_to_skip):
        record = records.stack(stack_name)
        record['_pi_rolling_back'] = True
        try:
            await continue_rollback(stack_name, stack_id, resources_to_skip)
        finally:
            record.pop('_pi_rolling_back', None)
            if record['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE':
                rollback.forget(cleanup.descendants(stack_name))
    return wrapped
