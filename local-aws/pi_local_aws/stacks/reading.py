"""Templates are read once: reading YAML in Python takes longer than most of what is then done with it."""

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


def install() -> None:
    for module in (engine, changesets, handlers):
        replace(module, '_parse_template', read)
