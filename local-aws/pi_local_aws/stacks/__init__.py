"""What is added to ministack's CloudFormation engine: pace, faults, stack policies, whole nested stacks, resumption."""

from . import cleanup, conditions, hooks, nested, operations, recreation


def install() -> None:
    conditions.install()
    recreation.install()
    cleanup.install()
    nested.install()
    hooks.install()
    operations.install()
