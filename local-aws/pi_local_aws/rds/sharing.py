"""Manual snapshots that other accounts may copy: the attribute `restore` of a snapshot."""

from ministack.core.responses import get_account_id
from ministack.services import rds as store

from . import snapshots, states


def is_shared(snapshot: dict) -> bool:
    """Whether this account may see the snapshot: its own, or one that it was given."""
    owner = snapshot['DBSnapshotArn'].split(':')[4]
    return get_account_id() in (owner, *snapshot.get('_pi_shared', []))


def _own(identifier: str) -> dict | None:
    found = snapshots.find(identifier)
    return found if found and found['DBSnapshotArn'].split(':')[4] == get_account_id() else None


def _values(p, name: str) -> list[str]:
    return [store._p(p, key) for key in sorted(p) if key.startswith(f'{name}.')]


def _answer(action: str, snapshot: dict) -> tuple:
    values = ''.join(f'<AttributeValue>{one}</AttributeValue>' for one in snapshot.get('_pi_shared', []))
    return store._xml(
        200,
        f'{action}Response',
        f'<{action}Result><DBSnapshotAttributesResult>'
        f'<DBSnapshotIdentifier>{snapshot["DBSnapshotIdentifier"]}</DBSnapshotIdentifier><DBSnapshotAttributes>'
        f'<DBSnapshotAttribute><AttributeName>restore</AttributeName><AttributeValues>{values}</AttributeValues>'
        '</DBSnapshotAttribute></DBSnapshotAttributes></DBSnapshotAttributesResult>'
        f'</{action}Result>',
    )


def _modify(p):
    states.settle()
    identifier = store._p(p, 'DBSnapshotIdentifier')
    snapshot = _own(identifier)
    if snapshot is None:
        return store._error('DBSnapshotNotFound', f'DBSnapshot {identifier} not found.', 404)
    if store._p(p, 'AttributeName') != 'restore':
        return store._error('InvalidParameterValue', 'The only attribute of a snapshot is restore.', 400)
    if snapshot['SnapshotType'] != 'manual' or snapshot['Status'] != 'available':
        return store._error(
            'InvalidDBSnapshotState',
            f'The snapshot {identifier} is {snapshot["SnapshotType"]} and {snapshot["Status"]}: only a manual one that is '
            'available can be shared.',
            400,
        )
    add, remove = _values(p, 'ValuesToAdd'), _values(p, 'ValuesToRemove')
    if 'all' in add and snapshot.get('Encrypted'):
        return store._error('InvalidParameterValue', 'An encrypted snapshot cannot be made public.', 400)
    kept = [one for one in snapshot.get('_pi_shared', []) if one not in remove]
    snapshot['_pi_shared'] = [*kept, *(one for one in add if one not in kept)]
    return _answer('ModifyDBSnapshotAttribute', snapshot)


def _describe(p):
    snapshot = _own(store._p(p, 'DBSnapshotIdentifier'))
    if snapshot is None:
        return store._error('DBSnapshotNotFound', f'DBSnapshot {store._p(p, "DBSnapshotIdentifier")} not found.', 404)
    return _answer('DescribeDBSnapshotAttributes', snapshot)


def install() -> None:
    store._ACTION_MAP['ModifyDBSnapshotAttribute'] = _modify
    store._ACTION_MAP['DescribeDBSnapshotAttributes'] = _describe
