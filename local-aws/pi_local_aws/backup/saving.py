"""Backup jobs: the files of a file system, the data of a database."""

import shutil
import time

from ministack.core.responses import new_uuid
from ministack.services import backup as store
from ministack.services import efs, rds

from ..files import directories
from ..rds import keys, snapshots, states
from . import jobs, points, tables, trees, vaults
from .errors import invalid, not_found

_KIND = 'BackupJob'
_SHORTEST_WINDOW_MINUTES = 60


def start(body: dict) -> tuple:
    """StartBackupJob."""
    vault = vaults.vault(body.get('BackupVaultName', ''))
    arn, token = body.get('ResourceArn', ''), body.get('IdempotencyToken', '')
    kind = points.type_of(arn)
    if not kind:
        raise invalid(f'The embedded AWS backs up file systems and databases only, not {arn}.')
    if not body.get('IamRoleArn'):
        raise invalid('IamRoleArn is required.')
    if int(body.get('StartWindowMinutes') or _SHORTEST_WINDOW_MINUTES) < _SHORTEST_WINDOW_MINUTES:
        raise invalid('StartWindowMinutes must be at least 60.')
    vaults.check(vault, 'backup:StartBackupJob')
    earlier = jobs.same(_KIND, token, body)
    if earlier:
        return _answer(earlier)
    if _resource(kind, arn) is None:
        raise not_found(f'Resource {arn}')
    job_id = new_uuid()
    job = {
        'BackupJobId': job_id,
        'BackupVaultName': vault['BackupVaultName'],
        'BackupVaultArn': vault['BackupVaultArn'],
        'ResourceArn': arn,
        'ResourceType': kind,
        'IamRoleArn': body['IamRoleArn'],
        # That of a database is named only once there is a snapshot.
        'RecoveryPointArn': points.new_arn(kind, job_id) if kind == 'EFS' else None,
        'RecoveryPointLifecycle': body.get('Lifecycle') or None,
        'EncryptionKeyArn': vault.get('EncryptionKeyArn') or None,
        'StartBy': time.time() + 60 * int(body.get('StartWindowMinutes') or 480),
        'BackupSizeInBytes': 0,
        'BytesTransferred': 0,
        'IsParent': False,
        '_tags': body.get('RecoveryPointTags') or {},
        '_data': new_uuid() if kind == 'EFS' else None,
        '_busy': _is_busy(arn),
    }
    return _answer(jobs.begin(_KIND, job_id, job, token, body))


def _answer(job: dict) -> tuple:
    keys_shown = ('BackupJobId', 'RecoveryPointArn', 'CreationDate', 'IsParent')
    return store._ok({key: job[key] for key in keys_shown if job.get(key)})


def _is_busy(arn: str) -> bool:
    return any(one['ResourceArn'] == arn and one['State'] in jobs.OPEN for one in store._jobs.values())


def _resource(kind: str, arn: str) -> dict | None:
    if kind == 'EFS':
        return efs._file_systems.get(arn.rsplit('/', 1)[-1])
    states.settle()
    return rds._instances.get(arn.rsplit(':', 1)[-1])


def _work(job: dict) -> jobs.Work:
    if job.get('_busy'):
        raise jobs.JobError('Backup job failed because there was a running job for the same resource.')
    vault, kind = store._vaults.get(job['BackupVaultName']), job['ResourceType']
    resource = _resource(kind, job['ResourceArn'])
    if vault is None or resource is None:
        raise jobs.JobError('The vault or the resource is gone.')
    why = vaults.outside_lock(vault, job.get('RecoveryPointLifecycle') or {})
    why = why or keys.why_not(vault.get('EncryptionKeyArn') or '')
    if why:
        raise jobs.JobError(why)
    return (_save_files if kind == 'EFS' else _save_database)(job, vault, resource)


def _finished(job: dict, vault: dict, resource: dict, **more) -> None:
    points.add(
        job['RecoveryPointArn'],
        vault,
        ResourceArn=job['ResourceArn'],
        ResourceType=job['ResourceType'],
        IamRoleArn=job['IamRoleArn'],
        InitiationDate=job['CreationDate'],
        BackupSizeInBytes=job['BackupSizeInBytes'],
        Lifecycle=job.get('RecoveryPointLifecycle'),
        _tags=dict(job.get('_tags') or {}),
        _metadata=points.metadata_of(job['ResourceType'], job['ResourceArn'], resource),
        **more,
    )


def _save_files(job: dict, vault: dict, resource: dict) -> jobs.Work:
    target = tables.root() / job['_data']
    shutil.rmtree(target, ignore_errors=True)
    source = directories.root_of(resource['FileSystemId'])
    undo = lambda: shutil.rmtree(target, ignore_errors=True)  # noqa: E731
    try:
        size = trees.copy(bytes(source), bytes(target), jobs.halted(job))
    except BaseException:
        undo()
        raise
    job.update(BackupSizeInBytes=size, BytesTransferred=size)
    return lambda: _finished(job, vault, resource, _data=job['_data']), undo


def _save_database(job: dict, vault: dict, resource: dict) -> jobs.Work:
    if resource['DBInstanceStatus'] not in ('available', 'storage-optimization'):
        raise jobs.JobError(f'The database instance is {resource["DBInstanceStatus"]}, not available.')
    arn = points.new_arn('RDS', job['BackupJobId'])
    name = arn.split(':', 6)[6]
    snapshot = rds._create_snapshot_internal(name, resource)
    job['RecoveryPointArn'] = arn
    snapshot.update(SnapshotType='awsbackup', TagList=[])
    size = trees.size_of(bytes(snapshots.folder_of(snapshot))) if snapshots.folder_of(snapshot) else 0
    job.update(BackupSizeInBytes=size, BytesTransferred=size)

    def undo():
        job['RecoveryPointArn'] = None
        rds._snapshots.pop(name, None)
        snapshots.remove_data(snapshot)

    def commit():
        # The job is done no sooner than its snapshot.
        while snapshot['Status'] == 'creating':
            time.sleep(0.05)
            states.settle()
        if snapshot['Status'] != 'available':
            raise jobs.JobError('The snapshot of the database failed.')
        # Not encrypted by the vault: a database keeps its own key.
        _finished(job, vault, resource)
        points.find(job['RecoveryPointArn'])['EncryptionKeyArn'] = resource.get('KmsKeyId') or None

    return commit, undo


def stop(job_id: str) -> tuple:
    job = find(job_id)
    if job['ResourceType'] == 'RDS':
        # The API reference names RDS among the services whose backups nobody can stop.
        raise invalid(f'Backup job {job_id} is of a database: jobs of RDS cannot be stopped.')
    if job['State'] not in jobs.OPEN:
        raise invalid(f'Backup job {job_id} is {job["State"]} already.')
    job['State'] = 'ABORTING'
    jobs.halt(job)
    return store._no_content()


def find(job_id: str) -> dict:
    job = store._jobs.get(job_id)
    if job is None:
        raise not_found(f'Backup job {job_id}')
    return job


jobs.kind(_KIND, lambda: store._jobs, 'State', 'CREATED', _work)
