"""What an account is allowed: its quotas, the calls that tell them, and the actions it is denied."""

from . import limits, linked_roles, permissions, region_settings


def install() -> None:
    """Called once, after the services' own additions and before the stacks' hooks."""
    limits.install()
    region_settings.install()
    linked_roles.install()
    permissions.install()
