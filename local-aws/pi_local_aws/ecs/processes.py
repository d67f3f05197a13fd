"""A task of RunTask as local processes.

What runs: a container whose entry point is a shell with ``-c`` and whose image is one of two: one with a tree under
local-aws/images (a small stand-in for what the real image ships), or MariaDB's, where MariaDB's client is installed
here. Its script runs on this machine with the container's paths rewritten: mount paths to the real directories of the
file systems, paths of the image to a private copy of the tree.
Anything else is not run; its log says so and it ends with exit code 0.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from ministack.core.responses import get_account_id
from ministack.services import ecs as store

from .. import settings
from ..rds import programs

IMAGES = Path(__file__).resolve().parents[2] / 'images'
# The image repository's last word, and the tree that stands for it.
_TREES = {'server': 'dashboard', 'dashboard': 'dashboard'}
_SHELLS = ('sh', 'bash', '/bin/sh', '/bin/bash')
_DATABASE_IMAGE = 'mariadb'
_DATABASE_TOOLS = ('mariadb', 'mariadb-admin', 'mariadb-check', 'mariadb-dump')
_DATABASE_CLIENTS = re.compile(r'(?<![\w./-])(mariadb|mysql|mariadb-dump|mysqldump|mariadb-check)(?![\w./-])')
NO_DATABASE = 'The embedded AWS has no database engine: this task was not executed and nothing was checked or changed.'
NO_IMAGE = 'The embedded AWS runs no containers: this task was not executed. Image: '


def run(task: dict, definition: dict, mounts: dict[str, Path], secrets: dict[str, dict]) -> None:
    """Run every container of the task one after the other and stop the task with their exit codes."""
    overrides = {one.get('name'): one for one in (task.get('overrides') or {}).get('containerOverrides') or []}
    for index, container in enumerate(definition.get('containerDefinitions', [])):
        override = overrides.get(container['name']) or {}
        code = _run_container(task, container, override, mounts, secrets.get(container['name']) or {})
        task['containers'][index]['exitCode'] = code
        if code != 0 and container.get('essential', True):
            break
    store._mark_task_stopped(
        task['taskArn'], task, 'Essential container in task exited', 'EssentialContainerExited', exit_code=0
    )


def _command(container: dict, override: dict) -> list[str]:
    return [*(container.get('entryPoint') or []), *(override.get('command') or container.get('command') or [])]


def _repository(image: str) -> str:
    """The last word of an image's repository."""
    return image.split('@')[0].rsplit('/', 1)[-1].split(':')[0]


def _tree_of(image: str) -> Path | None:
    name = _repository(image)
    tree = IMAGES / _TREES.get(name, name)
    return tree if tree.is_dir() else None


def _run_container(task: dict, container: dict, override: dict, mounts: dict, secrets: dict) -> int:
    log = _Log(task, container)
    argv = _command(container, override)
    # What somebody wants run is run as it is; an image's own program is not here.
    asked = bool(override.get('command'))
    image = container.get('image', '')
    tree, on_database = _tree_of(image), _repository(image) == _DATABASE_IMAGE
    if _DATABASE_CLIENTS.search(' '.join(argv)) and not (on_database and programs.available()):
        log(NO_DATABASE)
        return 0
    if (tree is None and not on_database) or not (asked or _is_script(argv)):
        log(NO_IMAGE + image)
        return 0
    with tempfile.TemporaryDirectory(prefix='pi-task-') as scratch:
        root = Path(scratch) / 'image'
        shutil.copytree(tree, root) if tree else root.mkdir()
        rewrite = _rewriter(root, container, mounts)
        environment = _environment(Path(scratch), container, override, secrets, rewrite)
        return _execute(task, [rewrite(word) for word in argv], environment, Path(scratch), log)


def _is_script(argv: list[str]) -> bool:
    return len(argv) >= 3 and argv[0] in _SHELLS and argv[1].startswith('-') and 'c' in argv[1]


def _rewriter(root: Path, container: dict, mounts: dict[str, Path]):
    """A function that replaces container paths in a text, the longest first, and only whole path components."""
    paths = {f'/{entry.name}': root / entry.name for entry in root.iterdir()}
    for mount in container.get('mountPoints') or []:
        if mount.get('sourceVolume') in mounts:
            paths[mount['containerPath'].rstrip('/')] = mounts[mount['sourceVolume']]
    if not paths:
        return lambda text: text
    ordered = sorted(paths, key=len, reverse=True)
    pattern = re.compile('(?<![\\w./-])(' + '|'.join(map(re.escape, ordered)) + ')(?![\\w.-])')
    return lambda text: pattern.sub(lambda found: str(paths[found.group(1)]), text)


def _environment(scratch: Path, container: dict, override: dict, secrets: dict, rewrite) -> dict:
    values = {one['name']: one['value'] for one in container.get('environment') or []}
    values.update(secrets)
    values.update({one['name']: one['value'] for one in override.get('environment') or []})
    current = settings.current()
    return {
        'PATH': f'{_stand_ins(scratch)}{os.pathsep}{os.environ.get("PATH", "/usr/bin:/bin")}',
        'HOME': str(scratch),
        'LANG': os.environ.get('LANG', 'C.UTF-8'),
        'AWS_REGION': current.region,
        'AWS_ENDPOINT_URL': current.endpoint,
        'AWS_ACCESS_KEY_ID': settings.key_of(get_account_id()),
        'AWS_SECRET_ACCESS_KEY': 'local',
        **{name: rewrite(str(value)) for name, value in values.items()},
    }


def _stand_ins(scratch: Path) -> Path:
    """What the image has under another condition than this machine.

    Without root, chown and chgrp succeed and change nothing. MariaDB's tools read no settings of this machine.
    """
    folder = scratch / 'bin'
    folder.mkdir()
    for name in _DATABASE_TOOLS if programs.available() else ():
        if programs.program(name):
            _command_file(folder / name, f'exec {shlex.quote(programs.program(name))} --no-defaults "$@"')
    if os.geteuid() != 0:
        for name in ('chown', 'chgrp'):
            _command_file(folder / name, 'exit 0')
    return folder


def _command_file(path: Path, line: str) -> None:
    path.write_text(f'#!/bin/sh\n{line}\n', encoding='utf-8')
    path.chmod(0o755)


def _execute(task: dict, argv: list[str], environment: dict, scratch: Path, log) -> int:
    try:
        process = subprocess.Popen(
            argv,
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='replace',
            start_new_session=True,
        )
    except OSError as error:
        log(f'{argv[0]}: {error.strerror}')
        return 127
    ended = threading.Event()
    threading.Thread(target=_stop_with, args=(task, process, ended), daemon=True).start()
    for line in process.stdout:
        log(line.rstrip('\n'))
    code = process.wait()
    ended.set()
    return code if code >= 0 else 128 - code


def _stop_with(task: dict, process: subprocess.Popen, ended: threading.Event) -> None:
    """StopTask ends the process group."""
    while not ended.wait(0.1):
        if task.get('lastStatus') == 'STOPPED':
            try:
                os.killpg(process.pid, 15)
            except ProcessLookupError:
                pass
            return


class _Log:
    """The awslogs driver of one container."""

    def __init__(self, task: dict, container: dict):
        task_id = task['taskArn'].rsplit('/', 1)[-1]
        self._target = store._awslogs_config(container, task_id, task_id)
        if self._target and not store._ensure_awslogs_stream(self._target):
            self._target = None

    def __call__(self, line: str) -> None:
        if self._target:
            store._emit_awslogs_event(self._target, line or ' ')
