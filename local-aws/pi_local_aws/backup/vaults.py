"""Vaults: lock, access policy, and that a vault with recovery points is not deleted."""

import json
import time
from fnmatch import fnmatch

from ministack.services import backup as store
from ministack.services.cloudformation import provisioners

from ..patching import replace
from ..registry import ResourceError
from . import tables
from .errors import Refused, denied, invalid, not_found, wrong_state

_DAY = 86_400
_TYPE = 'AWS::Backup::BackupVault'


def vault(name: str) -> dict:
    found = store._vaults.get(name)
    if found is None:
        raise not_found(f'Backup vault {name}')
    return found


def points_in(name: str) -> list[dict]:
    return [one for one in tables.points.values() if one['BackupVaultName'] == name]


def check(record: dict, action: str) -> None:
    """Refuse what the vault's policy denies to everybody; denials with conditions and grants are not looked at."""
    for statement in json.loads(record.get('_policy') or '{}').get('Statement', []):
        actions = statement.get('Action') or []
        actions = [actions] if isinstance(actions, str) else actions
        everybody = statement.get('Principal') in ('*', {'AWS': '*'}, {'AWS': ['*']})
        if statement.get('Effect') != 'Deny' or statement.get('Condition') or not everybody:
            continue
        if any(fnmatch(action.lower(), one.lower()) for one in actions):
            raise denied(
                f'Insufficient privileges to perform this action: {action} is explicitly denied by the access policy of '
                f'the vault {record["BackupVaultName"]}.'
            )


def admits(record: dict, action: str, account_id: str) -> bool:
    """Whether the vault's policy allows another account the action; allowances with conditions are not looked at."""
    for statement in json.loads(record.get('_policy') or '{}').get('Statement', []):
        if statement.get('Effect') != 'Allow' or statement.get('Condition'):
            continue
        principals = statement.get('Principal') or []
        principals = principals.get('AWS') if isinstance(principals, dict) else principals
        names = [principals] if isinstance(principals, str) else principals or []
        if not any(one in ('*', account_id) or f'::{account_id}:root' in one for one in names):
            continue
        actions = statement.get('Action') or []
        if any(fnmatch(action.lower(), one.lower()) for one in ([actions] if isinstance(actions, str) else actions)):
            return True
    return False


def outside_lock(record: dict, lifecycle: dict) -> str:
    """Why a retention does not fit the vault's lock; empty if it does."""
    if not record.get('Locked'):
        return ''
    days = lifecycle.get('DeleteAfterDays')
    low, high = record.get('MinRetentionDays'), record.get('MaxRetentionDays')
    if (low and days is not None and days < low) or (high and (days is None or days > high)):
        return (
            f'The specified retention period ({days or "unlimited"} days) is outside the vault lock range of the vault '
            f'{record["BackupVaultName"]} ({low or 1} to {high or "unlimited"} days).'
        )
    return ''


def lock(name: str, body: dict) -> tuple:
    record = vault(name)
    _refuse_settled_lock(record)
    low, high, days = (body.get(key) for key in ('MinRetentionDays', 'MaxRetentionDays', 'ChangeableForDays'))
    if days is not None and int(days) < 3:
        raise invalid('ChangeableForDays must be at least 3.')
    if low and high and int(low) > int(high):
        raise invalid('MinRetentionDays must not be above MaxRetentionDays.')
    record.update(
        Locked=True,
        MinRetentionDays=low and int(low),
        MaxRetentionDays=high and int(high),
        LockDate=int(time.time()) + int(days) * _DAY if days else None,
    )
    return store._no_content()


def unlock(name: str) -> tuple:
    record = vault(name)
    _refuse_settled_lock(record)
    record['Locked'] = False
    for key in ('MinRetentionDays', 'MaxRetentionDays', 'LockDate'):
        record.pop(key, None)
    return store._no_content()


def _refuse_settled_lock(record: dict) -> None:
    if record.get('LockDate') and record['LockDate'] <= time.time():
        raise wrong_state(f'The lock of the vault {record["BackupVaultName"]} can no longer be changed.')


def describe(name: str) -> tuple:
    record = vault(name)
    return store._ok(
        {
            'VaultType': 'BACKUP_VAULT',
            'VaultState': 'AVAILABLE',
            **tables.shown(record),
            'NumberOfRecoveryPoints': len(points_in(name)),
        }
    )


def policy(name: str, method: str, body: dict) -> tuple:
    record = vault(name)
    if method == 'PUT':
        record['_policy'] = _checked(body.get('Policy') or '')
    elif method == 'DELETE':
        record.pop('_policy', None)
    elif not record.get('_policy'):
        raise not_found(f'Access policy of the vault {name}')
    else:
        return store._ok(
            {**{key: record[key] for key in ('BackupVaultName', 'BackupVaultArn')}, 'Policy': record['_policy']}
        )
    return store._no_content()


def _checked(text: str) -> str:
    try:
        json.loads(text)
    except ValueError as error:
        raise invalid('Policy is not JSON.') from error
    return text


def delete(name: str) -> tuple:
    if points_in(name):
        raise wrong_state(f'Backup vault {name} cannot be deleted because it contains recovery points.')
    return store._delete_vault(name)


def install() -> None:
    """AccessPolicy and LockConfiguration of the resource type, which ministack passes over."""
    create, update, remove = (getattr(provisioners, f'_backup_vault_{step}') for step in ('create', 'update', 'delete'))

    def configured(name: str, properties: dict) -> None:
        document = properties.get('AccessPolicy')
        try:
            if document:
                policy(name, 'PUT', {'Policy': document if isinstance(document, str) else json.dumps(document)})
            if properties.get('LockConfiguration'):
                lock(name, properties['LockConfiguration'])
        except Refused as refused:
            raise ResourceError(f'{refused} (Service: Backup, Code: {refused.code})') from refused

    def created(logical_id, properties, stack_name):
        physical_id, attributes = create(logical_id, properties, stack_name)
        configured(physical_id, properties)
        return physical_id, attributes

    def updated(physical_id, old, new, stack_name, logical_id=None):
        new_id, attributes = update(physical_id, old, new, stack_name, logical_id)
        configured(new_id, new)
        return new_id, attributes

    def removed(physical_id, properties):
        if points_in(physical_id):
            raise ResourceError(
                'Backup vault cannot be deleted (contains recovery points) (Service: Backup, Status Code: 400, '
                'Code: InvalidRequestException)'
            )
        remove(physical_id, properties)

    for name, function in (('create', created), ('update', updated), ('delete', removed)):
        replace(provisioners, f'_backup_vault_{name}', function)
        provisioners._RESOURCE_HANDLERS[_TYPE][name] = function
