"""Drift of what holds data: what somebody changed in an instance or a file system past its stack.

ministack compares by readers, one for each type. Those of databases and file systems are these.
"""

from ministack.services import efs, rds
from ministack.services.cloudformation import drift

# What RDS keeps under the name that the template has.
_SAME_NAME = (
    'DBInstanceIdentifier',
    'DBInstanceClass',
    'Engine',
    'AllocatedStorage',
    'MaxAllocatedStorage',
    'StorageType',
    'MultiAZ',
    'PubliclyAccessible',
    'BackupRetentionPeriod',
    'PreferredBackupWindow',
    'PreferredMaintenanceWindow',
    'CopyTagsToSnapshot',
    'DeletionProtection',
    'MonitoringInterval',
)
_INSTANCE = frozenset({*_SAME_NAME, 'EngineVersion'})
_FILE_SYSTEM = frozenset({'Encrypted', 'KmsKeyId', 'PerformanceMode', 'ThroughputMode'})


def _read_instance(identifier: str, properties: dict) -> dict | None:
    instance = rds._instances.get(identifier)
    if instance is None:
        return None
    found = {name: instance[name] for name in _SAME_NAME if instance.get(name) is not None}
    # A major version stands for its minors, which RDS moves by itself.
    wanted, version = str(properties.get('EngineVersion', '')), instance['EngineVersion']
    found['EngineVersion'] = wanted if f'{version}.'.startswith(f'{wanted}.') else version
    return found


def _read_file_system(identifier: str, _properties: dict) -> dict | None:
    found = efs._file_systems.get(identifier)
    if found is None:
        return None
    return {name: found[name] for name in _FILE_SYSTEM if found.get(name) is not None}


def install() -> None:
    drift._DRIFT_READERS['AWS::RDS::DBInstance'] = (_read_instance, _INSTANCE)
    drift._DRIFT_READERS['AWS::EFS::FileSystem'] = (_read_file_system, _FILE_SYSTEM)
