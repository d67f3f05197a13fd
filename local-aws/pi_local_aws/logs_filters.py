"""Filter patterns of CloudWatch Logs: optional terms, and the refusal of what is no pattern.

``?ERROR ?Exception`` finds lines with any of the terms. A term with other characters than letters, digits and ``_`` must
stand in double quotes: AWS refuses it, with the term in its message.
"""

import re

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs as store

from .patching import replace

_TERM = re.compile(r'[?+-]?"(?:[^"\\]|\\.)*"|\S+')


def install() -> None:
    """Let ministack's patterns know optional terms and refuse what AWS refuses; every other pattern stays its own."""
    compile_pattern, search = store._compile_filter_pattern, store._filter_log_events

    def compile_with_optional(raw: str):
        terms = (raw or '').split()
        if not terms or not all(term.startswith('?') and len(term) > 1 for term in terms):
            return compile_pattern(raw)
        wanted = [term[1:].strip('"') for term in terms]
        return lambda message: any(word in message for word in wanted)

    def search_by_pattern(data: dict):
        why = refusal(data.get('filterPattern') or '')
        return error_response_json('InvalidParameterException', why, 400) if why else search(data)

    store._compile_filter_pattern = compile_with_optional
    replace(store, '_filter_log_events', search_by_pattern)


def refusal(pattern: str) -> str | None:
    """Why AWS does not take a pattern, or nothing."""
    pattern = pattern.strip()
    for begin, end in ('{}', '[]', '%%'):
        if pattern.startswith(begin):
            return None if len(pattern) > 1 and pattern.endswith(end) else 'Invalid filter pattern'
    for term in _TERM.findall(pattern):
        bare = term.lstrip('?+-')
        if not re.fullmatch(r'"(?:[^"\\]|\\.)*"|\w+', bare):
            return f"Invalid character(s) in term '{bare}'"
    return None
