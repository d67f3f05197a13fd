"""Databases that hold data: real servers, snapshots that are copies, restores that start on them, restarts, faults."""

import json
import os
import shutil
import signal
import threading

import pymysql
import pytest
from conftest import Cloud, until
from test_database import FRESH, OUTPUTS, described, resources

MISSING = not shutil.which('mariadbd', path=f'{os.environ["PATH"]}:/usr/sbin')
pytestmark = pytest.mark.skipif(MISSING, reason='MariaDB is not installed: nothing about data can be tested')
PASSWORD = 'correct-horse-1'
DATABASE = {**FRESH, 'MasterUserPassword': PASSWORD}


def connected(instance, password=PASSWORD, user='pi_master', **more):
    endpoint = instance['Endpoint']
    return pymysql.connect(
        host=endpoint['Address'], port=endpoint['Port'], user=user, password=password, autocommit=True, **more
    )


def sql(instance, *statements, password=PASSWORD, **more):
    connection = connected(instance, password, **more)
    try:
        with connection.cursor() as cursor:
            for one in statements:
                cursor.execute(one)
            return list(cursor.fetchall())
    finally:
        connection.close()


def processes_of(state_dir) -> list[int]:
    """The database servers of a state folder, by their command lines."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/cmdline', encoding='utf-8', errors='replace') as file:
                line = file.read()
        except OSError:
            continue
        if 'mariadbd' in line and str(state_dir) in line:
            found.append(int(name))
    return found


@pytest.fixture(scope='module')
def database(cloud):
    outputs = cloud.deploy('data', resources(**DATABASE), OUTPUTS)
    return described(cloud, outputs['Id'])


def test_the_administrator_of_the_template_may_work_and_nobody_else_is_let_in(cloud, database):
    assert 'mariadb 1' in cloud.get('/_pi/health')['databases']['engine']
    sql(
        database,
        'CREATE TABLE dashboard.first (id INT PRIMARY KEY, word VARCHAR(40) CHARACTER SET utf8mb4) ENGINE=InnoDB',
    )
    sql(database, "INSERT INTO dashboard.first VALUES (1, 'bäume'), (2, '木')", charset='utf8mb4')
    assert sql(database, 'SELECT word FROM dashboard.first ORDER BY id', charset='utf8mb4') == [('bäume',), ('木',)]
    assert sql(database, 'SELECT @@lower_case_table_names') == [(1,)], 'its parameter group is applied'
    for user, password in (('root', ''), ('pi_master', 'wrong'), ('', '')):
        with pytest.raises(pymysql.err.OperationalError, match='denied|not allowed'):
            connected(database, password, user)
    with pytest.raises(pymysql.err.OperationalError, match='SUPER|privilege'):
        sql(database, 'SET GLOBAL max_connections = 1')


def test_a_server_listens_on_loopback_only_and_is_not_root(cloud, database):
    (pid,) = [
        one for one in processes_of(cloud.state_dir) if database['DbiResourceId'] in open(f'/proc/{one}/cmdline').read()
    ]
    line = open(f'/proc/{pid}/cmdline', encoding='utf-8').read().split('\0')
    assert any(one.startswith('--bind-address=127.') for one in line) and PASSWORD not in ' '.join(line)
    status = open(f'/proc/{pid}/status', encoding='ascii').read()
    assert 'Uid:\t0' not in status and 'CapEff:\t0000000000000000' in status


def test_a_snapshot_is_the_moment_it_was_taken_and_a_restore_stands_beside(cloud, database):
    rds = cloud.client('rds')
    sql(
        database,
        'CREATE TABLE dashboard.t (id INT PRIMARY KEY) ENGINE=InnoDB',
        'INSERT INTO dashboard.t VALUES (1), (2)',
    )
    open_one = connected(database)
    open_one.autocommit(False)
    open_one.cursor().execute('INSERT INTO dashboard.t VALUES (99)')
    rds.create_db_snapshot(DBSnapshotIdentifier='moment', DBInstanceIdentifier=database['DBInstanceIdentifier'])
    open_one.rollback()
    open_one.close()
    sql(database, 'INSERT INTO dashboard.t VALUES (3)', 'DELETE FROM dashboard.t WHERE id = 1')
    outputs = cloud.deploy(
        'beside', resources(DBSnapshotIdentifier='moment', MasterUserPassword='another-one-2'), OUTPUTS
    )
    restored = described(cloud, outputs['Id'])
    assert sql(restored, 'SELECT id FROM dashboard.t ORDER BY id', password='another-one-2') == [(1,), (2,)]
    assert sql(database, 'SELECT id FROM dashboard.t ORDER BY id') == [(2,), (3,)]
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier='by-call', DBSnapshotIdentifier='moment')
    by_call = described(cloud, 'by-call')
    assert sql(by_call, 'SELECT COUNT(*) FROM dashboard.t') == [(2,)], 'a restore by call keeps the old password'
    rds.modify_db_instance(DBInstanceIdentifier='by-call', MasterUserPassword='third-3', ApplyImmediately=True)
    assert sql(by_call, 'SELECT COUNT(*) FROM dashboard.t', password='third-3') == [(2,)]
    rds.delete_db_instance(DBInstanceIdentifier='by-call', FinalDBSnapshotIdentifier='last-of-it')
    assert not (cloud.state_dir / 'rds' / by_call['DbiResourceId']).exists()
    assert rds.describe_db_snapshots(DBSnapshotIdentifier='last-of-it')['DBSnapshots'][0]['Status'] == 'available'


def test_a_snapshot_under_load_holds_every_row_up_to_one_moment_and_none_after(cloud, database):
    rds, stop, written = cloud.client('rds'), threading.Event(), [0]
    sql(database, 'CREATE TABLE dashboard.load (id INT PRIMARY KEY, filler VARCHAR(2000)) ENGINE=InnoDB')

    def write():
        connection = connected(database)
        with connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute('INSERT INTO dashboard.load VALUES (%s, REPEAT(%s, 1500))', (written[0] + 1, 'x'))
                written[0] += 1
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for turn in range(4):
            until(lambda count=written[0]: written[0] > count + 50, 20, 'the writer writes')
            before = written[0]
            call = {'DBInstanceIdentifier': database['DBInstanceIdentifier']}
            rds.create_db_snapshot(DBSnapshotIdentifier=f'load-{turn}', **call)
            after = written[0] + 1
            name = f'load-{turn}'
            rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=name)
            restored = described(cloud, name)
            ((rows, last, damaged),) = sql(
                restored, 'SELECT COUNT(*), MAX(id), SUM(LENGTH(filler) <> 1500) FROM dashboard.load'
            )
            assert rows == last and before <= rows <= after and damaged == 0, (before, rows, last, after)
            assert sql(restored, 'CHECK TABLE dashboard.load EXTENDED')[0][-1] == 'OK'
            rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
            rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    finally:
        stop.set()
        writer.join()


def test_a_copy_into_another_region_takes_the_key_of_that_region(cloud, database):
    rds, far = cloud.client('rds'), cloud.client('rds', 'eu-central-1')
    keys = cloud.client('kms', 'eu-central-1')
    key = keys.create_key()['KeyMetadata']['Arn']
    made = rds.create_db_snapshot(DBSnapshotIdentifier='home', DBInstanceIdentifier=database['DBInstanceIdentifier'])
    source = made['DBSnapshot']['DBSnapshotArn']
    wanted = {'SourceDBSnapshotIdentifier': source, 'TargetDBSnapshotIdentifier': 'abroad', 'SourceRegion': 'eu-west-1'}
    with pytest.raises(far.exceptions.ClientError, match='KMSKeyNotAccessibleFault'):
        far.copy_db_snapshot(**wanted)
    keys.disable_key(KeyId=key)
    with pytest.raises(far.exceptions.ClientError, match='Disabled'):
        far.copy_db_snapshot(**wanted, KmsKeyId=key)
    keys.enable_key(KeyId=key)
    copy = far.copy_db_snapshot(**wanted, KmsKeyId=key)['DBSnapshot']
    assert (copy['KmsKeyId'], copy['SourceRegion'], copy['SourceDBSnapshotIdentifier']) == (key, 'eu-west-1', source)
    assert ':eu-central-1:' in copy['DBSnapshotArn']
    with pytest.raises(far.exceptions.ClientError, match='DBSnapshotAlreadyExists'):
        far.copy_db_snapshot(**wanted, KmsKeyId=key)
    assert not [one for one in rds.describe_db_snapshots()['DBSnapshots'] if one['DBSnapshotIdentifier'] == 'abroad']
    rds.delete_db_snapshot(DBSnapshotIdentifier='home')
    far.restore_db_instance_from_db_snapshot(DBInstanceIdentifier='far', DBSnapshotIdentifier='abroad')
    restored = far.describe_db_instances(DBInstanceIdentifier='far')['DBInstances'][0]
    assert sql(restored, 'SELECT COUNT(*) FROM dashboard.first') == [(2,)] and restored['KmsKeyId'] == key
    far.delete_db_instance(DBInstanceIdentifier='far', SkipFinalSnapshot=True)
    far.delete_db_snapshot(DBSnapshotIdentifier='abroad')


def test_an_ordered_fault_makes_the_next_snapshot_fail(cloud, database):
    rds = cloud.client('rds')
    cloud.post('/_pi/faults', {'type': 'DBSnapshot', 'reason': 'storage is not there'})
    call = {'DBInstanceIdentifier': database['DBInstanceIdentifier']}
    rds.create_db_snapshot(DBSnapshotIdentifier='bad', **call)
    assert rds.describe_db_snapshots(DBSnapshotIdentifier='bad')['DBSnapshots'][0]['Status'] == 'failed'
    with pytest.raises(rds.exceptions.ClientError, match='InvalidDBSnapshotState'):
        rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier='no', DBSnapshotIdentifier='bad')
    rds.delete_db_snapshot(DBSnapshotIdentifier='bad')
    assert rds.create_db_snapshot(DBSnapshotIdentifier='good', **call)['DBSnapshot']['Status'] == 'available'


def test_at_a_pace_states_take_their_time(cloud, database):
    rds = cloud.client('rds')
    cloud.post('/_pi/pace', {'pace': 0.005})
    try:
        call = {'DBInstanceIdentifier': database['DBInstanceIdentifier']}
        made = rds.create_db_snapshot(DBSnapshotIdentifier='slow', **call)['DBSnapshot']
        assert made['Status'] == 'creating' and made['PercentProgress'] < 100
        with pytest.raises(rds.exceptions.ClientError, match='InvalidDBSnapshotState'):
            rds.delete_db_snapshot(DBSnapshotIdentifier='slow')

        def ready():
            return rds.describe_db_snapshots(DBSnapshotIdentifier='slow')['DBSnapshots'][0]['Status'] == 'available'

        until(ready, 10, 'the snapshot is available')
    finally:
        cloud.post('/_pi/pace', {'pace': 0})


@pytest.mark.parametrize('how', [signal.SIGTERM, signal.SIGKILL])
def test_data_and_servers_survive_a_restart_and_end_with_the_embedded_aws(tmp_path, how):
    cloud = Cloud(tmp_path).start()
    try:
        rds = cloud.client('rds')
        rds.create_db_instance(
            DBInstanceIdentifier='lasting',
            Engine='mariadb',
            DBInstanceClass='db.t4g.micro',
            AllocatedStorage=20,
            MasterUsername='pi_master',
            MasterUserPassword=PASSWORD,
            DBName='dashboard',
        )
        instance = described(cloud, 'lasting')
        sql(instance, 'CREATE TABLE dashboard.t (id INT) ENGINE=InnoDB', 'INSERT INTO dashboard.t VALUES (7)')
        cloud.saved('rds', 'lasting')
        assert len(processes_of(tmp_path)) == 1
        if how == signal.SIGKILL:
            os.kill(processes_of(tmp_path)[0], signal.SIGSTOP)  # as in the middle of a snapshot
        cloud.stop(how)
        until(lambda: not processes_of(tmp_path), 15, 'no server is left behind')
        # A record that names somebody else's process must not end it.
        record = tmp_path / 'rds' / instance['DbiResourceId'] / 'server.json'
        record.write_text(json.dumps({'pid': os.getpid(), 'owner': 'nobody'}))
        cloud.start()
        again = described(cloud, 'lasting')
        assert (again['Endpoint'], again['DBInstanceStatus']) == (instance['Endpoint'], 'available')
        assert sql(again, 'SELECT id FROM dashboard.t') == [(7,)]
        cloud.post('/_ministack/reset', {})
        assert not processes_of(tmp_path) and not (tmp_path / 'rds' / instance['DbiResourceId']).exists()
    finally:
        cloud.stop()
    assert not processes_of(tmp_path)


def test_without_the_engine_an_instance_is_a_record_and_the_health_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv('PI_AWS_DATABASE_ENGINE', 'none')
    cloud = Cloud(tmp_path).start()
    try:
        said = cloud.get('/_pi/health')['databases']
        assert said['engine'] is None and 'PI_AWS_DATABASE_ENGINE' in said['reason']
        outputs = cloud.deploy('record', resources(**DATABASE), OUTPUTS)
        assert outputs['Address'].endswith('.rds.amazonaws.com') and not (tmp_path / 'rds').exists()
    finally:
        cloud.stop()
