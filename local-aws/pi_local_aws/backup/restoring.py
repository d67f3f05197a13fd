"""Restore jobs: files beside the living ones, databases as new instances."""

import json
import os
import re
import time
from pathlib import Path

from ministack.core.responses import get_account_id, new_uuid
from ministack.services import backup as store
from ministack.services import efs, rds

from ..files import directories
from ..rds import keys
from . import jobs, points, tables, trees, vaults
from .errors import invalid, not_found

_KIND = 'RestoreJob'
_MOST_ITEMS = 5
_MOST_METADATA_BYTES = 200 * 1024


def start(body: dict) -> tuple:
    """StartRestoreJob."""
    metadata, token = body.get('Metadata') or {}, body.get('IdempotencyToken', '')
    point = points.find(body.get('RecoveryPointArn', ''))
    vaults.check(vaults.vault(point['BackupVaultName']), 'backup:StartRestoreJob')
    earlier = jobs.same(_KIND, token, body)
    if earlier:
        return store._ok({'RestoreJobId': earlier['RestoreJobId']})
    if not body.get('IamRoleArn'):
        raise invalid('IamRoleArn is required.')
    if len(json.dumps(metadata)) > _MOST_METADATA_BYTES:
        raise invalid('Metadata is larger than 200 KB.')
    (_check_files if point['ResourceType'] == 'EFS' else _check_database)(metadata)
    job_id = new_uuid()
    job = {
        'RestoreJobId': job_id,
        'AccountId': get_account_id(),
        'RecoveryPointArn': point['RecoveryPointArn'],
        'SourceResourceArn': point['ResourceArn'],
        'BackupVaultArn': point['BackupVaultArn'],
        'RecoveryPointCreationDate': point['CreationDate'],
        'ResourceType': point['ResourceType'],
        'IamRoleArn': body['IamRoleArn'],
        'BackupSizeInBytes': point.get('BackupSizeInBytes', 0),
        'IsParent': False,
        '_metadata': metadata,
    }
    jobs.begin(_KIND, job_id, job, token, body)
    return store._ok({'RestoreJobId': job_id})


def _truth(metadata: dict, name: str) -> bool:
    value = str(metadata.get(name, '')).lower()
    if value not in ('true', 'false'):
        raise invalid(f'Metadata {name} must be true or false.')
    return value == 'true'


def _check_files(metadata: dict) -> None:
    if _truth(metadata, 'newFileSystem'):
        for name in ('CreationToken', 'PerformanceMode', 'Encrypted'):
            if not metadata.get(name):
                raise invalid(f'Metadata {name} is required for a new file system.')
    elif metadata.get('file-system-id', '').rsplit('/', 1)[-1] not in efs._file_systems:
        raise invalid(f'The file system {metadata.get("file-system-id") or "(none)"} does not exist.')
    _items(metadata)


def _items(metadata: dict) -> list[str]:
    """The paths that alone are restored; empty for everything."""
    text = metadata.get('ItemsToRestore')
    if not text:
        return []
    try:
        items = json.loads(text)
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(one, str) and one.startswith('/') for one in items):
        raise invalid('ItemsToRestore must be a JSON list of paths that begin with a slash.')
    if not 1 <= len(items) <= _MOST_ITEMS or any('..' in one.split('/') for one in items):
        raise invalid('ItemsToRestore takes one to five paths without "..".')
    return items


def _check_database(metadata: dict) -> None:
    name = metadata.get('DBInstanceIdentifier', '')
    if not re.fullmatch(r'[A-Za-z][A-Za-z0-9-]{0,62}', name):
        raise invalid('Metadata DBInstanceIdentifier is required.')


def _work(job: dict) -> jobs.Work:
    try:
        point = points.find(job['RecoveryPointArn'])
    except Exception as error:
        raise jobs.JobError(str(error)) from error
    why = keys.why_not(point.get('EncryptionKeyArn') or '')
    if why:
        raise jobs.JobError(why)
    return (_restore_files if point['ResourceType'] == 'EFS' else _restore_database)(job, point)


