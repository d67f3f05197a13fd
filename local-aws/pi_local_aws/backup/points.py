"""Recovery points: what they hold, how they are listed, who may delete them."""

import datetime
import json
import shutil
import time
from pathlib import Path

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import backup as store
from ministack.services import rds

from ..rds import snapshots
from . import tables, vaults
from .errors import denied, invalid, not_found

_DAY = 86_400


def type_of(arn: str) -> str:
    """The resource type of an ARN as AWS Backup calls it; empty for one that is not backed up here."""
    service, resource = (arn.split(':', 5) + [''] * 6)[2:6:3]
    if service == 'elasticfilesystem' and resource.startswith('file-system/'):
        return 'EFS'
    return 'RDS' if service == 'rds' and resource.startswith('db:') else ''


def files_of(point: dict) -> Path | None:
    """The directory of a file system's recovery point."""
    return tables.root() / point['_data'] if point.get('_data') else None


def new_arn(kind: str, job_id: str) -> str:
    """Points of databases are snapshots of RDS, the others are AWS Backup's own."""
    where = f'{get_region()}:{get_account_id()}'
    if kind == 'RDS':
        return f'arn:aws:rds:{where}:snapshot:awsbackup:job-{job_id}'
    return f'arn:aws:backup:{where}:recovery-point:{new_uuid()}'


def add(arn: str, vault: dict, **fields) -> dict:
    """Put a finished point into a vault."""
    now = time.time()
    lifecycle = fields.get('Lifecycle') or {}
    days = lifecycle.get('DeleteAfterDays')
    point = {
        'RecoveryPointArn': arn,
        'BackupVaultName': vault['BackupVaultName'],
        'BackupVaultArn': vault['BackupVaultArn'],
        'Status': 'COMPLETED',
        'CreationDate': now,
        'InitiationDate': now,
        'CompletionDate': now,
        'EncryptionKeyArn': vault.get('EncryptionKeyArn') or None,
        'IsEncrypted': True,
        'StorageClass': 'WARM',
        'IsParent': False,
        'VaultType': 'BACKUP_VAULT',
        'CalculatedLifecycle': {'DeleteAt': now + int(days) * _DAY} if days else None,
        **fields,
    }
    tables.points[arn] = point
    return point


def find(arn: str, vault_name: str | None = None) -> dict:
    point = tables.points.get(arn)
    if point is None or (vault_name and point['BackupVaultName'] != vault_name):
        raise not_found(f'Recovery point {arn}')
    return point


def listing(query: dict, vault_name: str | None = None, resource: str | None = None) -> tuple:
    found = list(tables.points.values())
    wanted = {'BackupVaultName': vault_name, 'ResourceArn': resource or query.get('resourceArn')}
    wanted['ResourceType'] = query.get('resourceType')
    for field, value in wanted.items():
        found = [one for one in found if not value or one[field] == value]
    for name, keep in (('createdBefore', -1), ('createdAfter', 1)):
        if query.get(name):
            moment = _moment(query[name])
            found = [one for one in found if (one['CreationDate'] - moment) * keep > 0]
    found.sort(key=lambda one: one['CreationDate'], reverse=True)
    return store._paginate([tables.shown(one) for one in found], query, 'RecoveryPoints')


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def delete(arn: str, vault_name: str) -> tuple:
    vault = vaults.vault(vault_name)
    point = find(arn, vault_name)
    vaults.check(vault, 'backup:DeleteRecoveryPoint')
    until = (point.get('CalculatedLifecycle') or {}).get('DeleteAt')
    if vault.get('Locked') and (until is None or until > time.time()):
        when = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(until)) if until else 'its lock is removed'
        raise denied(f'The vault {vault_name} is locked: the recovery point {arn} cannot be deleted until {when}.')
    remove(point)
    return store._no_content()


def remove(point: dict) -> None:
    tables.points.pop(point['RecoveryPointArn'], None)
    files = files_of(point)
    if files:
        shutil.rmtree(files, ignore_errors=True)
    snapshot = snapshots.find(point['RecoveryPointArn']) if point['ResourceType'] == 'RDS' else None
    if snapshot:
        rds._snapshots.pop(snapshot['DBSnapshotIdentifier'], None)
        snapshots.remove_data(snapshot)


def change_lifecycle(arn: str, vault_name: str, body: dict) -> tuple:
    point, lifecycle = find(arn, vault_name), body.get('Lifecycle') or {}
    why = vaults.outside_lock(vaults.vault(vault_name), lifecycle)
    if why:
        raise invalid(why)
    days = lifecycle.get('DeleteAfterDays')
    point['Lifecycle'] = lifecycle
    point['CalculatedLifecycle'] = {'DeleteAt': point['CreationDate'] + int(days) * _DAY} if days else None
    keys = ('BackupVaultArn', 'RecoveryPointArn', 'Lifecycle', 'CalculatedLifecycle')
    return store._ok({key: point[key] for key in keys if point.get(key)})


def restore_metadata(arn: str, vault_name: str) -> tuple:
    """What a restore of this point would be given."""
    point = find(arn, vault_name)
    vaults.check(vaults.vault(vault_name), 'backup:GetRecoveryPointRestoreMetadata')
    return store._ok(
        {
            'BackupVaultArn': point['BackupVaultArn'],
            'RecoveryPointArn': arn,
            'ResourceType': point['ResourceType'],
            'RestoreMetadata': point.get('_metadata') or {},
        }
    )


def metadata_of(kind: str, arn: str, record: dict) -> dict[str, str]:
    """The restore metadata of a resource as it is now."""
    if kind == 'EFS':
        return {
            'file-system-id': arn.rsplit('/', 1)[-1],
            'Encrypted': str(bool(record.get('Encrypted'))).lower(),
            'KmsKeyId': record.get('KmsKeyId') or '',
            'PerformanceMode': record.get('PerformanceMode', 'generalPurpose'),
            'CreationToken': record.get('CreationToken', ''),
        }
    groups = [one['VpcSecurityGroupId'] for one in record.get('VpcSecurityGroups') or []]
    return {
        'DBInstanceIdentifier': record['DBInstanceIdentifier'],
        'DBInstanceClass': record['DBInstanceClass'],
        'Engine': record['Engine'],
        'Port': str(record['Endpoint']['Port']),
        'MultiAZ': str(bool(record.get('MultiAZ'))).lower(),
        'StorageType': record.get('StorageType', ''),
        'DBSubnetGroupName': (record.get('DBSubnetGroup') or {}).get('DBSubnetGroupName', ''),
        'VpcSecurityGroupIds': json.dumps(groups),
    }


def install() -> None:
    """Tags of recovery points, beside those of vaults and plans."""
    resolve = store._resolve_resource

    def resolved(arn):
        point = tables.points.get(arn)
        return point.setdefault('_tags', {}) if point is not None else resolve(arn)

    store._resolve_resource = resolved
