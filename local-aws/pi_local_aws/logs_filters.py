"""Filter patterns of CloudWatch Logs whose terms are optional: ``?ERROR ?Exception`` finds lines with any of them."""

from ministack.services import cloudwatch_logs as store


def install() -> None:
    """Let ministack's patterns know optional terms; every other pattern stays its own."""
    compile_pattern = store._compile_filter_pattern

    def compile_with_optional(raw: str):
        terms = (raw or '').split()
        if not terms or not all(term.startswith('?') and len(term) > 1 for term in terms):
            return compile_pattern(raw)
        wanted = [term[1:].strip('"') for term in terms]
        return lambda message: any(word in message for word in wanted)

    store._compile_filter_pattern = compile_with_optional
