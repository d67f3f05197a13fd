"""A stack operation as a whole: its clock, its refusal by the stack policy, its clean-up, and its way back.

The coroutines of ministack's engine are wrapped wherever they were imported to.
"""

import copy

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from .. import pace
from ..patching import replace
from . import cleanup, policy, records, rollback

_STACK = 'AWS::CloudFormation::Stack'


def install() -> None:
    wrap_engine('_deploy_stack_async', _deploy)
    wrap_engine('_roll_back_operation', _roll_back)
    wrap_engine('_continue_update_rollback_async', _continue)
    # A service that did not become stable is told its old definition again; other types did not change before failing.
    sends_back = stacks._sends_back_failed_update
    stacks._sends_back_failed_update = lambda resource_type: (
        resource_type == 'AWS::ECS::Service' or sends_back(resource_type)
    )
    wrap_engine('_delete_stack_async', _delete_stack)
    replace(handlers, '_continue_update_rollback', _skip(handlers._continue_update_rollback))


def wrap_engine(name: str, wrap) -> None:
    """Wrap a coroutine of the stack engine wherever it was imported to."""
    wrapped = wrap(getattr(stacks, name))
    for module in (stacks, changesets, handlers):
        if hasattr(module, name):
            setattr(module, name, wrapped)


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
    async def wrapped(
        stack_name,
        stack_id,
        template,
        param_values,
        disable_rollback,
        tags,
        is_update=False,
        previous_stack=None,
        retain_except_on_create=False,
        imports=None,
    ):
        record = records.stack(stack_name)
        record['_pi_template'], record['_pi_parameters'] = template, param_values
        if is_update and previous_stack:
            # Kept for a restart in the middle of the update.
            record['_pi_previous'] = copy.deepcopy(
                {k: v for k, v in previous_stack.items() if not k.startswith('_pi_')}
            )
        pace.begin(stack_name)
        denied = _denied_removals(record, template, previous_stack) if is_update and previous_stack else []
        try:
            if denied:
                await _refuse(
                    stack_name, stack_id, record, denied, template, param_values, disable_rollback, previous_stack
                )
            else:
                await deploy(
                    stack_name,
                    stack_id,
                    template,
                    param_values,
                    disable_rollback,
                    tags,
                    is_update=is_update,
                    previous_stack=previous_stack,
                    retain_except_on_create=retain_except_on_create,
                    imports=imports,
                )
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
            _mark_stuck(stack)

    return wrapped


async def _refuse(stack_name, stack_id, record, denied, template, parameters, disable_rollback, previous):
    """Fail the update before anything is touched, with the event on each resource that may not be removed."""
    for logical_id, resource, reason in denied:
        stacks._add_event(
            stack_id,
            stack_name,
            logical_id,
            resource['ResourceType'],
            'UPDATE_FAILED',
            reason,
            resource['PhysicalResourceId'],
        )
    logical_id, resource, reason = denied[0]
    failed = (logical_id, resource['ResourceType'], resource['PhysicalResourceId'], None, None, None)
    operation = stacks._failed_operation(
        True,
        previous,
        [],
        failed,
        logical_id,
        [],
        False,
        template,
        parameters,
        False,
        record.get('Tags') or [],
        previous.get('Tags') or [],
    )
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


def _mark_stuck(record: dict) -> None:
    """What could not be brought back is UPDATE_FAILED, for the reason of its last event; everything else is well again."""
    failed = record.get('_rollback_failed') or {}
    reasons = {
        event['LogicalResourceId']: event.get('ResourceStatusReason', '')
        for event in cloudformation._stack_events[record['StackId']]
        if event['ResourceStatus'] == 'UPDATE_FAILED'
    }
    for logical_id, resource in (record.get('_resources') or {}).items():
        if logical_id in failed:
            resource.update(ResourceStatus='UPDATE_FAILED', ResourceStatusReason=reasons.get(logical_id, ''))
        elif resource.get('ResourceStatus') == 'UPDATE_FAILED':
            resource['ResourceStatus'] = 'UPDATE_COMPLETE'
            resource.pop('ResourceStatusReason', None)


def _skip(continue_update_rollback):
    """ministack skips resources of the root alone; those of children are named by the child's own name."""

    def wrapped(params):
        names = []
        while found := handlers._p(params, f'ResourcesToSkip.member.{len(names) + 1}'):
            names.append(found)
        for name in names:
            child, _, logical_id = name.rpartition('.')
            if child and records.stack(child).get('StackStatus') == 'UPDATE_ROLLBACK_FAILED':
                records.stack(child).setdefault('_pi_skipped', []).append(logical_id)
        # The root then tries the child again, which leaves them out.
        own = [name for name in names if not records.stack(name.rpartition('.')[0])]
        return continue_update_rollback({**params, 'ResourcesToSkip': own})

    return wrapped


def _continue(continue_rollback):
    async def wrapped(stack_name, stack_id, resources_to_skip):
        record = records.stack(stack_name)
        record['_pi_rolling_back'] = True
        try:
            await continue_rollback(stack_name, stack_id, resources_to_skip)
        finally:
            record.pop('_pi_rolling_back', None)
            _mark_stuck(record)
            if record['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE':
                rollback.forget(cleanup.descendants(stack_name))

    return wrapped