def _restore_files(job: dict, point: dict) -> jobs.Work:
    metadata = job['_metadata']
    source, record = points.files_of(point), _file_system(metadata)
    stamp = time.strftime('%Y-%m-%dT%H-%M-%S', time.gmtime()) + f'-{time.time_ns() // 1_000_000 % 1000:03d}Z'
    root = directories.root_of(record['FileSystemId'])
    target = root / f'aws-backup-restore_{stamp}'

    def undo():
        if target.exists():
            os.replace(target, root / f'aws-backup-failed-restore_{stamp}')

    items = _items(metadata)
    missing = [one for one in items if not os.path.lexists(_below(source, one))]
    if missing:
        raise jobs.JobError(f'The recovery point does not hold {", ".join(missing)}.')
    try:
        if not items:
            trees.copy(bytes(source), bytes(target), jobs.halted(job))
        for item in items:
            _copy_item(source, target, item)
    except BaseException:
        undo()
        raise
    job['CreatedResourceArn'] = record['FileSystemArn']
    point['LastRestoreTime'] = time.time()
    return lambda: None, undo


def _below(root: Path, path: str) -> Path:
    return root.joinpath(*[part for part in path.split('/') if part])


def _copy_item(source: Path, target: Path, item: str) -> None:
    """One item below the restore's directory, with the directories above it."""
    target.mkdir(exist_ok=True)
    inside = _below(target, item)
    if item.strip('/') == '':
        raise jobs.JobError('ItemsToRestore names the root; leave it out to restore everything.')
    inside.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(inside):
        trees.copy(bytes(_below(source, item)), bytes(inside))


def _file_system(metadata: dict) -> dict:
    if not _truth(metadata, 'newFileSystem'):
        record = efs._file_systems.get(metadata['file-system-id'].rsplit('/', 1)[-1])
        if record is None:
            raise jobs.JobError('The file system is gone.')
        return record
    request = {
        'CreationToken': metadata['CreationToken'],
        'PerformanceMode': metadata['PerformanceMode'],
        'Encrypted': metadata['Encrypted'] == 'true',
        'KmsKeyId': metadata.get('KmsKeyId', ''),
    }
    made = json.loads(efs._create_file_system(request)[2])
    return efs._file_systems[made['FileSystemId']]


def _restore_database(job: dict, point: dict) -> jobs.Work:
    metadata = job['_metadata']
    name = metadata['DBInstanceIdentifier']
    request = {
        key: [value] for key, value in metadata.items() if isinstance(value, str) and key != 'VpcSecurityGroupIds'
    }
    groups = json.loads(metadata.get('VpcSecurityGroupIds') or '[]')
    for index, group in enumerate(groups, start=1):
        request[f'VpcSecurityGroupIds.member.{index}'] = [group]
    request['DBSnapshotIdentifier'] = [point['RecoveryPointArn'].split(':', 6)[6]]
    # A job that begins again after a restart finds what it made before.
    if name not in rds._instances or rds._instances[name].get('_pi_job') != job['RestoreJobId']:
        status, _headers, body = rds._restore_from_snapshot(request)
        if status >= 400:
            message = re.search(r'<Message>(.*?)</Message>', body.decode(), re.S)
            raise jobs.JobError(message.group(1) if message else 'RDS refused the restore.')
    instance = rds._instances[name]
    instance['_pi_job'] = job['RestoreJobId']
    job['CreatedResourceArn'] = instance['DBInstanceArn']
    point['LastRestoreTime'] = time.time()

    def undo():
        rds._delete_db_instance({'DBInstanceIdentifier': [name], 'SkipFinalSnapshot': ['true']})

    return lambda: None, undo


def find(job_id: str) -> dict:
    job = tables.restores.get(job_id)
    if job is None:
        raise not_found(f'Restore job {job_id}')
    return job


jobs.kind(_KIND, lambda: tables.restores, 'Status', 'PENDING', _work)
