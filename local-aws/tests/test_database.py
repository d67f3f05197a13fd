"""Database instances: protection, snapshots, and starting from one by AWS's rules."""

import pytest
from conftest import att, network, ref


def instance(**more):
    return {
        'Type': 'AWS::RDS::DBInstance',
        'DeletionPolicy': 'Snapshot',
        'UpdateReplacePolicy': 'Retain',
        'Properties': {
            'Engine': 'mariadb',
            'EngineVersion': '10.11',
            'DBInstanceClass': 'db.t3.medium',
            'AllocatedStorage': '20',
            'DBSubnetGroupName': ref('Subnets'),
            'VPCSecurityGroups': [ref('Group')],
            'DBParameterGroupName': ref('Parameters'),
            **more,
        },
    }


FRESH = {
    'DBName': 'dashboard',
    'MasterUsername': 'pi_master',
    'MasterUserPassword': 'secret-secret',
    'StorageEncrypted': True,
}


def resources(**more):
    return {
        **network(),
        'Subnets': {
            'Type': 'AWS::RDS::DBSubnetGroup',
            'Properties': {'DBSubnetGroupDescription': 'data tier', 'SubnetIds': [ref('SubnetA'), ref('SubnetB')]},
        },
        'Parameters': {
            'Type': 'AWS::RDS::DBParameterGroup',
            'Properties': {
                'Family': 'mariadb10.11',
                'Description': 'test',
                'Parameters': {'lower_case_table_names': '1'},
            },
        },
        'Database': instance(**more),
    }


OUTPUTS = {
    'Id': ref('Database'),
    'Address': att('Database', 'Endpoint.Address'),
    'Port': att('Database', 'Endpoint.Port'),
    'Resource': att('Database', 'DbiResourceId'),
    'Arn': att('Database', 'DBInstanceArn'),
}


@pytest.fixture(scope='module')
def database(cloud):
    return cloud.deploy('database', resources(**FRESH), OUTPUTS)


def described(cloud, identifier):
    return cloud.client('rds').describe_db_instances(DBInstanceIdentifier=identifier)['DBInstances'][0]


def test_an_instance_tells_what_its_template_says(cloud, database):
    found = described(cloud, database['Id'])
    assert found['Endpoint'] == {**found['Endpoint'], 'Address': database['Address'], 'Port': int(database['Port'])}
    assert found['DbiResourceId'] == database['Resource'] and found['DBInstanceArn'] == database['Arn']
    assert found['EngineVersion'].startswith('10.11.') and found['DBName'] == 'dashboard' and found['StorageEncrypted']
    assert not found['PubliclyAccessible']
    parameters = cloud.client('rds').describe_db_parameters(
        DBParameterGroupName=found['DBParameterGroups'][0]['DBParameterGroupName'], Source='user'
    )['Parameters']
    assert ('lower_case_table_names', '1') in [(one['ParameterName'], one['ParameterValue']) for one in parameters]


def test_protection_refuses_the_api_and_the_stack(cloud):
    outputs = cloud.deploy('protected', resources(**FRESH, DeletionProtection=True), OUTPUTS)
    rds = cloud.client('rds')
    with pytest.raises(rds.exceptions.ClientError, match='DeletionProtection'):
        rds.delete_db_instance(DBInstanceIdentifier=outputs['Id'], SkipFinalSnapshot=True)
    assert cloud.delete('protected') == 'DELETE_FAILED'
    assert any(
        'disable deletion protection' in reason for name, _, reason in cloud.failures('protected') if name == 'Database'
    )
    assert not [
        one for one in rds.describe_db_snapshots()['DBSnapshots'] if one['DBInstanceIdentifier'] == outputs['Id']
    ]
    rds.modify_db_instance(DBInstanceIdentifier=outputs['Id'], DeletionProtection=False, ApplyImmediately=True)
    assert cloud.delete('protected') == 'DELETE_COMPLETE'
    finals = [one for one in rds.describe_db_snapshots()['DBSnapshots'] if one['DBInstanceIdentifier'] == outputs['Id']]
    assert len(finals) == 1, 'the deletion policy leaves a final snapshot'


