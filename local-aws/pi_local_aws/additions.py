"""Everything that is added to ministack, in the order it must be added."""

from ministack import app
from ministack.core import router

from . import (
    account,
    application_autoscaling,
    backup,
    ecs,
    eni,
    insights,
    load_balancers,
    logs_filters,
    object_ranges,
    rds,
    sessions,
    stacks,
    turns,
    types,
)
from .account import service_quotas
from .files import directories, functions


def install() -> None:
    """Called once, before the server starts and so before any state is loaded."""
    _add_service('application-autoscaling', 'AnyScaleFrontendService', application_autoscaling)
    _add_service('service-quotas', 'ServiceQuotasV20190624', service_quotas)
    directories.install()
    functions.install()
    ecs.install()
    rds.install()
    sessions.install()
    backup.install()
    insights.install()
    logs_filters.install()
    object_ranges.install()
    load_balancers.install()
    eni.install()
    account.install()
    types.register()
    turns.install()
    stacks.install()


def _add_service(name: str, target_prefix: str, module) -> None:
    """Let a module of ours answer a JSON service, and be saved, loaded and reset like ministack's own."""
    router.SERVICE_PATTERNS[name] = {'target_prefixes': [target_prefix], 'host_patterns': [rf'{name}\.']}
    state_key = name.replace('-', '_')
    app.SERVICE_REGISTRY[name] = {'module': state_key}
    app.SERVICE_HANDLERS[name] = module.handle_request
    app._loaded_modules[state_key] = module
    app._state_map[state_key] = state_key
