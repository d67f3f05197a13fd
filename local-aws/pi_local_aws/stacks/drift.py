"""Drift: what somebody changed past a stack, in what holds data and in who may reach what.

ministack compares by readers, one for each type: physical id and the template's properties -> what there is now, or
nothing where it is gone. Those that it lacks are these.
"""

from xml.etree.ElementTree import fromstring

from ministack.services import ec2, ecs, efs, kms, rds, s3, secretsmanager
from ministack.services.cloudformation import drift

from ..types import ec2_rule

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


def _read_bucket(name: str, properties: dict) -> dict | None:
    found = _ministack_bucket(name, properties)
    stored = (s3._buckets.get(name) or {}).get('_public_access_block')
    if found is not None and properties.get('PublicAccessBlockConfiguration'):
        settings = fromstring(stored) if stored else ()
        found['PublicAccessBlockConfiguration'] = {
            setting.tag.rsplit('}', 1)[-1]: (setting.text or '').strip() == 'true' for setting in settings
        }
    return found


def _read_key(key_id: str, _properties: dict) -> dict | None:
    found = kms._keys.get(key_id)
    if found is None or found.get('KeyState') == 'PendingDeletion':
        return None
    return {'EnableKeyRotation': found.get('KeyRotationEnabled', False), 'Enabled': found.get('KeyState') == 'Enabled'}


def _read_secret(arn: str, _properties: dict) -> dict | None:
    found = next((one for one in secretsmanager._secrets.values() if one['ARN'] == arn), None)
    if found is None or found.get('DeletedDate'):
        return None
    return {'Description': found.get('Description', ''), 'KmsKeyId': found.get('KmsKeyId')}


def _read_service(arn: str, _properties: dict) -> dict | None:
    cluster, name = arn.rsplit('/', 2)[-2:]
    found = ecs._services.get(f'{cluster}/{name}')
    if found is None or found.get('status') == 'INACTIVE':
        return None
    return {'DesiredCount': found['desiredCount'], 'TaskDefinition': found['taskDefinition']}


def _read_group(group_id: str, _properties: dict) -> dict | None:
    found = ec2._security_groups.get(group_id)
    return None if found is None else {'GroupDescription': found.get('Description', '')}


def _read_rule(egress: bool):
    """A rule that stands beside its group is known by what it allows: changed, it is another one."""

    def read(_rule_id: str, properties: dict) -> dict | None:
        group = ec2._security_groups.get(properties.get('GroupId', '')) or {}
        rule = ec2_rule.rule_of(properties)
        rules = group.get('IpPermissionsEgress' if egress else 'IpPermissions') or []
        return {} if any(ec2._rules_match(rule, one) for one in rules) else None

    return read


_ministack_bucket, _ministack_bucket_properties = drift._DRIFT_READERS['AWS::S3::Bucket']


def install() -> None:
    drift._DRIFT_READERS['AWS::RDS::DBInstance'] = (_read_instance, _INSTANCE)
    drift._DRIFT_READERS['AWS::EFS::FileSystem'] = (_read_file_system, _FILE_SYSTEM)
    drift._DRIFT_READERS['AWS::S3::Bucket'] = (
        _read_bucket,
        _ministack_bucket_properties | {'PublicAccessBlockConfiguration'},
    )
    drift._DRIFT_READERS['AWS::KMS::Key'] = (_read_key, frozenset({'EnableKeyRotation', 'Enabled'}))
    # ministack looks for the name, where CloudFormation's physical id is the ARN.
    drift._DRIFT_READERS['AWS::SecretsManager::Secret'] = (_read_secret, frozenset({'Description', 'KmsKeyId'}))
    drift._DRIFT_READERS['AWS::ECS::Service'] = (_read_service, frozenset({'DesiredCount', 'TaskDefinition'}))
    drift._DRIFT_READERS['AWS::EC2::SecurityGroup'] = (_read_group, frozenset({'GroupDescription'}))
    drift._DRIFT_READERS['AWS::EC2::SecurityGroupIngress'] = (_read_rule(False), frozenset())
    drift._DRIFT_READERS['AWS::EC2::SecurityGroupEgress'] = (_read_rule(True), frozenset())
