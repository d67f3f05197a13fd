"""AWS::S3::Bucket in full: encryption, lifecycle, logging, ownership, object lock and tags; never deleted with objects.

ministack applies versioning, notifications, CORS, websites and public access blocks; this adds the rest through the
service's own XML.
"""

from botocore.serialize import create_serializer
from ministack.services import s3 as store
from ministack.services.cloudformation import provisioners

from .. import shapes
from ..registry import ResourceError, add, tag_list, truth

_TYPE = 'AWS::S3::Bucket'


def _xml(action: str, parameters: dict) -> bytes:
    """The body that the SDK would send for ``action``."""
    model = shapes.model('s3')
    serializer = create_serializer(model.metadata['protocol'], include_validation=False)
    return serializer.serialize_to_request({'Bucket': 'bucket', **parameters}, model.operation_model(action))['body']


def _put(name: str, function: str, action: str, parameters: dict) -> None:
    answer = getattr(store, function)(name, _xml(action, parameters))
    if answer[0] >= 400:
        raise ResourceError(f'{_TYPE}: {action} failed: {answer[2]!r}')


def _encryption(properties: dict) -> dict:
    rules = properties.get('BucketEncryption', {}).get('ServerSideEncryptionConfiguration') or [
        {'ServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}
    ]
    made = []
    for rule in rules:
        default = rule.get('ServerSideEncryptionByDefault') or {}
        made.append(
            {
                'ApplyServerSideEncryptionByDefault': default,
                'BucketKeyEnabled': truth(rule.get('BucketKeyEnabled', False)),
            }
        )
    return {'ServerSideEncryptionConfiguration': {'Rules': made}}


def _lifecycle_rule(rule: dict) -> dict:
    """One rule of a template; singular spellings and days stand where the API has structures."""
    prefix, tags = {'Prefix': rule.get('Prefix', '')}, rule.get('TagFilters')
    made = {'Status': rule['Status'], 'Filter': {'And': {**prefix, 'Tags': tags}} if tags else prefix}
    if rule.get('Id'):
        made['ID'] = rule['Id']
    if rule.get('ExpirationInDays'):
        made['Expiration'] = {'Days': int(rule['ExpirationInDays'])}
    elif truth(rule.get('ExpiredObjectDeleteMarker', False)):
        made['Expiration'] = {'ExpiredObjectDeleteMarker': True}
    noncurrent = rule.get('NoncurrentVersionExpiration') or {}
    days = noncurrent.get('NoncurrentDays') or rule.get('NoncurrentVersionExpirationInDays')
    if days:
        made['NoncurrentVersionExpiration'] = {'NoncurrentDays': int(days)}
        if noncurrent.get('NewerNoncurrentVersions'):
            made['NoncurrentVersionExpiration']['NewerNoncurrentVersions'] = int(noncurrent['NewerNoncurrentVersions'])
    abort = rule.get('AbortIncompleteMultipartUpload')
    if abort:
        made['AbortIncompleteMultipartUpload'] = {'DaysAfterInitiation': int(abort['DaysAfterInitiation'])}
    transitions = rule.get('Transitions') or ([rule['Transition']] if rule.get('Transition') else [])
    if transitions:
        made['Transitions'] = [
            {'Days': int(one['TransitionInDays']), 'StorageClass': one['StorageClass']} for one in transitions
        ]
    return made


def _apply(name: str, properties: dict, old: dict) -> None:
    _put(name, '_put_bucket_encryption', 'PutBucketEncryption', _encryption(properties))
    rules = (properties.get('LifecycleConfiguration') or {}).get('Rules')
    if rules:
        _put(
            name,
            '_put_bucket_lifecycle',
            'PutBucketLifecycleConfiguration',
            {'LifecycleConfiguration': {'Rules': [_lifecycle_rule(rule) for rule in rules]}},
        )
    elif old.get('LifecycleConfiguration'):
        store._bucket_lifecycle.pop(name, None)
    _put(
        name,
        '_put_bucket_ownership_controls',
        'PutBucketOwnershipControls',
        {
            'OwnershipControls': {
                'Rules': (properties.get('OwnershipControls') or {}).get('Rules')
                or [{'ObjectOwnership': 'BucketOwnerEnforced'}]
            }
        },
    )
    logging = properties.get('LoggingConfiguration')
    if logging:
        _put(
            name,
            '_put_bucket_logging',
            'PutBucketLogging',
            {
                'BucketLoggingStatus': {
                    'LoggingEnabled': {
                        'TargetBucket': logging.get('DestinationBucketName', name),
                        'TargetPrefix': logging.get('LogFilePrefix', ''),
                    }
                }
            },
        )
    if properties.get('VersioningConfiguration', {}).get('Status') == 'Suspended':
        store._bucket_versioning[name] = 'Suspended'
    _tag(name, properties)


def _tag(name: str, properties: dict) -> None:
    _put(name, '_put_bucket_tagging', 'PutBucketTagging', {'Tagging': {'TagSet': tag_list(properties)}})


def create(logical_id, properties, stack_name):
    name, attributes = provisioners._s3_create(logical_id, properties, stack_name)
    if truth(properties.get('ObjectLockEnabled', False)):
        store._bucket_versioning[name] = 'Enabled'
        _put(
            name,
            '_put_object_lock_configuration',
            'PutObjectLockConfiguration',
            {'ObjectLockConfiguration': properties.get('ObjectLockConfiguration') or {'ObjectLockEnabled': 'Enabled'}},
        )
    _apply(name, properties, {})
    return name, attributes


def update(physical_id, old, new, stack_name, logical_id):
    name, attributes = provisioners._s3_update(physical_id, old, new, stack_name)
    _apply(name, new, old)
    return name, attributes


def delete(physical_id, properties):
    """AWS deletes no bucket that holds objects, versions or delete markers."""
    bucket = store._buckets.get(physical_id)
    if bucket is None:
        return
    answer = store._delete_bucket(physical_id)
    if answer[0] >= 400 and b'NoSuchBucket' not in answer[2]:
        raise ResourceError(
            'The bucket you tried to delete is not empty. You must delete all versions in the bucket. '
            '(Service: S3, Status Code: 409, Code: BucketNotEmpty)'
        )
    provisioners._s3_delete(physical_id, properties)


def register():
    add(
        _TYPE,
        create,
        delete,
        update,
        replaces=('BucketName', 'BucketNamePrefix', 'BucketNamespace'),
        tags=('Tags', 'list'),
    )
    provisioners._RESOURCE_HANDLERS[_TYPE]['import'] = provisioners._s3_import
