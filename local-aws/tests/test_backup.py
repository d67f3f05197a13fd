"""AWS Backup: what a job saves comes back byte by byte, beside the living tree; locks, policies, copies, faults."""

import hashlib
import json
import os
import shutil
import signal
import stat

import pytest
from conftest import Cloud, until

ROLE = 'arn:aws:iam::000000000000:role/backup'
HARD_NAMES = [
    'a b',
    'a+b%41',
    'ä\u0308',
    'emoji 🎉',
    'line\nbreak',
    'é',
    'e\u0301',
    '-rf',
    'quo\'te"',
    'x' * 255,
    '.hidden',
]
ENGINE = shutil.which('mariadbd', path=f'{os.environ["PATH"]}:/usr/sbin')


def file_system(cloud, token: str) -> tuple[str, str, object]:
    made = cloud.client('efs').create_file_system(CreationToken=token, Encrypted=True)
    return made['FileSystemId'], made['FileSystemArn'], cloud.state_dir / 'efs' / made['FileSystemId']


def fill(root) -> None:
    generation = root / 'gen' / '1'
    (generation / 'themes' / 'empty').mkdir(parents=True)
    for index, name in enumerate(HARD_NAMES):
        (generation / 'themes' / name).write_bytes(f'{index} of it'.encode())
    raw = bytes(generation / 'themes') + b'/not-utf8-\xff\xfe'
    with open(raw, 'wb') as file:
        file.write(b'\x00\xff')
    (generation / 'zero').touch()
    (generation / 'secret').write_text('s')
    (generation / 'secret').chmod(0o640)
    os.symlink('../../outside', generation / 'link')
    os.link(generation / 'secret', generation / 'twin')
    os.utime(generation / 'zero', (1_000_000_000, 1_000_000_000))
    if os.geteuid() == 0:
        os.chown(generation / 'secret', 1234, 4321)
    (root / 'gen' / '2').mkdir()
    (root / 'gen' / '2' / 'other').write_text('other')


def picture(root) -> dict:
    """Everything about a tree that a restore must bring back, by relative path."""
    found, root = {}, os.fsencode(root)
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            content = b''
            if stat.S_ISREG(status.st_mode):
                with open(path, 'rb') as file:
                    content = hashlib.sha256(file.read()).digest()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            times = status.st_mtime_ns if stat.S_ISREG(status.st_mode) else 0
            links = status.st_nlink if stat.S_ISREG(status.st_mode) else 0
            key = os.path.relpath(path, root)
            found[key] = (status.st_mode, status.st_uid, status.st_gid, times, links, content)
    return found


def vault(cloud, name: str, region='eu-west-1', **more) -> str:
    return cloud.client('backup', region).create_backup_vault(BackupVaultName=name, **more)['BackupVaultArn']


def backed_up(cloud, name: str, arn: str, expect='COMPLETED', **more) -> dict:
    backup = cloud.client('backup')
    job = backup.start_backup_job(BackupVaultName=name, ResourceArn=arn, IamRoleArn=ROLE, **more)

    def described():
        return backup.describe_backup_job(BackupJobId=job['BackupJobId'])

    until(lambda: described()['State'] in ('COMPLETED', 'FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'), 20, 'the job ends')
    assert described()['State'] == expect, described()
    return described()


def restored(cloud, point: str, metadata: dict, expect='COMPLETED', **more) -> dict:
    backup = cloud.client('backup')
    job = backup.start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE, **more)['RestoreJobId']

    def described():
        return backup.describe_restore_job(RestoreJobId=job)

    until(lambda: described()['Status'] in ('COMPLETED', 'FAILED', 'ABORTED'), 20, 'the job ends')
    assert described()['Status'] == expect, described()
    return described()


def landed(root) -> list:
    return sorted(one for one in root.iterdir() if one.name.startswith('aws-backup-restore_'))


@pytest.fixture(scope='module')
def saved(cloud):
    """A file system with hard names, its picture, and a recovery point of it."""
    vault(cloud, 'main')
    fs, arn, root = file_system(cloud, 'main')
    fill(root)
    before = picture(root)
    job = backed_up(cloud, 'main', arn, IdempotencyToken='one', RecoveryPointTags={'pi:snapshot': 's1'})
    return {'fs': fs, 'arn': arn, 'root': root, 'before': before, 'job': job, 'point': job['RecoveryPointArn']}


