"""AWS::SecretsManager::Secret by AWS's rules, ResourcePolicy and RotationSchedule.

A secret's Ref is its ARN; one with neither a string nor a generator has no value at all; generated strings obey every
option of the template.
"""

import json
import secrets
import string

from ministack.services import secretsmanager as store
from ministack.services.cloudformation import provisioners

from ..registry import ResourceError, add, truth
from ..services import answer

_SECRET = 'AWS::SecretsManager::Secret'
_PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'


def generated(options: dict) -> str:
    """A random string as GetRandomPassword makes it from the same options."""
    excluded = set(options.get('ExcludeCharacters') or '')
    kinds = [
        kind
        for name, kind in (
            ('ExcludeLowercase', string.ascii_lowercase),
            ('ExcludeUppercase', string.ascii_uppercase),
            ('ExcludeNumbers', string.digits),
            ('ExcludePunctuation', _PUNCTUATION),
        )
        if not truth(options.get(name, False))
    ]
    if truth(options.get('IncludeSpace', False)):
        kinds.append(' ')
    kinds = [''.join(one for one in kind if one not in excluded) for kind in kinds]
    kinds = [kind for kind in kinds if kind]
    if not kinds:
        raise ResourceError('GenerateSecretString excludes every character.')
    length = int(options.get('PasswordLength') or 32)
    each = kinds if truth(options.get('RequireEachIncludedType', True)) else []
    chosen = [secrets.choice(kind) for kind in each]
    chosen += [secrets.choice(''.join(kinds)) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return ''.join(chosen)


def _value(properties: dict) -> str:
    """The secret's value; empty if the template gives none."""
    if properties.get('SecretString'):
        return properties['SecretString']
    options = properties.get('GenerateSecretString')
    if options is None:
        return ''
    if not options.get('SecretStringTemplate'):
        return generated(options)
    return json.dumps({**json.loads(options['SecretStringTemplate']), options['GenerateStringKey']: generated(options)})


def create_secret(logical_id, properties, stack_name):
    given = properties.get('Name')
    if given and given in store._secrets:
        raise ResourceError(
            f'The operation failed because the secret {given} already exists. (Service: SecretsManager, Status Code: 400, Code: ResourceExistsException)'
        )
    name, attributes = provisioners._sm_secret_create(logical_id, properties, stack_name)
    if not properties.get('SecretString') and properties.get('GenerateSecretString') is None:
        store._secrets[name]['Versions'] = {}
    return attributes['Arn'], attributes


def update_secret(physical_id, old, new, stack_name, logical_id):
    name, secret = store._resolve(physical_id)
    if secret is None:
        return create_secret(logical_id, new, stack_name)
    # The engine has replaced a renamed secret; here the name stays whatever it is.
    _name, attributes = provisioners._sm_secret_update(
        name, {**old, 'Name': name}, {**new, 'Name': name}, stack_name, logical_id
    )
    return physical_id, attributes


def delete_secret(physical_id, properties):
    name, secret = store._resolve(physical_id)
    if secret is not None:
        provisioners._sm_secret_delete(name, properties)


def _put(properties: dict) -> tuple[str, dict]:
    policy = properties['ResourcePolicy']
    answer(
        store._put_resource_policy(
            {
                'SecretId': properties['SecretId'],
                'ResourcePolicy': policy if isinstance(policy, str) else json.dumps(policy),
            }
        ),
        'AWS::SecretsManager::ResourcePolicy',
    )
    return properties['SecretId'], {'Id': properties['SecretId']}


def _rotate(properties: dict) -> tuple[str, dict]:
    """Only recorded: rotation is not run."""
    key, secret = store._resolve(properties['SecretId'])
    if secret is None:
        raise ResourceError(
            "Secrets Manager can't find the specified secret. (Status Code: 400, Code: ResourceNotFoundException)"
        )
    secret['RotationEnabled'] = True
    secret['RotationLambdaARN'] = properties.get('RotationLambdaARN', '')
    secret['RotationRules'] = properties.get('RotationRules') or {}
    return properties['SecretId'], {'Id': properties['SecretId']}


def _stop(physical_id, properties):
    _key, secret = store._resolve(physical_id)
    if secret is not None:
        secret['RotationEnabled'] = False


def register():
    provisioners._sm_secret_string = _value
    add(_SECRET, create_secret, delete_secret, update_secret, replaces=('Name',), tags=('Tags', 'list'))
    add(
        'AWS::SecretsManager::ResourcePolicy',
        lambda logical_id, properties, stack_name: _put(properties),
        lambda physical_id, properties: store._delete_resource_policy({'SecretId': physical_id}),
        lambda physical_id, old, new, stack_name, logical_id: _put(new),
        replaces=('SecretId',),
    )
    add(
        'AWS::SecretsManager::RotationSchedule',
        lambda logical_id, properties, stack_name: _rotate(properties),
        _stop,
        lambda physical_id, old, new, stack_name, logical_id: _rotate(new),
        replaces=('SecretId',),
    )
