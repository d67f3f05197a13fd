"""MariaDB servers: one process each, on the loopback interface, with a folder of its own.

Run as root, a server is locked into its folder (chroot) and gives up root, so that it needs no way through the folders
above and sees nothing but its own data.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pymysql

from .. import settings
from . import processes, tls
from .data import copy_data, root
from .programs import identity, is_root, program

_START_SECONDS = 60
_STOP_SECONDS = 20
ADMINISTRATOR = 'rdsadmin'
_USUAL_PORT = 3306
_SHARES = ('/usr/share/mysql', '/usr/share/mariadb', '/usr/local/share/mysql', '/opt/homebrew/opt/mariadb/share/mysql')
# A frozen server must have no write of its own under way, so no asynchronous and no direct I/O. The rest keeps it small.
_SMALL = (
    '--innodb-use-native-aio=0',
    '--innodb-flush-method=fsync',
    '--innodb-buffer-pool-size=8M',
    '--innodb-log-file-size=8M',
    '--innodb-log-buffer-size=2M',
    '--innodb-temp-data-file-path=ibtmp1:1M:autoextend',
    '--innodb-buffer-pool-load-at-startup=0',
    '--innodb-buffer-pool-dump-at-shutdown=0',
    '--key-buffer-size=64K',
    '--aria-pagecache-buffer-size=1M',
    '--performance-schema=OFF',
    '--max-connections=60',
    '--table-open-cache=200',
    '--skip-name-resolve',
    '--symbolic-links=0',
    '--local-infile=0',
)


class EngineError(Exception):
    """A server does not start or does not do what it is told; the text holds its own last words."""


@dataclass
class Server:
    """A running server."""

    folder: Path
    process: subprocess.Popen
    address: str
    port: int
    password: str

    def execute(self, *statements: tuple[str, tuple]) -> list[tuple]:
        """Run statements as the administrator that only this process knows; rows of the last one."""
        connection = pymysql.connect(
            host=self.address,
            port=self.port,
            user=ADMINISTRATOR,
            password=self.password,
            autocommit=True,
            ssl=tls.unchecked(),
        )
        try:
            with connection.cursor() as cursor:
                for text, values in statements:
                    cursor.execute(text, values)
                return list(cursor.fetchall())
        except pymysql.MySQLError as error:
            raise EngineError(f'the database refused: {error}') from error
        finally:
            connection.close()


_running: dict[str, Server] = {}


def running(name: str) -> Server | None:
    server = _running.get(name)
    return server if server and server.process.poll() is None else None


def free_place() -> tuple[str, int]:
    """An address of the loopback interface and a port for a new server.

    Where every 127.x.y.z is this machine (Linux), each server has an address of its own and MariaDB's usual port, as each
    instance of RDS has. Elsewhere it shares 127.0.0.1, at a port outside of what the system hands out by itself, so that
    the port is free again after a restart.
    """
    for _ in range(20):
        address = '127.' + '.'.join(str(1 + secrets.randbelow(250)) for _ in range(3))
        if is_free(address, _USUAL_PORT):
            return address, _USUAL_PORT
    for _ in range(200):
        port = 23_000 + secrets.randbelow(7_000)
        if is_free(settings.LOOPBACK, port):
            return settings.LOOPBACK, port
    raise EngineError('no free port between 23000 and 30000')


def is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def start(name: str, address: str, port: int, options: dict[str, str]) -> Server:
    """Start the server ``name``, whose data is there, and wait until it answers."""
    folder = root() / name
    processes.watch(root())
    password = secrets.token_hex(24)
    for part in ('data', 'tmp', 'etc'):
        (folder / part).mkdir(parents=True, exist_ok=True)
    key, certificate = tls.write(folder / 'etc', address)
    _write_first_statements(folder / 'data' / 'init.sql', password)
    inside = _lock_in(folder) if is_root() else ()
    where = Path('/') if inside else folder
    command = [
        program('mariadbd'),
        '--no-defaults',
        *inside,
        f'--datadir={where / "data"}',
        f'--tmpdir={where / "tmp"}',
        f'--init-file={where / "data" / "init.sql"}',
        # Relative to the data, so that no path becomes too long for a socket.
        '--socket=server.sock',
        '--pid-file=server.pid',
        f'--secure-file-priv={where / "tmp"}',
        f'--ssl-key={where / "etc" / key}',
        f'--ssl-cert={where / "etc" / certificate}',
        f'--bind-address={address}',
        f'--port={port}',
        *_SMALL,
        *(f'--{option}={value}' for option, value in options.items()),
        # Nothing reads it without replication; it is this server's mark for those who look for it.
        f'--report-host={processes.mark_of(folder)}',
    ]
    with open(folder / 'server.log', 'ab') as log:
        process = subprocess.Popen(
            command,
            cwd=folder / 'data',
            env={'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'LANG': 'C.UTF-8', 'TZ': 'UTC'},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    processes.record(folder, process.pid)
    server = Server(folder, process, address, port, password)
    _wait(server)
    (folder / 'data' / 'init.sql').unlink(missing_ok=True)
    _running[name] = server
    return server


def _write_first_statements(path: Path, password: str) -> None:
    """Only the administrator of this run may log in besides the database's own users."""
    who = f"'{ADMINISTRATOR}'@'{settings.LOOPBACK}'"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(
        "DELETE FROM mysql.global_priv WHERE User IN ('root', '');\n"
        'FLUSH PRIVILEGES;\n'
        f"CREATE OR REPLACE USER {who} IDENTIFIED BY '{password}';\n"
        f'GRANT ALL PRIVILEGES ON *.* TO {who} WITH GRANT OPTION;\n',
        encoding='ascii',
    )


