"""RDS for MariaDB: each instance is a server process of this machine where MariaDB is installed, a record elsewhere."""

from ministack.services import rds as store

from . import accounts, foreign_keys, instances, sharing, snapshots


def install() -> None:
    # Nothing may start a container or look for a daemon.
    store._get_docker = lambda: None
    snapshots.install()
    sharing.install()
    foreign_keys.install()
    instances.install()
    accounts.install()
