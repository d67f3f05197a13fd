"""AWS::IAM::RolePolicy and AWS::IAM::ServiceLinkedRole."""

import json

from ministack.services import iam as store

from ..registry import ResourceError, add
from ..services import element


def _call(function, **parameters) -> str:
    status, _headers, body = function({name: [value] for name, value in parameters.items() if value is not None})
    text = body.decode()
    if status >= 400:
        raise ResourceError(
            f'{element(text, "Message")} (Service: Iam, Status Code: {status}, Code: {element(text, "Code")})'
        )
    return text


def put_policy(properties: dict) -> tuple[str, dict]:
    role, name = properties['RoleName'], properties['PolicyName']
    document = properties.get('PolicyDocument') or {}
    _call(
        store._put_role_policy,
        RoleName=role,
        PolicyName=name,
        PolicyDocument=document if isinstance(document, str) else json.dumps(document),
    )
    return f'{name}|{role}', {}


def delete_policy(physical_id, properties):
    role = store._roles.get(properties['RoleName'])
    if role:
        role['InlinePolicies'].pop(properties['PolicyName'], None)


def create_linked(logical_id, properties, stack_name):
    answer = _call(
        store._create_service_linked_role,
        AWSServiceName=properties['AWSServiceName'],
        Description=properties.get('Description'),
        CustomSuffix=properties.get('CustomSuffix'),
    )
    name = element(answer, 'RoleName')
    return name, {'RoleName': name}


def delete_linked(physical_id, properties):
    store._roles.pop(physical_id, None)


def register():
    add(
        'AWS::IAM::RolePolicy',
        lambda logical_id, properties, stack_name: put_policy(properties),
        delete_policy,
        lambda physical_id, old, new, stack_name, logical_id: put_policy(new),
        replaces=('PolicyName', 'RoleName'),
    )
    add(
        'AWS::IAM::ServiceLinkedRole',
        create_linked,
        delete_linked,
        lambda physical_id, old, new, stack_name, logical_id: (physical_id, {'RoleName': physical_id}),
        replaces=('AWSServiceName', 'CustomSuffix'),
    )