def _lock_in(folder: Path) -> tuple[str, ...]:
    """Prepare the folder as the root directory of its server; the options that lock it in."""
    uid, gid = identity()
    (folder / 'etc' / 'passwd').write_text(f'pi-database:x:{uid}:{gid}::/:/bin/false\n', encoding='ascii')
    (folder / 'etc' / 'group').write_text(f'pi-database:x:{gid}:\n', encoding='ascii')
    share = next((Path(one) for one in _SHARES if (Path(one) / 'english' / 'errmsg.sys').is_file()), None)
    if share and not (folder / 'share').is_dir():
        (folder / 'share').mkdir()
        shutil.copy(share / 'english' / 'errmsg.sys', folder / 'share')
        shutil.copytree(share / 'charsets', folder / 'share' / 'charsets', dirs_exist_ok=True)
    for path in (folder / 'tmp', folder / 'data', *(folder / 'etc').glob('*.pem'), *(folder / 'data').rglob('*')):
        os.chown(path, uid, gid)
    locked = (f'--chroot={folder}', '--user=pi-database')
    return (*locked, '--lc-messages-dir=/share', '--character-sets-dir=/share/charsets') if share else locked


def _wait(server: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.execute(('SELECT 1', ()))
            return
        except (EngineError, pymysql.MySQLError, OSError):
            if server.process.poll() is not None or time.monotonic() > deadline:
                log = (server.folder / 'server.log').read_text(encoding='utf-8', errors='replace')
                _end(server)
                last = ' | '.join(line for line in log.splitlines()[-40:] if '[ERROR]' in line)
                raise EngineError(f'the database server did not start: {last or log[-300:]}') from None
        time.sleep(0.02)


def _end(server: Server) -> None:
    if server.process.poll() is None:
        server.process.terminate()
        try:
            server.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()
    processes.forget(server.folder)


def stop(name: str) -> None:
    server = _running.pop(name, None)
    if server:
        _end(server)


def stop_all() -> None:
    """End every server, all at once."""
    for server in list(_running.values()):
        if server.process.poll() is None:
            server.process.terminate()
    for name in list(_running):
        stop(name)


def capture(name: str, target: Path) -> None:
    """Copy a server's data as of one moment: the server stands still while its files are copied.

    The copy is what a storage snapshot is: the server that starts on it recovers as after a power cut.
    """
    server = running(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    if server is None:
        copy_data(root() / name / 'data', target)
        return
    processes.freeze(server.process.pid)
    try:
        copy_data(server.folder / 'data', target)
    finally:
        processes.thaw(server.process.pid)


def remove(name: str) -> None:
    """End a server and delete its data."""
    stop(name)
    shutil.rmtree(root() / name, ignore_errors=True)
