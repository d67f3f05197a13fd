"""Rolling a nested stack back to what it was before the root operation: the same resources, not new ones like them.

ministack sends a child back by updating it to the old properties, which gives every replaced resource a third identity
that nothing else of the old tree refers to.
"""

import copy

from ministack.services.cloudformation import engine, provisioners, stacks

from . import records

_STACK = 'AWS::CloudFormation::Stack'
_KEPT_KEYS = ('StackName', 'StackId', 'CreationTime', '_parent_stack_name', 'RootId', 'ParentId')


def snapshot(name: str) -> dict:
    """A child's state before the first change of a root operation: the one already kept, or the present one."""
    record = records.stack(name)
    kept = record.get('_pi_before')
    return kept or copy.deepcopy({key: one for key, one in record.items() if not key.startswith('_pi_')})


# Snapshots of updates that have begun; ministack makes the child's record anew, and loses what it does not know.
taken: dict[str, dict] = {}


def remember(name: str, before: dict) -> None:
    """Keep the snapshot on the child's record, which ministack makes anew for each update."""
    if records.stack(name):
        records.stack(name)['_pi_before'] = before


def forget(names: list[str]) -> None:
    """The root operation is over, one way or the other."""
    for name in names:
        records.stack(name).pop('_pi_before', None)


def _attributes(record: dict) -> dict:
    return {f'Outputs.{one["OutputKey"]}': one['OutputValue'] for one in record.get('Outputs') or []}


def _status(name: str, status: str) -> None:
    record = records.stack(name)
    record['StackStatus'] = status
    stacks._add_event(record['StackId'], name, name, _STACK, status, '', record['StackId'])


def roll_back(name: str) -> tuple[str, dict]:
    """Bring a child back to its remembered state; returns its id and its attributes of then."""
    record = records.stack(name)
    before = record.pop('_pi_before', None)
    if before is None:
        return record['StackId'], _attributes(record)
    _status(name, 'UPDATE_ROLLBACK_IN_PROGRESS')
    records.land(record)
    record['_pi_rolling_back'] = True
    try:
        made = _revert(name, record, before)
    except Exception:
        record['_pi_before'] = before
        _status(name, 'UPDATE_ROLLBACK_FAILED')
        raise
    finally:
        record.pop('_pi_rolling_back', None)
    _status(name, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')
    for logical_id, resource in made:
        _remove(name, record, logical_id, resource)
    for key in [one for one in record if one not in before and not one.startswith('_pi_')]:
        del record[key]
    record.update({key: one for key, one in before.items() if key not in _KEPT_KEYS})
    _status(name, 'UPDATE_ROLLBACK_COMPLETE')
    return record['StackId'], _attributes(record)


def _revert(name: str, record: dict, before: dict) -> list[tuple[str, dict]]:
    """Send back what changed in place, in the old order; returns what the update made, dependents first."""
    now, then = record.get('_resources') or {}, before.get('_resources') or {}
    failed = record.get('_pi_failed_update') or {}
    skipped = record.pop('_pi_skipped', [])
    template = before.get('_template') or {}
    order = engine._topological_sort(template.get('Resources') or {}, before.get('_conditions') or {})
    for logical_id in order:
        old, new = then.get(logical_id), now.get(logical_id)
        if not old:
            continue
        applied = failed['properties'] if failed.get('logical_id') == logical_id else (new or {}).get('Properties')
        same = new is None or new['PhysicalResourceId'] == old['PhysicalResourceId']
        if logical_id in skipped:
            event = (record['StackId'], name, logical_id, old['ResourceType'], 'UPDATE_COMPLETE')
            stacks._add_event(*event, 'Resource rollback skipped by user', old['PhysicalResourceId'])
        elif same and applied is not None and applied != old['Properties']:
            _send_back(name, record, logical_id, old, applied)
    record.pop('_pi_failed_update', None)
    made = [
        (one, now[one])
        for one in now
        if one not in then or now[one]['PhysicalResourceId'] != then[one]['PhysicalResourceId']
    ]
    return list(reversed(made))


def _send_back(name, record, logical_id, old, applied) -> None:
    resource_type, physical_id = old['ResourceType'], old['PhysicalResourceId']
    event = (record['StackId'], name, logical_id, resource_type)
    stacks._add_event(*event, 'UPDATE_IN_PROGRESS', physical_id=physical_id)
    token = provisioners._NAME_SEED.set(old.get('_name_seed', ''))
    try:
        provisioners._update_resource(
            resource_type, physical_id, applied, old['Properties'], name, logical_id, old.get('Attributes')
        )
    except Exception as error:
        stacks._add_event(*event, 'UPDATE_FAILED', str(error), physical_id)
        records.resource(name, logical_id).update(ResourceStatus='UPDATE_FAILED', ResourceStatusReason=str(error))
        raise
    finally:
        provisioners._NAME_SEED.reset(token)
    stacks._add_event(*event, 'UPDATE_COMPLETE', physical_id=physical_id)


def _remove(name, record, logical_id, resource) -> None:
    event = (record['StackId'], name, logical_id, resource['ResourceType'])
    physical_id = resource['PhysicalResourceId']
    stacks._add_event(*event, 'DELETE_IN_PROGRESS', physical_id=physical_id)
    try:
        provisioners._delete_resource(
            resource['ResourceType'], physical_id, resource.get('Properties') or {}, name, logical_id
        )
    except Exception as error:
        # What the clean-up of a rollback cannot delete leaves the stack, as on AWS.
        stacks._add_event(*event, 'DELETE_FAILED', str(error), physical_id)
        return
    stacks._add_event(*event, 'DELETE_COMPLETE', physical_id=physical_id)