def test_a_point_is_listed_described_and_says_how_to_restore_it(cloud, saved):
    backup = cloud.client('backup')
    again = backup.start_backup_job(
        BackupVaultName='main',
        ResourceArn=saved['arn'],
        IamRoleArn=ROLE,
        IdempotencyToken='one',
        RecoveryPointTags={'pi:snapshot': 's1'},
    )
    assert again['BackupJobId'] == saved['job']['BackupJobId'], 'a token starts one job only'
    listed = backup.list_recovery_points_by_backup_vault(BackupVaultName='main', ByResourceType='EFS')['RecoveryPoints']
    assert [one['RecoveryPointArn'] for one in listed] == [saved['point']] and listed[0]['ResourceArn'] == saved['arn']
    assert (
        backup.list_recovery_points_by_resource(ResourceArn=saved['arn'])['RecoveryPoints'][0]['Status'] == 'COMPLETED'
    )
    point = backup.describe_recovery_point(BackupVaultName='main', RecoveryPointArn=saved['point'])
    assert point['BackupSizeInBytes'] == saved['job']['BackupSizeInBytes'] > 0 and point['ResourceType'] == 'EFS'
    assert backup.list_tags(ResourceArn=saved['point'])['Tags'] == {'pi:snapshot': 's1'}
    metadata = backup.get_recovery_point_restore_metadata(BackupVaultName='main', RecoveryPointArn=saved['point'])
    assert metadata['RestoreMetadata']['file-system-id'] == saved['fs']
    assert backup.describe_backup_vault(BackupVaultName='main')['NumberOfRecoveryPoints'] == 1


def test_a_restore_lands_beside_the_living_tree_byte_by_byte(cloud, saved):
    (saved['root'] / 'gen' / '1' / 'secret').write_text('changed since')
    job = restored(cloud, saved['point'], {'file-system-id': saved['fs'], 'newFileSystem': 'false'})
    (target,) = landed(saved['root'])
    assert picture(target) == saved['before'] and job['CreatedResourceArn'] == saved['arn']
    assert (saved['root'] / 'gen' / '1' / 'secret').read_text() == 'changed since', 'the living tree is left alone'
    shutil.rmtree(target)


def test_chosen_items_alone_are_restored_below_their_path(cloud, saved):
    metadata = {'file-system-id': saved['fs'], 'newFileSystem': 'false', 'ItemsToRestore': json.dumps(['/gen/1'])}
    restored(cloud, saved['point'], metadata)
    (target,) = landed(saved['root'])
    assert sorted(one.name for one in (target / 'gen').iterdir()) == ['1']
    wanted = {key: value for key, value in saved['before'].items() if key.startswith(b'gen/1/')}
    assert {key: value for key, value in picture(target).items() if key.startswith(b'gen/1/')} == wanted
    shutil.rmtree(target)
    missing = restored(cloud, saved['point'], {**metadata, 'ItemsToRestore': '["/gen/9"]'}, expect='FAILED')
    assert '/gen/9' in missing['StatusMessage'] and not landed(saved['root'])
    backup = cloud.client('backup')
    for items in ('/gen/1', '["gen/1"]', '["/../x"]', json.dumps([f'/{n}' for n in range(6)])):
        with pytest.raises(backup.exceptions.InvalidParameterValueException):
            restored(cloud, saved['point'], {**metadata, 'ItemsToRestore': items})


def test_a_new_file_system_is_made_and_filled_below_the_same_directory(cloud, saved):
    metadata = {
        'newFileSystem': 'true',
        'CreationToken': 'fresh',
        'Encrypted': 'true',
        'PerformanceMode': 'generalPurpose',
    }
    job = restored(cloud, saved['point'], metadata)
    made = cloud.state_dir / 'efs' / job['CreatedResourceArn'].rsplit('/', 1)[-1]
    (target,) = landed(made)
    assert made != saved['root'] and picture(target) == saved['before']


def test_ordered_faults_end_jobs_in_the_state_they_name(cloud, saved):
    for reason, state in (('no space', 'FAILED'), ('PARTIAL: two files', 'PARTIAL'), ('EXPIRED: no start', 'EXPIRED')):
        cloud.post('/_pi/faults', {'type': 'BackupJob', 'reason': reason})
        job = backed_up(cloud, 'main', saved['arn'], expect=state)
        assert job['StatusMessage'] in reason
    points = cloud.client('backup').list_recovery_points_by_backup_vault(BackupVaultName='main')['RecoveryPoints']
    assert [one['RecoveryPointArn'] for one in points] == [saved['point']], (
        'a job that did not complete leaves no point'
    )
    cloud.post('/_pi/faults', {'type': 'RestoreJob', 'reason': 'mount target is gone'})
    job = restored(cloud, saved['point'], {'file-system-id': saved['fs'], 'newFileSystem': 'false'}, expect='FAILED')
    failed = [one for one in saved['root'].iterdir() if one.name.startswith('aws-backup-failed-restore_')]
    assert job['StatusMessage'] == 'mount target is gone' and len(failed) == 1 and not landed(saved['root'])
    shutil.rmtree(failed[0])


