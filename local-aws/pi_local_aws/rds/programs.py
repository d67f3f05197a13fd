"""Which MariaDB this machine has, and who its servers run as."""

import os
import shutil
import subprocess
from functools import cache

_PLACES = (
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/opt/homebrew/opt/mariadb/bin',
    '/usr/local/opt/mariadb/bin',
)


@cache
def program(name: str) -> str:
    """Where a program of MariaDB lies; empty if it is not installed."""
    path = os.pathsep.join([os.environ.get('PATH', ''), *_PLACES])
    return shutil.which(name, path=path) or ''


def available() -> bool:
    return not missing()


@cache
def missing() -> str:
    """Why databases are records without an engine; empty if they are real."""
    if os.environ.get('PI_AWS_DATABASE_ENGINE') == 'none':
        return 'switched off by PI_AWS_DATABASE_ENGINE'
    absent = [name for name in ('mariadbd', 'mariadb-install-db', 'mariadb') if not program(name)]
    return f'not installed: {", ".join(absent)} (Debian: mariadb-server)' if absent else ''


@cache
def version() -> str:
    """The version of the installed MariaDB such as 10.11.14."""
    said = subprocess.run(
        [program('mariadbd'), '--no-defaults', '--version'], capture_output=True, text=True, check=True
    )
    return said.stdout.split(' Ver ')[-1].split('-MariaDB')[0].strip()


def is_root() -> bool:
    return hasattr(os, 'geteuid') and os.geteuid() == 0


def own_name() -> str:
    import getpass

    return getpass.getuser()


def identity() -> tuple[int, int]:
    """The unprivileged user of a server that root starts: MariaDB's own, or nobody."""
    import pwd

    for name in ('mysql', 'nobody'):
        try:
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
        except KeyError:
            continue
    return 65534, 65534
