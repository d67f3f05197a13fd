"""What is added to ministack's CloudFormation engine: pace, faults, stack policies, whole nested stacks, resumption,
drift of data."""

from . import cleanup, conditions, drift, hooks, nested, operations, reading, recreation


def install() -> None:
    reading.install()
    conditions.install()
    recreation.install()
    cleanup.install()
    nested.install()
    hooks.install()
    operations.install()
    drift.install()
