"""The RDS service without containers."""

from ministack.services import rds as store


def install() -> None:
    # Instances are records: nothing may start a container or look for a daemon.
    store._get_docker = lambda: None
