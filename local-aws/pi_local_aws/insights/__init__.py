"""Logs Insights: queries in AWS's own language, and those that are saved.

What of the language is known stands in local-aws/README.md; everything else is refused with its place, as AWS refuses
what it does not know, and never passed over.
"""

from . import answers, definitions


def install() -> None:
    """Called once, before any state is loaded."""
    definitions.install()
    answers.install()
