"""AWS::RDS::DBInstance by AWS's rules: snapshots to start from, protection, names of final snapshots."""

import re
import secrets

from ministack.services import rds as store
from ministack.services.cloudformation import provisioners

from ..rds import keys, servers, snapshots, states
from ..registry import ResourceError

_TYPE = 'AWS::RDS::DBInstance'
# The minor that a major of MariaDB stands for; RDS picks its default one.
_MINORS = {'10.6': '10.6.23', '10.11': '10.11.14', '11.4': '11.4.8', '11.8': '11.8.3'}
_FROM_SNAPSHOT = ('MasterUsername', '_MasterUserPassword', 'StorageEncrypted', 'KmsKeyId', 'DBName')


def full_version(engine: str, version: str) -> str:
    """The engine version that RDS reports for what was asked for."""
    return _MINORS.get(version, version) if engine == 'mariadb' else version


def _snapshot_of(properties: dict) -> dict | None:
    identifier = properties.get('DBSnapshotIdentifier')
    if not identifier:
        return None
    snapshot = snapshots.find(identifier)
    # RDS restores in the region of the snapshot only.
    if snapshot is None or store._snapshots.get(snapshot['DBSnapshotIdentifier']) is not snapshot:
        raise ResourceError(
            f'DBSnapshot not found: {identifier} (Service: Rds, Status Code: 404, Code: DBSnapshotNotFound)'
        )
    if snapshot['Status'] != 'available':
        raise ResourceError(
            f'The snapshot {identifier} is {snapshot["Status"]}, not available. '
            '(Service: Rds, Status Code: 400, Code: InvalidDBSnapshotState)'
        )
    why = keys.why_not(snapshot.get('KmsKeyId', ''))
    if why:
        raise ResourceError(f'{why} (Service: Rds, Status Code: 400, Code: KMSKeyNotAccessibleFault)')
    if properties.get('DBName'):
        raise ResourceError(
            'DBName must be null when Restoring for this Engine. (Service: Rds, Status Code: 400, Code: InvalidParameterValue)'
        )
    size = int(properties.get('AllocatedStorage') or snapshot['AllocatedStorage'])
    if size < int(snapshot['AllocatedStorage']):
        raise ResourceError(
            f"The allocated storage size {size} can't be less than the snapshot's {snapshot['AllocatedStorage']}. "
            '(Service: Rds, Status Code: 400, Code: InvalidParameterValue)'
        )
    _check_engine(properties, snapshot)
    return snapshot


def _check_engine(properties: dict, snapshot: dict) -> None:
    version = full_version(snapshot['Engine'], str(properties.get('EngineVersion') or snapshot['EngineVersion']))
    if _number(version) < _number(snapshot['EngineVersion']):
        raise ResourceError(
            f'Cannot restore a snapshot of {snapshot["EngineVersion"]} to the older engine version {version}. '
            '(Service: Rds, Status Code: 400, Code: InvalidParameterCombination)'
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r'\d+', version)[:3])


def _check_references(properties: dict) -> None:
    group = properties.get('DBSubnetGroupName')
    if group and group != 'default' and group not in store._subnet_groups:
        raise ResourceError(
            f"DB subnet group '{group}' does not exist. (Service: Rds, Status Code: 404, Code: DBSubnetGroupNotFoundFault)"
        )
    parameters = properties.get('DBParameterGroupName')
    if parameters and not parameters.startswith('default.') and parameters not in store._param_groups:
        raise ResourceError(
            f'DBParameterGroup not found: {parameters} (Service: Rds, Status Code: 404, Code: DBParameterGroupNotFound)'
        )


def _create(create):
    def wrapped(logical_id, properties, stack_name):
        snapshot = _snapshot_of(properties)
        _check_references(properties)
        identifier = properties.get('DBInstanceIdentifier')
        if identifier and identifier in store._instances:
            raise ResourceError(
                'DB instance already exists (Service: Rds, Status Code: 400, Code: DBInstanceAlreadyExists)'
            )
        given = dict(properties)
        if snapshot:
            given['Engine'] = properties.get('Engine') or snapshot['Engine']
            given['EngineVersion'] = properties.get('EngineVersion') or snapshot['EngineVersion']
            given['AllocatedStorage'] = properties.get('AllocatedStorage') or snapshot['AllocatedStorage']
        physical_id, _ = create(logical_id, given, stack_name)
        instance = store._instances[physical_id]
        instance['DBName'] = properties.get('DBName') or ''
        instance['EngineVersion'] = full_version(instance['Engine'], instance['EngineVersion'])
        if snapshot:
            instance.update({name: snapshot[name] for name in _FROM_SNAPSHOT if snapshot.get(name) is not None})
        _file_tags(instance)
        _serve(instance, snapshot, properties.get('MasterUserPassword'))
        return physical_id, attributes(physical_id)

    return wrapped


