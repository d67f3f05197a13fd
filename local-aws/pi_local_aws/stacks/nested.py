"""Nested stacks to their end: a child that fails ends in a failure state, and a child that is removed says so.

ministack leaves a failing child without a last event and its resources behind, and removes a child silently and
against its deletion policies.
"""

import re

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, handlers, provisioners, stacks

from .. import pace, persistence
from ..patching import replace
from . import cleanup, records, rollback

_STACK = 'AWS::CloudFormation::Stack'


def install() -> None:
    deploy = provisioners._cfn_nested_stack_deploy
    provisioners._cfn_nested_stack_deploy = _whole(deploy)
    handler = provisioners._RESOURCE_HANDLERS[_STACK]
    # The engine gives the logical id only to handlers that ask for it.
    provisioners._RESOURCE_HANDLERS[_STACK] = {**handler, 'delete': delete}
    _announce_children()
    _show_parents()


def _announce_children() -> None:
    """The parent's event with the child's id comes as soon as the child exists, so that it can be followed."""
    add = stacks._add_event

    def add_event(
        stack_id, stack_name, logical_id, resource_type, status, reason='', physical_id='', detailed_status=''
    ):
        if not physical_id and status.startswith('UPDATE'):
            # What is updated is there already, and AWS names it from the first event on.
            physical_id = records.resource(stack_name, logical_id).get('PhysicalResourceId', '')
        add(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)
        persistence.changed()
        if (
            logical_id == stack_name
            and status in ('CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS')
            and _is_child(stack_name)
        ):
            pace.begin_child(stack_name)
        if logical_id == stack_name and stack_name in rollback.taken:
            rollback.remember(stack_name, rollback.taken[stack_name])
        if logical_id != stack_name or status != 'CREATE_IN_PROGRESS':
            return
        parent_name = records.stack(stack_name).get('_parent_stack_name')
        parent = records.stack(parent_name) if parent_name else {}
        if parent:
            name = records.logical_id_of_child(stack_name, parent_name)
            prefix = 'UPDATE' if parent['StackStatus'].startswith('UPDATE') else 'CREATE'
            add(
                parent['StackId'],
                parent_name,
                name,
                _STACK,
                f'{prefix}_IN_PROGRESS',
                'Resource creation Initiated',
                stack_id,
            )

    stacks._add_event = add_event


def _is_child(name: str) -> bool:
    return bool(records.stack(name).get('_parent_stack_name'))


def _show_parents() -> None:
    """DescribeStacks tells of a child who its parent and its root are."""
    describe = handlers._describe_stacks

    def described(params):
        status, headers, body = describe(params)
        if status >= 400:
            return status, headers, body
        lineage = {
            record[
                'StackId'
            ]: f'<ParentId>{_parent_id(record)}</ParentId><RootId>{records.stack(cleanup.root_of(name))["StackId"]}</RootId>'
            for name, record in cloudformation._stacks.items()
            if records.stack(record.get('_parent_stack_name') or '')
        }
        text = re.sub(
            r'<StackId>([^<]*)</StackId>', lambda found: found.group(0) + lineage.get(found.group(1), ''), body.decode()
        )
        return status, headers, text.encode()

    replace(handlers, '_describe_stacks', described)


def _parent_id(record: dict) -> str:
    return records.stack(record['_parent_stack_name'])['StackId']


def _children_of(parent: str) -> set[str]:
    return {name for name, record in cloudformation._stacks.items() if record.get('_parent_stack_name') == parent}


def _whole(deploy):
    def wrapped(logical_id, properties, parent, *, previous_physical_id=None, previous_props=None):
        before = _children_of(parent)
        token = cleanup.updating_child.set(previous_physical_id or '')
        if previous_physical_id:
            rollback.taken[previous_physical_id] = rollback.snapshot(previous_physical_id)
        try:
            return deploy(
                logical_id, properties, parent, previous_physical_id=previous_physical_id, previous_props=previous_props
            )
        except Exception as error:
            name = previous_physical_id or next(iter(_children_of(parent) - before), '')
            child = records.stack(name)
            if not child:
                raise
            raise ValueError(_fail(name, child, error, creating=previous_physical_id is None)) from error
        finally:
            cleanup.updating_child.reset(token)
            if previous_physical_id:
                rollback.remember(previous_physical_id, rollback.taken.pop(previous_physical_id))

    return wrapped