def test_a_vault_policy_denies_and_a_lock_keeps_points(cloud, saved):
    backup = cloud.client('backup')
    vault(cloud, 'locked')
    point = backed_up(cloud, 'locked', saved['arn'], Lifecycle={'DeleteAfterDays': 30})['RecoveryPointArn']
    deny = {'Effect': 'Deny', 'Principal': '*', 'Action': 'backup:StartRestoreJob', 'Resource': '*'}
    backup.put_backup_vault_access_policy(BackupVaultName='locked', Policy=json.dumps({'Statement': [deny]}))
    assert 'Deny' in backup.get_backup_vault_access_policy(BackupVaultName='locked')['Policy']
    with pytest.raises(backup.exceptions.ClientError, match='AccessDenied'):
        restored(cloud, point, {'file-system-id': saved['fs'], 'newFileSystem': 'false'})
    backup.delete_backup_vault_access_policy(BackupVaultName='locked')
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.get_backup_vault_access_policy(BackupVaultName='locked')
    backup.put_backup_vault_lock_configuration(BackupVaultName='locked', MinRetentionDays=7, MaxRetentionDays=60)
    described = backup.describe_backup_vault(BackupVaultName='locked')
    assert described['Locked'] and (described['MinRetentionDays'], described['MaxRetentionDays']) == (7, 60)
    with pytest.raises(backup.exceptions.ClientError, match='locked.*until 20'):
        backup.delete_recovery_point(BackupVaultName='locked', RecoveryPointArn=point)
    short = backed_up(cloud, 'locked', saved['arn'], expect='FAILED', Lifecycle={'DeleteAfterDays': 1})
    assert 'vault lock' in short['StatusMessage']
    with pytest.raises(backup.exceptions.ClientError, match='contains recovery points'):
        backup.delete_backup_vault(BackupVaultName='locked')
    backup.delete_backup_vault_lock_configuration(BackupVaultName='locked')
    backup.delete_recovery_point(BackupVaultName='locked', RecoveryPointArn=point)
    backup.delete_backup_vault(BackupVaultName='locked')


def test_a_point_is_copied_into_a_vault_of_another_region(cloud, saved):
    backup, far = cloud.client('backup'), cloud.client('backup', 'eu-central-1')
    target = vault(cloud, 'far', 'eu-central-1')
    job = backup.start_copy_job(
        RecoveryPointArn=saved['point'], SourceBackupVaultName='main', DestinationBackupVaultArn=target, IamRoleArn=ROLE
    )['CopyJobId']

    def described():
        return backup.describe_copy_job(CopyJobId=job)['CopyJob']

    until(lambda: described()['State'] == 'COMPLETED', 10, 'the copy is there')
    copy = described()['DestinationRecoveryPointArn']
    assert ':eu-central-1:' in copy
    assert far.describe_recovery_point(BackupVaultName='far', RecoveryPointArn=copy)['ResourceArn'] == saved['arn']
    assert not [
        one
        for one in backup.list_recovery_points_by_backup_vault(BackupVaultName='main')['RecoveryPoints']
        if one['RecoveryPointArn'] == copy
    ]
    made = cloud.client('efs', 'eu-central-1').create_file_system(CreationToken='far')['FileSystemId']
    metadata = {'file-system-id': made, 'newFileSystem': 'false'}
    restore = far.start_restore_job(RecoveryPointArn=copy, Metadata=metadata, IamRoleArn=ROLE)['RestoreJobId']
    until(lambda: far.describe_restore_job(RestoreJobId=restore)['Status'] == 'COMPLETED', 10, 'it is restored')
    (tree,) = landed(cloud.state_dir / 'efs' / made)
    assert picture(tree) == saved['before']


