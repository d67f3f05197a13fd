"""Two accounts on one embedded AWS: what one gives the other, and what it does not."""

import json

import pytest
from conftest import until

OTHER = '222222222222'
ROLE = 'arn:aws:iam::000000000000:role/backup'
OPERATIONS = ['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo']


def key_of(cloud, account='local') -> str:
    return cloud.client('kms', account=account).create_key()['KeyMetadata']['Arn']


@pytest.fixture(scope='module')
def given(cloud):
    """A snapshot under a key of the first account, and a key of the second."""
    own = key_of(cloud)
    rds = cloud.client('rds')
    rds.create_db_instance(
        DBInstanceIdentifier='one',
        Engine='mariadb',
        DBInstanceClass='db.t4g.micro',
        AllocatedStorage=20,
        MasterUsername='pi_master',
        MasterUserPassword='a-password-1',
        StorageEncrypted=True,
        KmsKeyId=own,
    )
    arn = rds.create_db_snapshot(DBInstanceIdentifier='one', DBSnapshotIdentifier='kept')['DBSnapshot']['DBSnapshotArn']
    return {'key': own, 'arn': arn, 'other': key_of(cloud, OTHER)}


def test_each_account_sees_its_own_things_and_says_who_it_is(cloud, given):
    assert cloud.client('sts', account=OTHER).get_caller_identity()['Account'] == OTHER
    assert cloud.client('rds', account=OTHER).describe_db_instances()['DBInstances'] == []
    place = {'LocationConstraint': 'eu-west-1'}
    cloud.client('s3', account=OTHER).create_bucket(Bucket='theirs', CreateBucketConfiguration=place)
    with pytest.raises(cloud.client('s3').exceptions.ClientError):
        cloud.client('s3').list_objects_v2(Bucket='theirs')


def test_a_snapshot_is_copied_by_another_account_only_when_it_and_its_key_are_shared(cloud, given):
    rds, theirs, kms = cloud.client('rds'), cloud.client('rds', account=OTHER), cloud.client('kms')
    wanted = {'SourceDBSnapshotIdentifier': given['arn'], 'TargetDBSnapshotIdentifier': 'copied'}
    share = {'DBSnapshotIdentifier': 'kept', 'AttributeName': 'restore'}
    with pytest.raises(theirs.exceptions.DBSnapshotNotFoundFault):
        theirs.copy_db_snapshot(**wanted, KmsKeyId=given['other'])
    with pytest.raises(theirs.exceptions.DBSnapshotNotFoundFault):
        theirs.modify_db_snapshot_attribute(**{**share, 'DBSnapshotIdentifier': given['arn']}, ValuesToAdd=[OTHER])
    rds.modify_db_snapshot_attribute(**share, ValuesToAdd=[OTHER])
    answer = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier='kept')['DBSnapshotAttributesResult']
    assert answer['DBSnapshotAttributes'] == [{'AttributeName': 'restore', 'AttributeValues': [OTHER]}]
    with pytest.raises(theirs.exceptions.KMSKeyNotAccessibleFault, match='permissions to access it'):
        theirs.copy_db_snapshot(**wanted, KmsKeyId=given['other'])
    with pytest.raises(cloud.client('kms', account=OTHER).exceptions.ClientError, match='AccessDenied'):
        cloud.client('kms', account=OTHER).describe_key(KeyId=given['key'])
    grant = kms.create_grant(
        KeyId=given['key'], GranteePrincipal=f'arn:aws:iam::{OTHER}:root', Operations=OPERATIONS, Name='copy'
    )['GrantId']
    seen = cloud.client('kms', account=OTHER).describe_key(KeyId=given['key'])['KeyMetadata']
    assert seen['Arn'] == given['key']
    with pytest.raises(theirs.exceptions.KMSKeyNotAccessibleFault, match='needs a KmsKeyId'):
        theirs.copy_db_snapshot(**wanted)
    copy = theirs.copy_db_snapshot(**wanted, KmsKeyId=given['other'])['DBSnapshot']
    assert f':{OTHER}:' in copy['DBSnapshotArn'] and copy['KmsKeyId'] == given['other']
    rds.modify_db_snapshot_attribute(**share, ValuesToRemove=[OTHER])
    kms.revoke_grant(KeyId=given['key'], GrantId=grant)
    with pytest.raises(theirs.exceptions.DBSnapshotNotFoundFault):
        theirs.describe_db_snapshots(DBSnapshotIdentifier=given['arn'])


def test_a_recovery_point_gets_into_another_account_by_switch_and_policy_alone(cloud, given):
    backup, theirs = cloud.client('backup'), cloud.client('backup', account=OTHER)
    backup.create_backup_vault(BackupVaultName='from', EncryptionKeyArn=given['key'])
    target = theirs.create_backup_vault(BackupVaultName='into', EncryptionKeyArn=given['other'])['BackupVaultArn']
    system = cloud.client('efs').create_file_system(CreationToken='two')['FileSystemId']
    folder = cloud.state_dir / 'efs' / system
    folder.mkdir(exist_ok=True)
    (folder / 'kept.txt').write_text('kept')
    arn = f'arn:aws:elasticfilesystem:eu-west-1:000000000000:file-system/{system}'
    saving = backup.start_backup_job(BackupVaultName='from', ResourceArn=arn, IamRoleArn=ROLE)['BackupJobId']
    until(lambda: backup.describe_backup_job(BackupJobId=saving)['State'] == 'COMPLETED', 10, 'it is saved')
    point = backup.describe_backup_job(BackupJobId=saving)['RecoveryPointArn']

    def copied() -> dict:
        job = backup.start_copy_job(
            RecoveryPointArn=point, SourceBackupVaultName='from', DestinationBackupVaultArn=target, IamRoleArn=ROLE
        )['CopyJobId']
        until(lambda: backup.describe_copy_job(CopyJobId=job)['CopyJob']['State'] in ('COMPLETED', 'FAILED'), 10, 'it ends')
        return backup.describe_copy_job(CopyJobId=job)['CopyJob']

    assert theirs.describe_global_settings()['GlobalSettings'] == {'isCrossAccountBackupEnabled': 'false'}
    assert 'not enabled' in copied()['StatusMessage']
    with pytest.raises(theirs.exceptions.ClientError, match='management account'):
        theirs.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
    backup.update_global_settings(GlobalSettings={'isCrossAccountBackupEnabled': 'true'})
    assert copied()['StatusMessage'] == 'Access Denied trying to call AWS Backup service'
    allow = {'Effect': 'Allow', 'Action': 'backup:CopyIntoBackupVault', 'Resource': '*'}
    allow['Principal'] = {'AWS': 'arn:aws:iam::000000000000:root'}
    theirs.put_backup_vault_access_policy(
        BackupVaultName='into', Policy=json.dumps({'Version': '2012-10-17', 'Statement': [allow]})
    )
    made = copied()['DestinationRecoveryPointArn']
    assert f':{OTHER}:' in made
    there = theirs.describe_recovery_point(BackupVaultName='into', RecoveryPointArn=made)
    assert (there['Status'], there['EncryptionKeyArn']) == ('COMPLETED', given['other'])
    with pytest.raises(backup.exceptions.ResourceNotFoundException):
        backup.describe_recovery_point(BackupVaultName='from', RecoveryPointArn=made)
