"""Stack operations over a restart: what was running when the process ended is brought to an end.

AWS would have gone on. Here a creation or an update is rolled back, with the restart as its reason, and a deletion goes
on where it was.
"""

import asyncio

from ministack.core.concurrency import run_reentrant
from ministack.core.responses import request_scope
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from . import cleanup, records, rollback

_REASON = 'The embedded AWS was restarted during this operation.'
_CREATING = ('CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS')
_UPDATING = ('UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')


async def unfinished() -> None:
    """End every operation that a restart interrupted; children are ended with their parents."""
    for (account_id, region, name), record in list(cloudformation._stacks.all_items()):
        if record.get('_parent_stack_name') or not record.get('StackStatus', '').endswith('_IN_PROGRESS'):
            continue
        with request_scope(account_id, region):
            if record['StackStatus'] == 'REVIEW_IN_PROGRESS':
                continue
            await asyncio.shield(asyncio.create_task(_end(name, record)))


async def _end(name: str, record: dict) -> None:
    status, stack_id = record['StackStatus'], record['StackId']
    template = record.get('_pi_template') or record.get('_template') or {}
    parameters = record.get('_pi_parameters') or record.get('_resolved_params') or {}
    records.land(record)
    created = list(record['_resources'])
    if status == 'DELETE_IN_PROGRESS':
        await stacks._delete_stack_async(name, stack_id)
    elif status in _CREATING:
        _adopt_children(name, record)
        created = list(record['_resources'])
        operation = stacks._failed_operation(
            False, None, created, None, None, [], False, template, parameters, False, record.get('Tags') or [], []
        )
        await stacks._roll_back_operation(name, stack_id, record, operation, reason_override=_REASON)
    elif status in _UPDATING and record.get('_pi_previous'):
        previous = record['_pi_previous']
        operation = stacks._failed_operation(
            True,
            previous,
            created,
            None,
            None,
            [],
            False,
            template,
            parameters,
            False,
            record.get('Tags') or [],
            previous.get('Tags') or [],
        )
        await stacks._roll_back_operation(name, stack_id, record, operation, reason_override=_REASON)
        for child in cleanup.descendants(name):
            if records.stack(child).get('_parent_stack_name') == name and '_pi_before' in records.stack(child):
                await run_reentrant(rollback.roll_back, child)
    elif status == 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS':
        _settle(name, record, 'UPDATE_COMPLETE', '')
    elif status in _UPDATING:
        _settle(name, record, 'UPDATE_ROLLBACK_FAILED', _REASON)
    for key in ('_pi_template', '_pi_parameters', '_pi_previous'):
        record.pop(key, None)


def _settle(name: str, record: dict, status: str, reason: str) -> None:
    record.update(StackStatus=status, StackStatusReason=reason)
    stacks._add_event(record['StackId'], name, name, 'AWS::CloudFormation::Stack', status, reason, record['StackId'])


def _adopt_children(name: str, record: dict) -> None:
    """A child that was being made is not among its parent's resources yet; take it in, so that it is removed."""
    resources = record.setdefault('_resources', {})
    known = {one.get('PhysicalResourceId') for one in resources.values()}
    for child_name, child in cloudformation._stacks.items():
        if child.get('_parent_stack_name') != name or child['StackId'] in known:
            continue
        records.land(child)
        logical_id = records.logical_id_of_child(child_name, name)
        resources[logical_id] = {
            'PhysicalResourceId': child['StackId'],
            'ResourceType': 'AWS::CloudFormation::Stack',
            'LogicalResourceId': logical_id,
            'Properties': {},
            'Attributes': {},
        }
