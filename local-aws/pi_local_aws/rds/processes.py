"""The processes of database servers: recorded beside their data, recognised before they are ended.

A server outlives the embedded AWS when that is killed. Two things end it then: a small watcher that waits for the
embedded AWS to disappear, and the next start in the same state folder. Both read the records, and both end a process
only if its command line still carries the server's own mark, so a number that the system has given to another program
is left alone.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

_PATIENCE_SECONDS = 10
RECORD = 'server.json'
# Names this run of the embedded AWS in the records, so that its watcher never ends a later run's servers.
OWNER = secrets.token_hex(8)


def mark_of(folder: Path) -> str:
    """What stands in the command line of this server and of no other."""
    return f'pi-local-aws{folder}'.replace('/', '-')


def record(folder: Path, pid: int) -> None:
    beside = folder / f'{RECORD}.part'
    beside.write_text(json.dumps({'pid': pid, 'owner': OWNER}), encoding='utf-8')
    os.replace(beside, folder / RECORD)


def forget(folder: Path) -> None:
    (folder / RECORD).unlink(missing_ok=True)


def command_line(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    try:
        return Path(f'/proc/{pid}/cmdline').read_text(encoding='utf-8', errors='replace').replace('\0', ' ')
    except FileNotFoundError:
        if os.path.isdir('/proc/self'):
            return ''
    asked = subprocess.run(['ps', '-o', 'command=', '-p', str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def end(folder: Path, owner: str | None = None) -> None:
    """End the server whose record lies in ``folder``, if that is still the process it names."""
    try:
        known = json.loads((folder / RECORD).read_text(encoding='utf-8'))
        pid = int(known['pid'])
    except (OSError, ValueError, KeyError, TypeError):
        return
    if owner is not None and known.get('owner') != owner:
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + _PATIENCE_SECONDS
        if not _is_ours(pid, folder):
            break
        try:
            # A server that was stopped in the middle of a snapshot hears nothing until it goes on.
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, how)
        except ProcessLookupError:
            break
        while _is_ours(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.02)
    forget(folder)


def _is_ours(pid: int, folder: Path) -> bool:
    return mark_of(folder) in command_line(pid)


def end_all(root: Path, owner: str | None = None) -> None:
    """End every recorded server below ``root``; with ``owner``, those of that run only."""
    for path in sorted(root.glob(f'*/{RECORD}')):
        end(path.parent, owner)


def freeze(pid: int) -> None:
    """Stop a process between two of its instructions and wait until every thread stands still."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _stands_still(pid):
        if time.monotonic() > deadline:
            raise TimeoutError(f'process {pid} does not stop')
        time.sleep(0.002)


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    tasks = Path(f'/proc/{pid}/task')
    if not tasks.is_dir():
        asked = subprocess.run(['ps', '-o', 'state=', '-p', str(pid)], capture_output=True, text=True, check=False)
        return asked.stdout.strip().startswith('T')
    states = []
    for one in tasks.iterdir():
        try:
            states.append((one / 'stat').read_text(encoding='ascii', errors='replace').rpartition(')')[2].split()[0])
        except OSError:
            continue
    return all(state in 'TtZX' for state in states)


def watch(root: Path) -> None:
    """Leave a watcher behind that ends this run's servers when this process disappears."""
    global _watcher
    if _watcher is None:
        _watcher = subprocess.Popen(
            [sys.executable, '-S', '-E', __file__, str(root), OWNER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd='/',
            start_new_session=True,
        )


_watcher: subprocess.Popen | None = None


if __name__ == '__main__':
    # The other end of this pipe closes when the embedded AWS is gone, however it ended.
    sys.stdin.buffer.read()
    end_all(Path(sys.argv[1]), sys.argv[2])
