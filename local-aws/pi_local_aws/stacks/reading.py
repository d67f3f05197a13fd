"""Reading: templates once, since YAML in Python takes longer than most of what is then done with it; reasons in lists."""

import contextvars
import functools
import pickle

from ministack.services.cloudformation import changesets, engine, handlers

from ..patching import replace

# Templates of some environments, nested ones and older versions included.
_KEPT = 256

_read = engine._parse_template


@functools.lru_cache(maxsize=_KEPT)
def _pickled(body: str) -> bytes:
    return pickle.dumps(_read(body), pickle.HIGHEST_PROTOCOL)


def read(body: str) -> dict:
    """The template of a text, a copy for each who asks: some change it."""
    return pickle.loads(_pickled(body))


_listing = contextvars.ContextVar('pi_listing', default=False)


def _list(list_stack_resources):
    """ministack tells why a resource is in its status wherever it describes one, but not where it lists them."""

    def wrapped(params):
        token = _listing.set(True)
        try:
            return list_stack_resources(params)
        finally:
            _listing.reset(token)

    return wrapped


def _with_reason(drift_information):
    def wrapped(resource):
        reason = handlers._resource_status_reason_xml(resource) if _listing.get() else ''
        return f'{reason}{drift_information(resource)}'

    return wrapped


def install() -> None:
    replace(handlers, '_list_stack_resources', _list(handlers._list_stack_resources))
    replace(handlers, '_resource_drift_information_xml', _with_reason(handlers._resource_drift_information_xml))
    for module in (engine, changesets, handlers):
        replace(module, '_parse_template', read)
