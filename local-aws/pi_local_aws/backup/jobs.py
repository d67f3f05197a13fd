"""The life of a job: it waits, runs on a thread of its own for as long as AWS would, and ends in one state.

A job that a restart interrupted begins again at the next start, as AWS's jobs are not ended by anything on this side.
"""

import logging
import threading
import time
from collections.abc import Callable

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import backup as store

from .. import faults, pace, persistence
from . import tables
from .trees import Stopped

_log = logging.getLogger('pi-local-aws')
_SLICE_SECONDS = 0.1
_WAITING_SHARE = 0.1
# The end that a fault may ask for by the first word of its reason.
_ENDS = ('FAILED', 'PARTIAL', 'EXPIRED', 'ABORTED')
OPEN = ('CREATED', 'PENDING', 'RUNNING', 'ABORTING')
# Kind of job -> (table, field of the state, first state, what does the work).
_kinds: dict[str, tuple] = {}


Work = tuple[Callable[[], object], Callable[[], object]]


class JobError(Exception):
    """The job ends as failed, with this message."""


def kind(name: str, table: Callable[[], object], field: str, first: str, work: Callable[[dict], Work]) -> None:
    """Register a kind of job.

    ``work(job)`` does it and returns what makes its result known and what takes it back; it may raise JobError.
    """
    _kinds[name] = (table, field, first, work)


def same(name: str, token: str, request: dict) -> dict | None:
    """The job that an earlier call with this token started."""
    if not token:
        return None
    table = _kinds[name][0]()
    return next((one for one in table.values() if one.get('_token') == token and one.get('_request') == request), None)


def begin(name: str, job_id: str, job: dict, token: str, request: dict) -> dict:
    """Record a job and start it."""
    table, field, first, _work = _kinds[name]
    job.update({field: first, 'PercentDone': '0.0', 'CreationDate': time.time(), '_token': token, '_request': request})
    job['_fault'] = faults.struck(name)
    table()[job_id] = job
    _start(name, job)
    return job


def _start(name: str, job: dict) -> None:
    account_id, region = get_account_id(), get_region()
    job['_halt'] = False

    def run():
        with request_scope(account_id, region):
            _live(name, job)
        persistence.changed()

    threading.Thread(target=run, daemon=True, name=f'pi-{name}').start()


def _live(name: str, job: dict) -> None:
    _table, field, _first, work = _kinds[name]
    seconds = pace.job(name) * pace.current_pace()
    begun = time.monotonic()
    undo = _nothing
    try:
        _wait(job, begun, seconds, seconds * _WAITING_SHARE)
        job[field] = 'RUNNING'
        commit, undo = work(job)
        _wait(job, begun, seconds, seconds)
        if job.get('_fault'):
            raise JobError(job['_fault'])
        commit()
        job['PercentDone'] = '100.0'
        state, message = 'COMPLETED', ''
    except Stopped:
        state, message = 'ABORTED', 'The job was stopped.'
    except JobError as error:
        word, _, rest = str(error).partition(': ')
        state, message = (word, rest) if word in _ENDS else ('FAILED', str(error))
    except Exception as error:
        _log.exception('%s failed', name)
        state, message = 'FAILED', f'Internal failure: {error}'
    if state != 'COMPLETED':
        undo()
    # Last: who sees the end sees everything of it.
    _end(job, field, state, message)


def _nothing() -> None:
    pass


def _end(job: dict, field: str, state: str, message: str) -> None:
    job.update({'StatusMessage': message or None, 'CompletionDate': time.time(), field: state})


def _wait(job: dict, begun: float, whole: float, until: float) -> None:
    """Wait until ``until`` seconds of the job are over, showing its progress."""
    while (left := begun + until - time.monotonic()) > 0:
        if job.get('_halt'):
            raise Stopped
        job['PercentDone'] = f'{min(99.0, 100 * (time.monotonic() - begun) / whole):.1f}'
        time.sleep(min(left, _SLICE_SECONDS))


def resume() -> None:
    """Begin again what an earlier run of the embedded AWS left unfinished."""
    for name, (table, field, first, _work) in _kinds.items():
        for (account_id, region, _key), job in list(table()._data.items()):
            if job.get(field) in OPEN:
                with request_scope(account_id, region):
                    job[field] = first
                    _start(name, job)


def halt(job: dict) -> None:
    """Ask a job to stop at its next step."""
    job['_halt'] = True


def halted(job: dict) -> Callable[[], bool]:
    return lambda: bool(job.get('_halt'))


def listing(table, query: dict, key: str, filters: dict[str, str]) -> tuple:
    """One page of jobs, the youngest first; ``filters`` maps query names to fields."""
    found = list(table.values())
    for name, field in filters.items():
        if query.get(name):
            found = [one for one in found if one.get(field) == query[name]]
    found.sort(key=lambda one: one['CreationDate'], reverse=True)
    return store._paginate([tables.shown(one) for one in found], query, key)
