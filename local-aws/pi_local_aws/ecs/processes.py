"""A task of RunTask as local processes.

What runs: a container whose entry point is a shell with ``-c`` and whose image has a tree under local-aws/images
(a small stand-in for what the real image ships). Its script runs on this machine with the container's paths rewritten:
mount paths to the real directories of the file systems, paths of the image to a private copy of the tree.
Anything else is not run; its log says so and it ends with exit code 0.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from ministack.services import ecs as store

from .. import settings

IMAGES = Path(__file__).resolve().parents[2] / 'images'
# The image repository's last word, and the tree that stands for it.
_TREES = {'server': 'dashboard', 'dashboard': 'dashboard'}
_SHELLS = ('sh', 'bash', '/bin/sh', '/bin/bash')
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


def _tree_of(image: str) -> Path | None:
    name = image.split('@')[0].rsplit('/', 1)[-1].split(':')[0]
    tree = IMAGES / _TREES.get(name, name)
    return tree if tree.is_dir() else None


def _run_container(task: dict, container: dict, override: dict, mounts: dict, secrets: dict) -> int:
    log = _Log(task, container)
    argv = _command(container, override)
    tree = _tree_of(container.get('image', ''))
    if _DATABASE_CLIENTS.search(' '.join(argv)):
        log(NO_DATABASE)
        return 0
    if tree is None or len(argv) < 3 or argv[0] not in _SHELLS or not argv[1].startswith('-') or 'c' not in argv[1]:
        log(NO_IMAGE + container.get('image', ''))
        return 0
    with tempfile.TemporaryDirectory(prefix='pi-task-') as scratch:
        root = Path(scratch) / 'image'
        shutil.copytree(tree, root)
        rewrite = _rewriter(root, container, mounts)
        environment = _environment(Path(scratch), container, override, secrets, rewrite)
        return _execute(task, [rewrite(word) for word in argv], environment, Path(scratch), log)


def _rewriter(root: Path, container: dict, mounts: dict[str, Path]):
    """A function that replaces container paths in a text, the longest first, and only whole path components."""
    paths = {f'/{entry.name}': root / entry.name for entry in root.iterdir()}
    for mount in container.get('mountPoints') or []:
        if mount.get('sourceVolume') in mounts:
            paths[mount['containerPath'].rstrip('/')] = mounts[mount['sourceVolume']]
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
        'AWS_ACCESS_KEY_ID': 'local',
        'AWS_SECRET_ACCESS_KEY': 'local',
        **{name: rewrite(str(value)) for name, value in values.items()},
    }


def _stand_ins(scratch: Path) -> Path:
    """Commands that only root may use with effect: without root they succeed and change nothing."""
    folder = scratch / 'bin'
    folder.mkdir()
    if os.geteuid() != 0:
        for name in ('chown', 'chgrp'):
            path = folder / name
            path.write_text('#!/bin/sh\nexit 0\n')
            path.chmod(0o755)
    return folder


def _execute(task: dict, argv: list[str], environment: dict, scratch: Path, log) -> int:
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
