"""States that last: ``creating`` and its like until AWS would be done, then what comes after.

Nothing waits in a thread. A record carries when it will be done, and whoever looks at it sees the state of that moment;
so a restart changes nothing.
"""

import time

from ministack.services import rds as store

from .. import pace


def begin(record: dict, field: str, state: str, after: str, kind: str, reason: str = '') -> None:
    """Put ``record[field]`` into ``state`` until the time of ``kind`` is over, then into ``after``."""
    now = time.time()
    seconds = pace.job(kind) * pace.current_pace()
    record['_pi_until'] = {'field': field, 'after': after, 'begun': now, 'done': now + seconds, 'reason': reason}
    record[field] = state
    _settle_one(record, now)


def _settle_one(record: dict, now: float) -> None:
    change = record.get('_pi_until')
    if not change:
        return
    if now >= change['done']:
        record[change['field']] = change['after']
        record.pop('_pi_until')
        if 'PercentProgress' in record:
            record['PercentProgress'] = 100 if change['after'] == 'available' else 0
    elif 'PercentProgress' in record:
        span = change['done'] - change['begun']
        record['PercentProgress'] = int(99 * (now - change['begun']) / span)


def settle(*_ignored) -> None:
    """Bring every record up to now."""
    now = time.time()
    for records in (store._instances, store._snapshots):
        for record in list(records._data.values()):
            _settle_one(record, now)