def _serve(instance: dict, snapshot: dict | None, password: str | None) -> None:
    """Start the server of a new instance; a snapshot without data gives a record only."""
    data = snapshots.folder_of(snapshot) if snapshot else None
    if servers.wanted(instance['Engine']) and (data or not snapshot):
        try:
            servers.create(instance, data, password)
        except ResourceError:
            store._instances.pop(instance['DBInstanceIdentifier'], None)
            raise
    states.begin(instance, 'DBInstanceStatus', 'creating', 'available', 'DBInstance')


def _update(update):
    def wrapped(physical_id, old, new, stack_name, logical_id=None):
        new_id, _ = update(physical_id, old, new, stack_name, logical_id)
        instance = store._instances[new_id]
        instance['EngineVersion'] = full_version(instance['Engine'], instance['EngineVersion'])
        _file_tags(instance)
        password = new.get('MasterUserPassword')
        if new_id == physical_id and password and password != old.get('MasterUserPassword'):
            servers.set_password(instance, password)
        return new_id, attributes(new_id)

    return wrapped


def _file_tags(instance: dict) -> None:
    """ministack keeps a stack's tags on the instance alone; ListTagsForResource and snapshots look them up by ARN."""
    store._tags[instance['DBInstanceArn']] = [dict(tag) for tag in instance.get('TagList') or []]


def _copy_tags(create):
    """A snapshot takes over the instance's tags where CopyTagsToSnapshot says so."""

    def wrapped(snapshot_id, instance):
        snapshot = create(snapshot_id, instance)
        if not instance.get('CopyTagsToSnapshot'):
            snapshot['TagList'] = []
        store._tags[snapshot['DBSnapshotArn']] = [dict(tag) for tag in snapshot['TagList']]
        return snapshot

    return wrapped


def attributes(identifier: str) -> dict:
    """What GetAtt knows of an instance."""
    instance = store._instances[identifier]
    return {
        **provisioners._rds_db_instance_attrs(instance),
        'Endpoint.HostedZoneId': instance['Endpoint'].get('HostedZoneId', ''),
        'DBSystemId': '',
        'CertificateDetails.CAIdentifier': instance.get('CACertificateIdentifier', ''),
    }


def _refuse_protected(identifier: str) -> None:
    if (store._instances.get(identifier) or {}).get('DeletionProtection'):
        raise ResourceError(
            'Cannot delete protected DB Instance, please disable deletion protection and try again. '
            '(Service: Rds, Status Code: 400, Code: InvalidParameterCombination)'
        )


def _delete(delete):
    def wrapped(physical_id, properties):
        instance = store._instances.get(physical_id)
        delete(physical_id, properties)
        if instance:
            servers.remove(instance)

    return wrapped


def register():
    # A replacement makes and removes instances by these functions, past the table of handlers.
    provisioners._rds_db_instance_create = _create(provisioners._rds_db_instance_create)
    provisioners._rds_db_instance_delete = _delete(provisioners._rds_db_instance_delete)
    handler = provisioners._RESOURCE_HANDLERS[_TYPE]
    snapshot = handler['snapshot']

    def checked_delete(physical_id, properties):
        _refuse_protected(physical_id)
        provisioners._rds_db_instance_delete(physical_id, properties)

    def checked_snapshot(physical_id, properties):
        _refuse_protected(physical_id)
        snapshot(physical_id, properties)

    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        **handler,
        'create': provisioners._rds_db_instance_create,
        'update': _update(handler['update']),
        'delete': checked_delete,
        'snapshot': checked_snapshot,
        'update_with_logical_id': True,
    }
    store._create_snapshot_internal = _copy_tags(store._create_snapshot_internal)
    # A second final snapshot of the same name would be refused.
    provisioners._snapshot_id = lambda physical_id: f'{physical_id[:200]}-snapshot-{secrets.token_hex(6)}'
