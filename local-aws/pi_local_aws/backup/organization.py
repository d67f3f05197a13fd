"""What the organization of all accounts here allows: copies of backups from one account to another.

The account of clients without an account of their own is the management account.
"""

import time

from ministack.core.responses import get_account_id
from ministack.services import backup as store

from .. import settings
from . import tables
from .errors import denied

_NAME = 'isCrossAccountBackupEnabled'


def _record() -> dict:
    return tables.regions.get_scoped(settings.ACCOUNT_ID, '', 'organization') or {}


def is_enabled() -> bool:
    return (_record().get('settings') or {}).get(_NAME) == 'true'


def answer(method: str, _rest, _query, body) -> tuple:
    """DescribeGlobalSettings and UpdateGlobalSettings."""
    if method == 'PUT':
        if get_account_id() != settings.ACCOUNT_ID:
            raise denied('Only the management account of the organization changes its settings.')
        chosen = {**(_record().get('settings') or {}), **(body.get('GlobalSettings') or {})}
        changed = {'settings': chosen, 'at': time.time()}
        tables.regions.set_scoped(settings.ACCOUNT_ID, '', 'organization', changed)
        return store._no_content()
    shown = {_NAME: 'false', **(_record().get('settings') or {})}
    return store._ok({'GlobalSettings': shown, 'LastUpdateTime': _record().get('at', 0)})
