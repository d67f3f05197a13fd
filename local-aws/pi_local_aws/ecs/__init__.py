"""ECS as AWS runs it: tasks with network interfaces and mounts, services that become stable or say why not."""

from ministack.services import ecs as store

from . import deployments, restore, tasks


def install() -> None:
    """Hook our task life cycle into ministack's ECS service."""
    # Containers are never used; asking for a daemon would cost time on every call.
    store._get_docker = lambda: None
    tasks.install()
    deployments.install()
    restore.install()