@pytest.mark.skipif(not ENGINE, reason='MariaDB is not installed: nothing about data can be tested')
def test_a_database_is_saved_into_the_vault_and_restored_from_it(cloud, saved):
    from test_engine import PASSWORD, sql

    rds, backup = cloud.client('rds'), cloud.client('backup')
    made = rds.create_db_instance(
        DBInstanceIdentifier='vaulted',
        Engine='mariadb',
        DBInstanceClass='db.t4g.micro',
        AllocatedStorage=20,
        MasterUsername='pi_master',
        MasterUserPassword=PASSWORD,
        DBName='dashboard',
    )['DBInstance']
    sql(made, 'CREATE TABLE dashboard.t (id INT) ENGINE=InnoDB', 'INSERT INTO dashboard.t VALUES (5)')
    point = backed_up(cloud, 'main', made['DBInstanceArn'])['RecoveryPointArn']
    assert ':snapshot:awsbackup:job-' in point
    name = point.split(':', 6)[6]
    with pytest.raises(rds.exceptions.ClientError, match='managed by AWS Backup'):
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    assert not [one for one in rds.describe_db_snapshots()['DBSnapshots'] if one['DBSnapshotIdentifier'] == name]
    assert rds.describe_db_snapshots(DBSnapshotIdentifier=point)['DBSnapshots'][0]['SnapshotType'] == 'awsbackup'
    (job,) = backup.list_backup_jobs(ByResourceArn=made['DBInstanceArn'])['BackupJobs']
    with pytest.raises(backup.exceptions.InvalidParameterValueException, match='cannot be stopped'):
        backup.stop_backup_job(BackupJobId=job['BackupJobId'])
    sql(made, 'DELETE FROM dashboard.t')
    restored(cloud, point, {'DBInstanceIdentifier': 'brought-back', 'DBInstanceClass': 'db.t4g.micro'})
    back = rds.describe_db_instances(DBInstanceIdentifier='brought-back')['DBInstances'][0]
    assert sql(back, 'SELECT id FROM dashboard.t') == [(5,)]
    backup.delete_recovery_point(BackupVaultName='main', RecoveryPointArn=point)
    with pytest.raises(rds.exceptions.DBSnapshotNotFoundFault):
        rds.describe_db_snapshots(DBSnapshotIdentifier=name)


def test_at_a_pace_jobs_run_alone_show_progress_stop_and_outlive_a_kill(tmp_path):
    cloud = Cloud(tmp_path, pace=0.01).start()
    try:
        backup = cloud.client('backup')
        vault(cloud, 'main')
        _fs, arn, root = file_system(cloud, 'slow')
        fill(root)
        call = {'BackupVaultName': 'main', 'ResourceArn': arn, 'IamRoleArn': ROLE}
        first, seen = backup.start_backup_job(**call)['BackupJobId'], set()
        backed_up(cloud, 'main', arn, expect='FAILED')

        def described(job):
            found = backup.describe_backup_job(BackupJobId=job)
            seen.add((found['State'], found['PercentDone'] not in ('0.0', '100.0')))
            return found['State']

        until(lambda: described(first) == 'COMPLETED', 10, 'the first job ends')
        assert ('RUNNING', True) in seen and ('COMPLETED', False) in seen
        second = backup.start_backup_job(**call)['BackupJobId']
        backup.stop_backup_job(BackupJobId=second)
        until(lambda: described(second) == 'ABORTED', 10, 'the second job is stopped')
        third = backup.start_backup_job(**call)['BackupJobId']
        cloud.saved('backup', third)
        cloud.stop(signal.SIGKILL)
        cloud.start()
        until(lambda: described(third) == 'COMPLETED', 10, 'the third job is done after the kill')
        assert len(backup.list_recovery_points_by_backup_vault(BackupVaultName='main')['RecoveryPoints']) == 2
    finally:
        cloud.stop()


def test_what_lies_in_another_region_alone_is_there_after_a_restart(tmp_path):
    cloud = Cloud(tmp_path).start()
    try:
        efs, backup = cloud.client('efs', 'eu-central-1'), cloud.client('backup', 'eu-central-1')
        arn = efs.create_file_system(CreationToken='far', Encrypted=True)['FileSystemArn']
        vault(cloud, 'far', 'eu-central-1')
        job = backup.start_backup_job(BackupVaultName='far', ResourceArn=arn, IamRoleArn=ROLE)['BackupJobId']
        until(lambda: backup.describe_backup_job(BackupJobId=job)['State'] == 'COMPLETED', 20, 'the job ends')
        backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
        cloud.stop()
        cloud.start()
        points = backup.list_recovery_points_by_backup_vault(BackupVaultName='far')['RecoveryPoints']
        assert [point['ResourceArn'] for point in points] == [arn]
        assert backup.describe_global_settings()['GlobalSettings'] == {'isCrossAccountBackupEnabled': 'true'}
    finally:
        cloud.stop()
