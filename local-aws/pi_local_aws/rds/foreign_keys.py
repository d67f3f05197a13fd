"""Keys of another account: what its grants and its key policy let this account do with them."""

import json
from fnmatch import fnmatch

from ministack.core.responses import error_response_json, get_account_id, json_response, request_scope
from ministack.services import kms

from ..patching import replace

# What RDS does with the key of a snapshot on behalf of whoever copies it.
FOR_A_COPY = ('CreateGrant', 'Decrypt', 'DescribeKey')


def _place(arn: str) -> tuple[str, str, str]:
    """(account, region, id) of a key by its ARN."""
    parts = (arn.split(':', 5) + [''] * 6)[:6]
    return parts[4], parts[3], parts[5].removeprefix('key/')


def is_foreign(arn: str) -> bool:
    return arn.startswith('arn:') and _place(arn)[0] != get_account_id()


def record(arn: str) -> dict | None:
    account, region, key_id = _place(arn)
    return kms._keys.get_scoped(account, region, key_id)


def allows(arn: str, operations: tuple[str, ...]) -> bool:
    """Whether this account may do all of it with a key of another one."""
    found = record(arn)
    return found is not None and all(_granted(arn, one) or _in_policy(found, one) for one in operations)


def _granted(arn: str, operation: str) -> bool:
    account, region, _key_id = _place(arn)
    return any(
        grant['KeyId'] == arn and operation in grant['Operations'] and _is_us(grant['GranteePrincipal'])
        for scope, grant in list(kms._grants._data.items())
        if scope[:2] == (account, region)
    )


def _in_policy(found: dict, operation: str) -> bool:
    document = found.get('Policy') or '{}'
    statements = (json.loads(document) if isinstance(document, str) else document).get('Statement') or []
    for statement in statements:
        principals = (statement.get('Principal') or {}).get('AWS') if isinstance(statement.get('Principal'), dict) else []
        actions = statement.get('Action') or []
        if statement.get('Effect') != 'Allow' or not any(_is_us(one) for one in _many(principals)):
            continue
        if any(fnmatch(f'kms:{operation}'.lower(), one.lower()) for one in _many(actions)):
            return True
    return False


def _many(value) -> list:
    return value if isinstance(value, list) else [value] if value else []


def _is_us(principal: str) -> bool:
    mine = get_account_id()
    return principal == mine or f'::{mine}:' in principal


def _describe(describe):
    def wrapped(data):
        arn = data.get('KeyId', '')
        if not is_foreign(arn):
            return describe(data)
        found = record(arn)
        if found is None or not allows(arn, ('DescribeKey',)):
            return error_response_json(
                'AccessDeniedException',
                f'User: arn:aws:iam::{get_account_id()}:root is not authorized to perform: kms:DescribeKey on this '
                'resource because the resource does not exist in this Region, no resource-based policies allow access, '
                'or a resource-based policy explicitly denies access',
                400,
            )
        account, region, _key_id = _place(arn)
        with request_scope(account, region):
            return json_response({'KeyMetadata': kms._key_metadata(found)})

    return wrapped


def install() -> None:
    replace(kms, '_describe_key', _describe(kms._describe_key))
