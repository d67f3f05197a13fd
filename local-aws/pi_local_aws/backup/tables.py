"""The records of AWS Backup that ministack does not have, saved and restored together with its own."""

import copy
import shutil
from pathlib import Path

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import backup as store

from .. import settings

points = AccountRegionScopedDict()
restores = AccountRegionScopedDict()
copies = AccountRegionScopedDict()
regions = AccountRegionScopedDict()
_TABLES = {'pi_points': points, 'pi_restores': restores, 'pi_copies': copies, 'pi_regions': regions}


def root() -> Path:
    path = settings.current().state_dir / 'backup'
    path.mkdir(exist_ok=True)
    return path


def shown(record: dict) -> dict:
    """A record as the API shows it: without our own notes and without what has no value."""
    return {key: value for key, value in record.items() if not key.startswith('_') and value is not None}


def install() -> None:
    state, load, reset = store.get_state, store.load_persisted_state, store.reset

    def get_state():
        return {**state(), **{name: copy.deepcopy(table) for name, table in _TABLES.items()}}

    def load_persisted_state(data):
        load(data)
        for name, table in _TABLES.items():
            # One with nothing of the region and account at hand is false, whatever the others have.
            if (saved := (data or {}).get(name)) is not None:
                table.update(saved)

    def emptied():
        reset()
        for table in _TABLES.values():
            table.clear()
        shutil.rmtree(settings.current().state_dir / 'backup', ignore_errors=True)

    store.get_state, store.load_persisted_state, store.reset = get_state, load_persisted_state, emptied
