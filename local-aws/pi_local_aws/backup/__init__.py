"""AWS Backup that really backs up: recovery points of file systems and databases, restores, copies, vault locks."""

from . import points, routes, tables, vaults
from .jobs import resume

__all__ = ['install', 'resume']


def install() -> None:
    tables.install()
    vaults.install()
    points.install()
    routes.install()
