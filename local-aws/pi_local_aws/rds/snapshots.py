"""DB snapshots that hold data: made, copied (also from another region or account), deleted."""

import html
import shutil
import time
from pathlib import Path

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import rds as store

from .. import faults
from ..patching import replace
from . import accounts, data, engine, foreign_keys, keys, servers, sharing, states

_KEY_FAULT = 'KMSKeyNotAccessibleFault'


def folder_of(snapshot: dict) -> Path | None:
    """Where a snapshot's data lies; None for a record without data."""
    name = snapshot.get('_pi_data')
    return data.root() / 'snapshots' / name if name else None


def find(identifier: str) -> dict | None:
    """The snapshot of a name or an ARN; an ARN may name another region."""
    states.settle()
    if not identifier.startswith('arn:'):
        return store._snapshots.get(identifier)
    parts = identifier.split(':', 6)
    if len(parts) < 7 or parts[5] != 'snapshot':
        return None
    return store._snapshots.get_scoped(parts[4], parts[3], parts[6])


def capture(snapshot_id: str, instance: dict, make) -> dict:
    """Make the record and, where the instance has a server, the copy of its data as of now."""
    reason = faults.struck('DBSnapshot')
    snapshot = make(snapshot_id, instance)
    if servers.has_engine(instance) and not reason:
        name = new_uuid()
        engine.capture(instance['DbiResourceId'], data.root() / 'snapshots' / name)
        snapshot['_pi_data'] = name
    snapshot['SnapshotDatabaseTime'] = store._format_time(time.time())
    states.begin(snapshot, 'Status', 'creating', 'failed' if reason else 'available', 'DBSnapshot')
    return snapshot


def _create(create):
    def wrapped(p):
        states.settle()
        instance = store._resolve_instance(store._p(p, 'DBInstanceIdentifier'))
        if instance and store._p(p, 'DBSnapshotIdentifier') not in store._snapshots:
            status = instance['DBInstanceStatus']
            if status not in ('available', 'storage-optimization'):
                return store._error(
                    'InvalidDBInstanceState',
                    f'Cannot create a snapshot because the database instance {instance["DBInstanceIdentifier"]} is not '
                    f'currently in the available state (it is {status}).',
                    400,
                )
            refused = accounts.over_quota() or _key_fault(instance.get('KmsKeyId', ''))
            if refused:
                return refused
        return create(p)

    return wrapped


def _key_fault(key: str, must_exist: bool = False):
    why = keys.why_not(key, must_exist)
    return store._error(_KEY_FAULT, why, 400) if why else None


def remove_data(snapshot: dict) -> None:
    folder = folder_of(snapshot)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _delete(delete):
    def wrapped(p):
        identifier = store._p(p, 'DBSnapshotIdentifier')
        snapshot = find(identifier)
        if snapshot and snapshot['SnapshotType'] == 'awsbackup':
            return store._error(
                'InvalidDBSnapshotState', f'Snapshot {identifier} is managed by AWS Backup and is deleted there.', 400
            )
        if snapshot and snapshot['Status'] not in ('available', 'failed'):
            return store._error(
                'InvalidDBSnapshotState',
                f'Cannot delete the snapshot {identifier} because it is not currently in the available or failed state.',
                400,
            )
        answer = delete({**p, 'DBSnapshotIdentifier': [snapshot['DBSnapshotIdentifier'] if snapshot else identifier]})
        if answer[0] < 400 and snapshot:
            remove_data(snapshot)
        return answer

    return wrapped


def _describe(p):
    """By name, ARN, instance, type and filters; AWS Backup's are listed only when they are asked for."""
    states.settle()
    identifier, kind = store._p(p, 'DBSnapshotIdentifier'), store._p(p, 'SnapshotType')
    instance = store._request_region_resource_identifier(store._p(p, 'DBInstanceIdentifier'), 'db')
    filters = store._parse_filters(p)
    if identifier:
        found = find(identifier)
        if found is None or f':{get_region()}:' not in found['DBSnapshotArn'] or not sharing.is_shared(found):
            return store._error('DBSnapshotNotFound', f'DBSnapshot {identifier} not found.', 404)
        chosen = [found]
    else:
        kinds = [kind] if kind else filters.get('snapshot-type') or ['manual', 'automated']
        chosen = [one for one in store._snapshots.values() if one['SnapshotType'] in kinds]
    fields = {
        'db-instance-id': 'DBInstanceIdentifier',
        'db-snapshot-id': 'DBSnapshotIdentifier',
        'dbi-resource-id': 'DbiResourceId',
        'engine': 'Engine',
    }
    for name, values in filters.items():
        if name in fields:
            chosen = [one for one in chosen if one.get(fields[name]) in values or one['DBSnapshotArn'] in values]
    if instance:
        chosen = [one for one in chosen if one['DBInstanceIdentifier'] == instance]
    if store._p(p, 'DbiResourceId'):
        chosen = [one for one in chosen if one['DbiResourceId'] == store._p(p, 'DbiResourceId')]
    rows = ''.join(f'<DBSnapshot>{store._snapshot_xml(one)}</DBSnapshot>' for one in chosen)
    return store._xml(
        200,
        'DescribeDBSnapshotsResponse',
        f'<DescribeDBSnapshotsResult><DBSnapshots>{rows}</DBSnapshots></DescribeDBSnapshotsResult>',
    )


