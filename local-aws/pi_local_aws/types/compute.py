"""AWS::Lambda::Function in full: code that must exist, file systems, VPC, dead letters, reserved concurrency."""

import base64
import time

from ministack.services import lambda_svc as store
from ministack.services.cloudformation import provisioners

from .. import shapes
from ..files import functions
from ..registry import ResourceError, add, tag_list
from ..services import answer

_TYPE = 'AWS::Lambda::Function'
_SETTLE_SECONDS = 30
_DEFAULTS = {
    'Description': '',
    'Timeout': 3,
    'MemorySize': 128,
    'Environment': {'Variables': {}},
    'Layers': [],
    'TracingConfig': {'Mode': 'PassThrough'},
    'EphemeralStorage': {'Size': 512},
    'FileSystemConfigs': [],
    'DeadLetterConfig': {},
    'VpcConfig': {},
}


def _code(properties: dict) -> dict:
    """The code of a template as CreateFunction takes it; what S3 does not hold is an error, as on AWS."""
    code = properties.get('Code') or {}
    if code.get('ZipFile') is not None:
        archive = provisioners._zip_inline(
            code['ZipFile'], properties.get('Handler', 'index.handler'), properties.get('Runtime', '')
        )
        return {'ZipFile': base64.b64encode(archive).decode()}
    if code.get('S3Bucket'):
        given = {name: code[name] for name in ('S3Bucket', 'S3Key', 'S3ObjectVersion') if code.get(name)}
        if (
            store._fetch_code_from_s3(
                given['S3Bucket'], given.get('S3Key', ''), version_id=given.get('S3ObjectVersion')
            )
            is None
        ):
            raise ResourceError(
                'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not '
                'exist. (Service: Lambda, Status Code: 400, Code: InvalidParameterValueException)'
            )
        return given
    return {'ImageUri': code['ImageUri']} if code.get('ImageUri') else {}


def _request(properties: dict) -> dict:
    given = {key: one for key, one in properties.items() if key not in ('Code', 'Tags', 'ReservedConcurrentExecutions')}
    if given.get('KmsKeyArn'):
        given['KMSKeyArn'] = given.pop('KmsKeyArn')
    if 'SnapStart' in given and (given['SnapStart'] or {}).get('ApplyOn') == 'None':
        given.pop('SnapStart')
    return {key: one for key, one in shapes.request('lambda', 'CreateFunction', given).items() if one is not None}


def _settle(name: str) -> dict:
    """Wait until the function is active, then return its attributes."""
    limit = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < limit:
        config = store._functions[name]['config']
        if config.get('State') != 'Pending' and config.get('LastUpdateStatus') != 'InProgress':
            break
        time.sleep(0.01)
    return {'Arn': config['FunctionArn']}


def _concurrency(name: str, properties: dict) -> None:
    reserved = properties.get('ReservedConcurrentExecutions')
    store._functions[name]['concurrency'] = None if reserved is None else int(reserved)


def create(logical_id, properties, stack_name):
    name = properties.get('FunctionName') or provisioners._physical_name(stack_name, logical_id, max_len=64)
    request = {**_request(properties), 'FunctionName': name, 'Code': _code(properties)}
    _check_mounts(request)
    request['Tags'] = {tag['Key']: tag['Value'] for tag in tag_list(properties)}
    answer(store._create_function(request), _TYPE)
    _concurrency(name, properties)
    return name, _settle(name)


def _check_mounts(request: dict) -> None:
    """The function service refuses an access point that does not exist and a file system without mount target."""
    for one in request.get('FileSystemConfigs') or []:
        if not request.get('VpcConfig', {}).get('SubnetIds'):
            raise ResourceError(
                'Function must be configured to execute in a VPC to reference access point '
                f'{one.get("Arn")}. (Service: Lambda, Status Code: 400, Code: InvalidParameterValueException)'
            )
        found = functions.mounts_of({'FileSystemConfigs': [one]})[0]
        if not found[1]:
            raise ResourceError(
                f'EFS access point {one.get("Arn")} does not exist. (Service: Lambda, Status Code: 400, Code: '
                'InvalidParameterValueException)'
            )
        if not functions.has_mount_target(found[1]):
            raise ResourceError(
                f'EFS file system {found[1]} referenced by access point {one.get("Arn")} has no mount targets created in '
                'the availability zones the function will execute in. Please create EFS mount targets for each '
                'availability zone your function will execute in. (Service: Lambda, Status Code: 400, Code: '
                'InvalidParameterValueException)'
            )


def update(physical_id, old, new, stack_name, logical_id):
    if physical_id not in store._functions:
        return create(logical_id, new, stack_name)
    if new.get('Code') != old.get('Code'):
        answer(store._update_code(physical_id, _code(new)), _TYPE)
        _settle(physical_id)
    request = {**_DEFAULTS, **_request(new)}
    _check_mounts(request)
    request['Layers'] = new.get('Layers') or []
    if not request['DeadLetterConfig']:
        request.pop('DeadLetterConfig')
        store._functions[physical_id]['config'].pop('DeadLetterConfig', None)
    answer(store._update_config(physical_id, request), _TYPE)
    # A warm process keeps the environment and the mounts it was started with.
    store.invalidate_worker(physical_id, qualifier='$LATEST', account=store.get_account_id(), region=store.get_region())
    _concurrency(physical_id, new)
    provisioners._reconcile_tag_map(store._functions[physical_id].setdefault('tags', {}), old, new)
    return physical_id, _settle(physical_id)


def register():
    add(
        _TYPE,
        create,
        provisioners._lambda_delete,
        update,
        replaces=('FunctionName', 'PackageType', 'TenancyConfig'),
        tags=('Tags', 'list'),
    )
