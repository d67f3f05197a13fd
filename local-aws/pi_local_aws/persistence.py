"""Saving while the server runs, so that even a killed process loses no more than the last moment.

ministack saves at a clean end only. Here a thread saves every service whose state changed, shortly after it changed.
The files of one save are written beside and then take their places together, wherever a kill falls. What changes while
they are copied is copied again a few times, so that they agree with each other unless the server never rests. While
there is much to save it is done less often.
"""

import glob
import hashlib
import json
import logging
import os
import threading
import time

from ministack import app
from ministack.core import persistence as store

SETTLE_SECONDS = 0.4
LONGEST_SECONDS = 2.0
# A large state takes long to copy and to write: that is not to be most of what this process does.
REST_PER_SECOND = 9
LONGEST_REST_SECONDS = 5.0
_TRIES = 5
# How often services are copied until nothing changed meanwhile.
_PASSES = 3
# A large state is not copied again: that would hold the server.
_AGREE_SECONDS = 0.3
_BESIDE = '.saving'
# Lists the files of a save that are whole and may take their places.
_WHOLE = 'whole.list'

_log = logging.getLogger('pi-local-aws')
_changed = threading.Event()
_changes = 0
_saved: dict[str, str] = {}
_saving = threading.Lock()


def changed() -> None:
    """Something may have changed; save soon."""
    global _changes
    _changes += 1
    _changed.set()


def start() -> None:
    threading.Thread(target=_loop, daemon=True, name='pi-save').start()


def _loop() -> None:
    while True:
        _changed.wait()
        # Wait for a quiet moment, but not for ever.
        limit = time.monotonic() + LONGEST_SECONDS
        while _changed.is_set() and time.monotonic() < limit:
            _changed.clear()
            time.sleep(SETTLE_SECONDS)
        _changed.clear()
        begun = time.monotonic()
        save()
        time.sleep(min(LONGEST_REST_SECONDS, REST_PER_SECOND * (time.monotonic() - begun)))


def save() -> None:
    """Write every service's state that differs from what was last written; all that is written takes its place at once."""
    with _saving:
        recover()
        written: dict[str, str] = {}
        limit = time.monotonic() + _AGREE_SECONDS
        for _ in range(_PASSES):
            before = _changes
            if (_write_beside(written) and _changes == before) or time.monotonic() > limit:
                break
        if written:
            _write(_WHOLE, json.dumps([f'{name}.json' for name in written]))
            os.replace(_path(_WHOLE) + _BESIDE, _path(_WHOLE))
            _take_places()
            _saved.update(written)


def _write_beside(written: dict[str, str]) -> bool:
    """Whether every service held still for as long as it was copied."""
    still = True
    for name, get_state in app._build_persistence_save_dict().items():
        try:
            text = _text_of(name, get_state)
        except _BusyError:
            still = False
            continue
        if text is None:
            continue
        digest = hashlib.sha256(text.encode()).hexdigest()
        if written.get(name, _saved.get(name)) != digest:
            _write(f'{name}.json', text)
            written[name] = digest
    return still


class _BusyError(Exception):
    """A store changed whenever it was copied."""


def recover() -> None:
    """End a save that a kill interrupted, or drop it if it was not whole. To be called before states are loaded."""
    if os.path.exists(_path(_WHOLE)):
        try:
            _take_places()
        except ValueError:
            _log.error('%s cannot be read; what was saved before is what there is', _path(_WHOLE))
            os.remove(_path(_WHOLE))
    for beside in glob.glob(os.path.join(glob.escape(store.STATE_DIR), f'*{_BESIDE}')):
        os.remove(beside)


def _take_places() -> None:
    with open(_path(_WHOLE), encoding='utf-8') as file:
        names = json.load(file)
    for name in names:
        # One that is missing took its place before the kill.
        if os.path.exists(_path(name) + _BESIDE):
            os.replace(_path(name) + _BESIDE, _path(name))
    os.remove(_path(_WHOLE))


def _text_of(name: str, get_state) -> str | None:
    """The state as JSON; a store that changes while it is copied is copied again."""
    for _ in range(_TRIES):
        try:
            state = get_state()
            if state is None:
                return None
            return json.dumps(
                {'__ministack_format__': store._state_format_version(name), 'payload': state},
                default=store._json_default,
            )
        except RuntimeError:
            time.sleep(0.01)
        except (TypeError, ValueError) as error:
            _log.error('state of %s cannot be saved: %s', name, error)
            return None
    changed()
    raise _BusyError(name)


def _path(name: str) -> str:
    return os.path.join(store.STATE_DIR, name)


def _write(name: str, text: str) -> None:
    with open(_path(name) + _BESIDE, 'w', encoding='utf-8') as file:
        file.write(text)
