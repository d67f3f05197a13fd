"""Copy jobs: a recovery point into another vault, in this region and account or another."""

import shutil

from ministack.core.responses import get_account_id, new_uuid, request_scope
from ministack.services import backup as store
from ministack.services import rds

from ..rds import keys, snapshots
from . import jobs, organization, points, tables, trees, vaults
from .errors import invalid, not_found

_KIND = 'CopyJob'


def start(body: dict) -> tuple:
    """StartCopyJob, called in the region of the source."""
    token = body.get('IdempotencyToken', '')
    point = points.find(body.get('RecoveryPointArn', ''), body.get('SourceBackupVaultName', ''))
    target = _vault(body.get('DestinationBackupVaultArn', ''))
    if not body.get('IamRoleArn'):
        raise invalid('IamRoleArn is required.')
    vaults.check(target, 'backup:CopyIntoBackupVault')
    vaults.check(vaults.vault(point['BackupVaultName']), 'backup:CopyFromBackupVault')
    earlier = jobs.same(_KIND, token, body)
    if not earlier:
        job_id = new_uuid()
        job = {
            'CopyJobId': job_id,
            'AccountId': get_account_id(),
            'SourceBackupVaultArn': point['BackupVaultArn'],
            'SourceRecoveryPointArn': point['RecoveryPointArn'],
            'DestinationBackupVaultArn': target['BackupVaultArn'],
            'DestinationRecoveryPointLifecycle': body.get('Lifecycle') or None,
            'ResourceArn': point['ResourceArn'],
            'ResourceType': point['ResourceType'],
            'BackupSizeInBytes': point.get('BackupSizeInBytes', 0),
            'IamRoleArn': body['IamRoleArn'],
            'IsParent': False,
            '_data': new_uuid() if point['ResourceType'] == 'EFS' else None,
        }
        earlier = jobs.begin(_KIND, job_id, job, token, body)
    return store._ok({key: earlier[key] for key in ('CopyJobId', 'CreationDate', 'IsParent')})


def _vault(arn: str) -> dict:
    parts = arn.split(':')
    found = store._vaults.get_scoped(parts[4], parts[3], parts[-1]) if len(parts) == 7 else None
    if found is None:
        raise not_found(f'Backup vault {arn}')
    return found


def _work(job: dict) -> jobs.Work:
    try:
        point, vault = points.find(job['SourceRecoveryPointArn']), _vault(job['DestinationBackupVaultArn'])
    except Exception as error:
        raise jobs.JobError(str(error)) from error
    account_id, region = job['DestinationBackupVaultArn'].split(':')[4:2:-1]
    why = _not_across(account_id, vault) if account_id != get_account_id() else ''
    why = why or vaults.outside_lock(vault, job.get('DestinationRecoveryPointLifecycle') or {})
    with request_scope(account_id, region):
        why = why or keys.why_not(vault.get('EncryptionKeyArn') or '')
        if why:
            raise jobs.JobError(why)
        arn = points.new_arn(point['ResourceType'], job['CopyJobId'])
    step = _copy_files if point['ResourceType'] == 'EFS' else _copy_database
    undo, more = step(job, point, vault, arn, (account_id, region))

    def commit():
        with request_scope(account_id, region):
            points.add(
                arn,
                vault,
                SourceBackupVaultArn=point['BackupVaultArn'],
                ResourceArn=point['ResourceArn'],
                ResourceType=point['ResourceType'],
                IamRoleArn=job['IamRoleArn'],
                BackupSizeInBytes=point.get('BackupSizeInBytes', 0),
                Lifecycle=job.get('DestinationRecoveryPointLifecycle'),
                _tags=dict(point.get('_tags') or {}),
                _metadata=point.get('_metadata'),
                **more,
            )
        job['DestinationRecoveryPointArn'] = arn

    return commit, undo


def _not_across(account_id: str, vault: dict) -> str:
    """Why nothing is copied into that account; empty if it is. AWS Backup says so when the job has begun."""
    if not organization.is_enabled():
        return f'Copy job failed. Cross-account backup is not enabled for the organization of account {account_id}.'
    if not vaults.admits(vault, 'backup:CopyIntoBackupVault', get_account_id()):
        return 'Access Denied trying to call AWS Backup service'
    if account_id not in (vault.get('EncryptionKeyArn') or ''):
        return 'The vault of the other account has no key of its own.'
    return ''


def _copy_files(job, point, _vault, _arn, _scope):
    target = tables.root() / job['_data']
    shutil.rmtree(target, ignore_errors=True)
    trees.copy(bytes(points.files_of(point)), bytes(target), jobs.halted(job))
    return lambda: shutil.rmtree(target, ignore_errors=True), {'_data': job['_data']}


def _copy_database(_job, point, vault, arn, scope):
    source, name = snapshots.find(point['RecoveryPointArn']), arn.split(':', 6)[6]
    if source is None:
        raise jobs.JobError('The snapshot of this recovery point is gone.')
    abroad = tuple(source['DBSnapshotArn'].split(':')[4:2:-1]) != scope
    with request_scope(*scope):
        copy = snapshots.duplicate(source, name, (vault.get('EncryptionKeyArn') or '') if abroad else '', 'awsbackup')
        # The job has its own time; its snapshot is there when it ends.
        copy.pop('_pi_until', None)
        copy['Status'] = 'available'

    def undo():
        with request_scope(*scope):
            rds._snapshots.pop(name, None)
        snapshots.remove_data(copy)

    return undo, {'EncryptionKeyArn': copy.get('KmsKeyId') or None}


def find(job_id: str) -> dict:
    job = tables.copies.get(job_id)
    if job is None:
        raise not_found(f'Copy job {job_id}')
    return job


jobs.kind(_KIND, lambda: tables.copies, 'State', 'CREATED', _work)