def _copy(p):
    """CopyDBSnapshot, called in the region and the account of the copy."""
    source_id, target_id = store._p(p, 'SourceDBSnapshotIdentifier'), store._p(p, 'TargetDBSnapshotIdentifier')
    source, key = find(source_id), store._p(p, 'KmsKeyId')
    refused = _refused(source_id, target_id, source, key)
    if refused:
        return refused
    copy = duplicate(source, target_id, key, 'manual')
    tags = store._parse_tags(p)
    if not tags and store._p(p, 'CopyTags') == 'true':
        tags = [dict(tag) for tag in source.get('TagList') or []]
    copy['TagList'] = tags
    store._tags[copy['DBSnapshotArn']] = [dict(tag) for tag in tags]
    return store._xml(
        200,
        'CopyDBSnapshotResponse',
        f'<CopyDBSnapshotResult><DBSnapshot>{store._snapshot_xml(copy)}</DBSnapshot></CopyDBSnapshotResult>',
    )


def _refused(source_id: str, target_id: str, source: dict | None, key: str):
    if not target_id or not source_id:
        return store._error(
            'MissingParameter', 'SourceDBSnapshotIdentifier and TargetDBSnapshotIdentifier are required', 400
        )
    if source is None or not sharing.is_shared(source):
        return store._error('DBSnapshotNotFound', f'DBSnapshot {source_id} not found.', 404)
    if target_id in store._snapshots:
        return store._error(
            'DBSnapshotAlreadyExists',
            f'Cannot create the snapshot because one with the identifier {target_id} already exists.',
            400,
        )
    if source['Status'] != 'available':
        return store._error(
            'InvalidDBSnapshotState', f'The snapshot {source_id} is {source["Status"]}, not available.', 400
        )
    abroad = f':{get_region()}:' not in source['DBSnapshotArn']
    if source.get('Encrypted') and abroad and not key:
        return store._error(_KEY_FAULT, 'An encrypted snapshot of another region needs a KmsKeyId of this one.', 400)
    own = source.get('KmsKeyId', '')
    if source.get('Encrypted') and source['DBSnapshotArn'].split(':')[4] != get_account_id():
        if not key:
            return store._error(_KEY_FAULT, 'An encrypted snapshot of another account needs a KmsKeyId of this one.', 400)
        if not foreign_keys.allows(own, foreign_keys.FOR_A_COPY):
            return store._error(
                _KEY_FAULT,
                f'The source snapshot KMS key [{own}] does not exist, is not enabled or you do not have permissions to access it.',
                400,
            )
    return accounts.over_quota() or _key_fault(key or source.get('KmsKeyId', ''), must_exist=bool(key))


def duplicate(source: dict, name: str, key: str, kind: str) -> dict:
    """A second snapshot with the same data in the region of this call."""
    reason = faults.struck('DBSnapshotCopy')
    now = store._format_time(time.time())
    region = source['DBSnapshotArn'].split(':')[3]
    copy = {
        **{field: value for field, value in source.items() if not field.startswith('_pi_')},
        'DBSnapshotIdentifier': name,
        'DBSnapshotArn': f'arn:aws:rds:{get_region()}:{get_account_id()}:snapshot:{name}',
        'SnapshotCreateTime': now,
        'SnapshotType': kind,
        'TagList': [],
        'SourceDBSnapshotIdentifier': source['DBSnapshotArn'],
        'SourceRegion': region if region != get_region() else '',
    }
    if key:
        copy.update(KmsKeyId=key, Encrypted=True, StorageEncrypted=True)
    files = folder_of(source)
    if files and not reason:
        copy['_pi_data'] = new_uuid()
        data.copy_data(files, data.root() / 'snapshots' / copy['_pi_data'])
    store._snapshots[name] = copy
    states.begin(copy, 'Status', 'creating', 'failed' if reason else 'available', 'DBSnapshotCopy')
    return copy


def _with_source(render):
    def wrapped(snapshot):
        more = ''.join(
            f'<{name}>{html.escape(snapshot[name])}</{name}>'
            for name in ('SourceDBSnapshotIdentifier', 'SourceRegion')
            if snapshot.get(name)
        )
        return render(snapshot) + more

    return wrapped


def install() -> None:
    make = store._create_snapshot_internal
    store._create_snapshot_internal = lambda snapshot_id, instance: capture(snapshot_id, instance, make)
    replace(store, '_create_db_snapshot', _create(store._create_db_snapshot))
    replace(store, '_delete_db_snapshot', _delete(store._delete_db_snapshot))
    replace(store, '_describe_db_snapshots', _describe)
    store._snapshot_xml = _with_source(store._snapshot_xml)
    store._ACTION_MAP['CopyDBSnapshot'] = _copy
