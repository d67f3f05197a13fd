"""What is added to ministack's CloudFormation engine: pace, faults, stack policies, whole nested stacks, resumption,
drift of data."""

from . import cleanup, conditions, drift, hooks, nested, operations, recreation


def install() -> None:
    conditions.install()
    recreation.install()
    cleanup.install()
    nested.install()
    hooks.install()
    operations.install()
    drift.install()