def test_a_snapshot_becomes_an_instance(cloud, database):
    rds = cloud.client('rds')
    rds.create_db_snapshot(DBSnapshotIdentifier='before', DBInstanceIdentifier=database['Id'])
    snapshot = rds.describe_db_snapshots(DBSnapshotIdentifier='before')['DBSnapshots'][0]
    assert (
        snapshot['Status'] == 'available'
        and snapshot['AllocatedStorage'] == 20
        and snapshot['MasterUsername'] == 'pi_master'
    )
    assert snapshot['Encrypted'] and snapshot['DBSnapshotArn']
    outputs = cloud.deploy('restored', resources(DBSnapshotIdentifier='before', AllocatedStorage='20'), OUTPUTS)
    found = described(cloud, outputs['Id'])
    assert (found['MasterUsername'], found['DBName'], found['StorageEncrypted']) == ('pi_master', 'dashboard', True)
    assert (
        found['DbiResourceId'] != database['Resource']
        and found['Endpoint'] != described(cloud, database['Id'])['Endpoint']
    )


@pytest.mark.parametrize(
    'more, reason',
    [
        ({'DBSnapshotIdentifier': 'before', 'DBName': 'dashboard'}, 'DBName must be null'),
        ({'DBSnapshotIdentifier': 'no-such'}, 'DBSnapshot not found'),
        ({'DBSnapshotIdentifier': 'before', 'AllocatedStorage': '10'}, "can't be less than the snapshot's 20"),
        ({'DBSnapshotIdentifier': 'before', 'EngineVersion': '10.6'}, 'older engine version'),
    ],
)
def test_a_wrong_restore_is_refused(cloud, database, more, reason):
    rds = cloud.client('rds')
    if not [one for one in rds.describe_db_snapshots()['DBSnapshots'] if one['DBSnapshotIdentifier'] == 'before']:
        rds.create_db_snapshot(DBSnapshotIdentifier='before', DBInstanceIdentifier=database['Id'])
    name = 'wrong' + str(abs(hash(reason)))[:6]
    cloud.deploy(name, resources(**more), expect='ROLLBACK_COMPLETE')
    assert any(reason in text for resource, _, text in cloud.failures(name) if resource == 'Database')


def test_a_class_changes_in_place_and_a_replacement_shows_in_the_change_set(cloud, database):
    cloud.deploy('database', resources(**{**FRESH, 'DBInstanceClass': 'db.m6g.large'}))
    found = described(cloud, database['Id'])
    assert found['DBInstanceClass'] == 'db.m6g.large' and found['DbiResourceId'] == database['Resource']


def drift_of(cloud, stack, logical_id):
    found = cloud.client('cloudformation').detect_stack_resource_drift(StackName=stack, LogicalResourceId=logical_id)
    drift = found['StackResourceDrift']
    return drift['StackResourceDriftStatus'], [one['PropertyPath'] for one in drift.get('PropertyDifferences', [])]


def test_drift_tells_what_was_changed_past_the_stack(cloud):
    more = {'MultiAZ': False, 'BackupRetentionPeriod': '7', 'MaxAllocatedStorage': '100', 'DeletionProtection': False}
    outputs = cloud.deploy('drifting', resources(**FRESH, **more), OUTPUTS)
    assert drift_of(cloud, 'drifting', 'Database') == ('IN_SYNC', [])
    cloud.client('rds').modify_db_instance(
        DBInstanceIdentifier=outputs['Id'], DBInstanceClass='db.t3.large', MultiAZ=True, ApplyImmediately=True
    )
    status, paths = drift_of(cloud, 'drifting', 'Database')
    assert status == 'MODIFIED' and sorted(paths) == ['/DBInstanceClass', '/MultiAZ']
    cloud.client('rds').delete_db_instance(DBInstanceIdentifier=outputs['Id'], SkipFinalSnapshot=True)
    assert drift_of(cloud, 'drifting', 'Database') == ('DELETED', [])
