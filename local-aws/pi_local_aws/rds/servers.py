"""The server behind an instance's record, by its resource id."""

import logging
import re
import threading
from pathlib import Path

from ministack.services import rds as store

from ..registry import ResourceError
from . import data as data_files
from . import engine, programs

_log = logging.getLogger('pi-local-aws')
# What RDS gives the administrator of a MariaDB instance; SUPER and FILE stay with RDS.
_PRIVILEGES = (
    'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, '
    'CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, BINLOG MONITOR, CREATE VIEW, SHOW VIEW, '
    'CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER'
)
# Parameters of a parameter group that a server is really started with.
_PARAMETERS = (
    'character_set_server',
    'collation_server',
    'event_scheduler',
    'log_bin_trust_function_creators',
    'log_output',
    'long_query_time',
    'lower_case_table_names',
    'max_allowed_packet',
    'require_secure_transport',
    'slow_query_log',
    'sql_mode',
    'wait_timeout',
)
_changing = threading.RLock()


def has_engine(instance: dict) -> bool:
    """Whether a real server belongs to this record."""
    return bool(instance.get('_pi_server'))


def wanted(engine_name: str) -> bool:
    return engine_name == 'mariadb' and programs.available()


def options_of(instance: dict) -> dict[str, str]:
    """The start options that the instance's parameter group asks for."""
    names = [one['DBParameterGroupName'] for one in instance.get('DBParameterGroups') or []]
    options = {}
    for name in names:
        parameters = (store._param_groups.get(name) or {}).get('Parameters') or {}
        for key, value in parameters.items():
            text = value.get('ParameterValue') if isinstance(value, dict) else value
            if key in _PARAMETERS and re.fullmatch(r'[\w,.+-]*', str(text)):
                options[key.replace('_', '-')] = str(text)
    return options


def create(instance: dict, data: Path | None, password: str | None) -> None:
    """Start a server for a new record: empty, or on a copy of a snapshot's data; its endpoint becomes real."""
    name = instance['DbiResourceId']
    folder = data_files.root() / name
    with _changing:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if data is None:
                data_files.new_data(folder)
            else:
                data_files.copy_data(data, folder / 'data')
            address, port = engine.free_place()
            server = engine.start(name, address, port, options_of(instance))
            _set_up(server, instance, password, fresh=data is None)
        except (engine.EngineError, data_files.DataError, OSError) as error:
            engine.remove(name)
            raise ResourceError(f'{error} (Service: Rds, Status Code: 500, Code: InternalFailure)') from error
    instance['_pi_server'] = True
    instance['Endpoint'] = {**instance['Endpoint'], 'Address': address, 'Port': port}


def _set_up(server: engine.Server, instance: dict, password: str | None, fresh: bool) -> None:
    user = (instance['MasterUsername'], '%')
    statements = []
    if fresh:
        statements.append(('CREATE USER %s@%s IDENTIFIED BY %s', (*user, password)))
        statements.append((f'GRANT {_PRIVILEGES} ON *.* TO %s@%s WITH GRANT OPTION', user))
        name = instance.get('DBName')
        if name and re.fullmatch(r'\w+', name):
            statements.append((f'CREATE DATABASE IF NOT EXISTS `{name}`', ()))
    elif password:
        statements.append(('ALTER USER %s@%s IDENTIFIED BY %s', (*user, password)))
    if statements:
        server.execute(*statements)


def set_password(instance: dict, password: str) -> None:
    """The administrator's new password, from now on."""
    server = engine.running(instance['DbiResourceId'])
    if has_engine(instance) and server:
        server.execute(('ALTER USER %s@%s IDENTIFIED BY %s', (instance['MasterUsername'], '%', password)))


def restart(instance: dict) -> None:
    """Stop and start: parameters that need it take effect."""
    if has_engine(instance):
        with _changing:
            engine.stop(instance['DbiResourceId'])
            engine.start(instance['DbiResourceId'], *_place(instance), options_of(instance))


def _place(instance: dict) -> tuple[str, int]:
    return instance['Endpoint']['Address'], int(instance['Endpoint']['Port'])


def stop(instance: dict) -> None:
    if has_engine(instance):
        engine.stop(instance['DbiResourceId'])


def remove(instance: dict) -> None:
    if has_engine(instance):
        engine.remove(instance['DbiResourceId'])


def revive(instance: dict) -> bool:
    """Start the server of a record from an earlier run; False if that cannot be."""
    if not programs.available():
        _log.error('%s: %s', instance['DBInstanceIdentifier'], programs.missing())
        return False
    try:
        address, port = _place(instance)
        if not engine.is_free(address, port):
            raise engine.EngineError(f'another program listens on {address}:{port}')
        engine.start(instance['DbiResourceId'], address, port, options_of(instance))
    except (engine.EngineError, OSError) as error:
        _log.error('%s: %s', instance['DBInstanceIdentifier'], error)
        return False
    return True
