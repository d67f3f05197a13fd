"""The files of database servers: of a new one, and copies that appear whole or not at all."""

import os
import shutil
import subprocess
import threading
from pathlib import Path

from .. import settings
from .programs import is_root, own_name, program

_seeding = threading.Lock()


class DataError(Exception):
    """The first files of a database could not be made."""


def root() -> Path:
    path = settings.current().state_dir / 'rds'
    path.mkdir(exist_ok=True)
    return path


def new_data(folder: Path) -> None:
    """Give a server's folder the data of a new, empty server."""
    seed = root() / 'seed'
    with _seeding:
        if not seed.is_dir():
            shutil.rmtree(root() / 'seed.part', ignore_errors=True)
            _install(root() / 'seed.part')
            os.replace(root() / 'seed.part', seed)
    copy_data(seed, folder / 'data')


def _install(path: Path) -> None:
    done = subprocess.run(
        [
            program('mariadb-install-db'),
            '--no-defaults',
            '--auth-root-authentication-method=normal',
            '--skip-test-db',
            '--skip-name-resolve',
            '--innodb-log-file-size=8M',
            f'--datadir={path}',
            f'--user={"root" if is_root() else own_name()}',
        ],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise DataError(f'mariadb-install-db failed: {(done.stdout + done.stderr).strip()[-500:]}')


def copy_data(source: Path, target: Path) -> None:
    """Copy a server's data; the copy appears whole or not at all."""
    beside = target.with_name(f'{target.name}.part')
    shutil.rmtree(beside, ignore_errors=True)
    # Sockets and temporary tables belong to the process, not to the data.
    shutil.copytree(source, beside, ignore=shutil.ignore_patterns('*.sock', '*.pid', 'ibtmp*', '#sql-temptable*'))
    shutil.rmtree(target, ignore_errors=True)
    os.replace(beside, target)
