"""Replacing a function of ministack everywhere it is kept: in its module and in the module's dispatch tables."""


def replace(module, name: str, function) -> None:
    """Put ``function`` in the place of ``module.name``."""
    old = getattr(module, name)
    setattr(module, name, function)
    for table in list(vars(module).values()):
        if isinstance(table, dict):
            for key, value in list(table.items()):
                if value is old:
                    table[key] = function
