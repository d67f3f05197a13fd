"""What an account may have: DescribeAccountAttributes, and the quota of manual snapshots."""

from ministack.services import rds as store

# AWS's defaults in a new account.
_LIMITS = {'DBInstances': 40, 'ManualSnapshots': 100, 'AllocatedStorage': 100_000}


def _used() -> dict[str, int]:
    instances = store._instances.values()
    return {
        'DBInstances': len(instances),
        # Those of AWS Backup are not counted.
        'ManualSnapshots': sum(1 for one in store._snapshots.values() if one['SnapshotType'] == 'manual'),
        'AllocatedStorage': sum(int(one.get('AllocatedStorage') or 0) for one in instances),
    }


def over_quota():
    """The refusal of one manual snapshot more than the account may have; None while there is room."""
    if _used()['ManualSnapshots'] < _LIMITS['ManualSnapshots']:
        return None
    return store._error('SnapshotQuotaExceeded', 'Cannot create more than 100 manual snapshots', 400)


def _describe(_parameters):
    used = _used()
    rows = ''.join(
        f'<AccountQuota><AccountQuotaName>{name}</AccountQuotaName><Used>{used[name]}</Used><Max>{limit}</Max></AccountQuota>'
        for name, limit in _LIMITS.items()
    )
    return store._xml(
        200,
        'DescribeAccountAttributesResponse',
        f'<DescribeAccountAttributesResult><AccountQuotas>{rows}</AccountQuotas></DescribeAccountAttributesResult>',
    )


def install() -> None:
    store._ACTION_MAP['DescribeAccountAttributes'] = _describe