def _finish(name: str, status: str, reason: str) -> None:
    record = records.stack(name)
    record['StackStatus'], record['StackStatusReason'] = status, reason
    stacks._add_event(record['StackId'], name, name, _STACK, status, reason, record['StackId'])


def _failed_resource(name: str, child: dict) -> str:
    events = cloudformation._stack_events.get(child['StackId']) or []
    return next(
        (
            one['LogicalResourceId']
            for one in reversed(events)
            if one['ResourceStatus'].endswith('_FAILED') and one['LogicalResourceId'] != name
        ),
        '',
    )


def _fail(name: str, child: dict, error: Exception, creating: bool) -> str:
    """Bring the child to its failure state and return the reason that the parent's resource gets."""
    resource = _failed_resource(name, child)
    verb = 'create' if creating else 'update'
    cause = f'The following resource(s) failed to {verb}: [{resource}]. ' if resource else str(error)
    if not creating:
        _finish(name, 'UPDATE_FAILED', cause)
        return (
            f'Embedded stack {child["StackId"]} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS '
            f'with reason: {cause}'
        )
    root = records.stack(cleanup.root_of(name))
    if root.get('DisableRollback'):
        _finish(name, 'CREATE_FAILED', cause)
    else:
        _finish(name, 'ROLLBACK_IN_PROGRESS', cause)
        _remove_resources(name, child, rolling_back=True)
        _finish(name, 'ROLLBACK_COMPLETE', cause)
    return f'Embedded stack {child["StackId"]} was not successfully created: {cause}'


def _remove_resources(name: str, child: dict, rolling_back: bool = False) -> list[str]:
    """Delete the child's resources, dependents first, by their deletion policies; returns what could not be deleted."""
    resources, template = child.get('_resources') or {}, child.get('_template') or {}
    definitions, conditions = template.get('Resources') or {}, child.get('_conditions') or {}
    order = engine._topological_sort(definitions, conditions) if definitions else []
    order += [one for one in resources if one not in order]
    failed = []
    pace.begin_child(name)
    for logical_id in reversed(order):
        record = resources.get(logical_id)
        if not record:
            continue
        if not _remove(name, child, logical_id, record, definitions, rolling_back):
            failed.append(logical_id)
    return failed


def _remove(name, child, logical_id, record, definitions, rolling_back) -> bool:
    resource_type, physical_id = record['ResourceType'], record['PhysicalResourceId']
    event = (child['StackId'], name, logical_id, resource_type)
    keep = stacks._resource_policy(
        definitions.get(logical_id),
        'DeletionPolicy',
        child.get('_resources') or {},
        child.get('_resolved_params') or {},
        child.get('_conditions') or {},
        (child.get('_template') or {}).get('Mappings') or {},
        name,
        child['StackId'],
    )
    if keep == 'Retain' or (keep == 'RetainExceptOnCreate' and not rolling_back):
        stacks._add_event(*event, 'DELETE_SKIPPED', physical_id=physical_id)
        child['_resources'].pop(logical_id, None)
        return True
    stacks._add_event(*event, 'DELETE_IN_PROGRESS', physical_id=physical_id)
    try:
        if keep == 'Snapshot' and not rolling_back:
            provisioners._snapshot_resource(resource_type, physical_id, record.get('Properties') or {})
        provisioners._delete_resource(resource_type, physical_id, record.get('Properties') or {}, name, logical_id)
    except Exception as error:
        stacks._add_event(*event, 'DELETE_FAILED', str(error), physical_id)
        record.update(ResourceStatus='DELETE_FAILED', ResourceStatusReason=str(error), Timestamp=now_iso())
        return False
    stacks._add_event(*event, 'DELETE_COMPLETE', physical_id=physical_id)
    child['_resources'].pop(logical_id, None)
    return True


def delete(physical_id: str, properties: dict) -> None:
    """Delete a child stack as DeleteStack would."""
    name = provisioners._nested_stack_lookup_name(physical_id)
    child = records.stack(name)
    if not child or child['StackStatus'] == 'DELETE_COMPLETE':
        return
    _finish(name, 'DELETE_IN_PROGRESS', '')
    failed = _remove_resources(name, child)
    if failed:
        reason = f'The following resource(s) failed to delete: [{", ".join(sorted(failed))}]. '
        _finish(name, 'DELETE_FAILED', reason)
        raise ValueError(f'Embedded stack {physical_id} was not successfully deleted: {reason}')
    for output in child.get('Outputs') or []:
        cloudformation._exports.pop(output.get('ExportName') or '', None)
    _finish(name, 'DELETE_COMPLETE', '')
