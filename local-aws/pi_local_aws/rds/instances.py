"""The calls about instances, and their servers over a restart of the embedded AWS."""

import shutil

from ministack.services import rds as store

from ..patching import replace
from ..registry import ResourceError
from . import data, engine, processes, programs, servers, snapshots, states


def install() -> None:
    """Hook servers into ministack's calls; what an earlier run left running is ended first."""
    if programs.available():
        processes.end_all(data.root())
    replace(store, '_create_db_instance', _create(store._create_db_instance))
    replace(store, '_restore_from_snapshot', _restore(store._restore_from_snapshot))
    replace(store, '_delete_db_instance', _delete(store._delete_db_instance))
    replace(store, '_describe_db_instances', _settled(store._describe_db_instances))
    replace(store, '_modify_db_instance', _settled(store._modify_db_instance))
    replace(store, '_stop_db_instance', _afterwards(store._stop_db_instance, servers.stop))
    replace(store, '_start_db_instance', _afterwards(store._start_db_instance, servers.restart))
    replace(store, '_reboot_db_instance', _afterwards(store._reboot_db_instance, servers.restart))
    store._rotate_instance_password = lambda instance, old, new: servers.set_password(instance, new)
    _over_restarts()


def _settled(call):
    def wrapped(p):
        states.settle()
        return call(p)

    return wrapped


def _afterwards(call, change):
    def wrapped(p):
        states.settle()
        answer = call(p)
        instance = store._resolve_instance(store._p(p, 'DBInstanceIdentifier'))
        if answer[0] < 400 and instance:
            change(instance)
        return answer

    return wrapped


def _begin(instance: dict, files, password: str | None):
    """Start the server of a new record; the refusal if that fails."""
    if not servers.wanted(instance['Engine']):
        return None
    try:
        servers.create(instance, files, password)
    except ResourceError as error:
        store._instances.pop(instance['DBInstanceIdentifier'], None)
        return store._error('InternalFailure', str(error), 500)
    return None


def _create(create):
    def wrapped(p):
        answer = create(p)
        instance = store._instances.get(store._p(p, 'DBInstanceIdentifier'))
        if answer[0] >= 400 or not instance:
            return answer
        instance['DBName'] = store._p(p, 'DBName')
        failed = _begin(instance, None, store._p(p, 'MasterUserPassword'))
        if failed:
            return failed
        states.begin(instance, 'DBInstanceStatus', 'creating', 'available', 'DBInstance')
        return store._single_instance_response('CreateDBInstanceResponse', 'CreateDBInstanceResult', instance)

    return wrapped


def _restore(restore):
    def wrapped(p):
        identifier = store._p(p, 'DBSnapshotIdentifier')
        snapshot = snapshots.find(identifier)
        if snapshot is None or store._snapshots.get(snapshot['DBSnapshotIdentifier']) is not snapshot:
            return store._error('DBSnapshotNotFound', f'DBSnapshot {identifier} not found.', 404)
        if snapshot['Status'] != 'available':
            return store._error(
                'InvalidDBSnapshotState', f'The snapshot {identifier} is {snapshot["Status"]}, not available.', 400
            )
        answer = restore({**p, 'DBSnapshotIdentifier': [snapshot['DBSnapshotIdentifier']]})
        instance = store._instances.get(store._p(p, 'DBInstanceIdentifier'))
        if answer[0] >= 400 or not instance:
            return answer
        _fill(instance, snapshot, p)
        failed = _begin(instance, files, None) if (files := snapshots.folder_of(snapshot)) else None
        if failed:
            return failed
        states.begin(instance, 'DBInstanceStatus', 'creating', 'available', 'DBInstance')
        name = 'RestoreDBInstanceFromDBSnapshot'
        return store._single_instance_response(f'{name}Response', f'{name}Result', instance)

    return wrapped


def _fill(instance: dict, snapshot: dict, p) -> None:
    """What ministack does not take over from the snapshot and the request."""
    instance['KmsKeyId'] = snapshot.get('KmsKeyId', '')
    for name in ('DeletionProtection', 'CopyTagsToSnapshot'):
        instance[name] = store._p(p, name) == 'true'
    group = store._p(p, 'DBParameterGroupName')
    if group:
        instance['DBParameterGroups'] = [{'DBParameterGroupName': group, 'ParameterApplyStatus': 'in-sync'}]
    subnets = store._subnet_groups.get(store._p(p, 'DBSubnetGroupName'))
    if subnets:
        instance['DBSubnetGroup'] = subnets
    groups = store._parse_member_list(p, 'VpcSecurityGroupIds')
    if groups:
        instance['VpcSecurityGroups'] = [{'VpcSecurityGroupId': one, 'Status': 'active'} for one in groups]
    instance['TagList'] = store._parse_tags(p)
    store._tags[instance['DBInstanceArn']] = [dict(tag) for tag in instance['TagList']]


def _delete(delete):
    def wrapped(p):
        states.settle()
        instance = store._resolve_instance(store._p(p, 'DBInstanceIdentifier'))
        final = store._p(p, 'FinalDBSnapshotIdentifier')
        if instance and store._p(p, 'SkipFinalSnapshot') != 'true':
            if not final:
                return store._error(
                    'InvalidParameterCombination',
                    'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
                    400,
                )
            if final in store._snapshots:
                return store._error('DBSnapshotAlreadyExists', f'Snapshot {final} already exists.', 400)
        answer = delete(p)
        if answer[0] < 400 and instance:
            servers.remove(instance)
        return answer

    return wrapped


def _over_restarts() -> None:
    load, reset = store.load_persisted_state, store.reset

    def load_persisted_state(data):
        known = getattr((data or {}).get('instances'), '_data', {})
        before = {key: one.get('DBInstanceStatus') for key, one in known.items()}
        load(data)
        for key, instance in list(store._instances._data.items()):
            if not servers.has_engine(instance):
                continue
            instance['DBInstanceStatus'] = before.get(key, 'available')
            if instance['DBInstanceStatus'] not in ('stopped', 'failed') and not servers.revive(instance):
                instance['DBInstanceStatus'] = 'failed'

    def emptied():
        reset()
        engine.stop_all()
        shutil.rmtree(data.root(), ignore_errors=True)

    store.load_persisted_state = load_persisted_state
    store.reset = emptied
