"""Functions of the language: of one row, and of the many that ``stats`` counts together."""

import math
import statistics
import time

from .values import Moment, number_of, order_of, text_of


def _on_text(work):
    """A function of text: nothing where its first argument is absent."""
    return lambda first, *rest: None if first is None else work(text_of(first), *rest)


def _on_number(work):
    def apply(*arguments):
        numbers = [number_of(one) for one in arguments]
        if None in numbers:
            return None
        try:
            return work(*numbers)
        except (ArithmeticError, ValueError):
            return None

    return apply


def _substring(text: str, begin, length=None) -> str:
    begin = int(number_of(begin) or 0)
    return text[begin:] if length is None else text[begin : begin + int(number_of(length) or 0)]


def _whole(value, period: int, up: bool) -> Moment | None:
    number = number_of(value)
    if number is None:
        return None
    return Moment(-(-int(number) // period) * period if up else int(number) // period * period)


# By name in small letters: how many arguments at least and at most, and what it does.
OF_A_ROW = {
    'ispresent': (1, 1, lambda one: one is not None),
    'isempty': (1, 1, lambda one: one is None or one == ''),
    'isblank': (1, 1, lambda one: one is None or text_of(one).strip() == ''),
    'coalesce': (1, 99, lambda *all: next((one for one in all if one is not None), None)),
    'strlen': (1, 1, _on_text(len)),
    'tolower': (1, 1, _on_text(str.lower)),
    'toupper': (1, 1, _on_text(str.upper)),
    'trim': (1, 2, _on_text(str.strip)),
    'ltrim': (1, 2, _on_text(str.lstrip)),
    'rtrim': (1, 2, _on_text(str.rstrip)),
    'substr': (2, 3, _on_text(_substring)),
    'replace': (3, 3, _on_text(lambda text, old, new: text.replace(text_of(old), text_of(new)))),
    'strcontains': (2, 2, _on_text(lambda text, part: text_of(part) in text)),
    'concat': (1, 99, lambda *all: ''.join(text_of(one) for one in all if one is not None)),
    'abs': (1, 1, _on_number(abs)),
    'ceil': (1, 1, _on_number(math.ceil)),
    'floor': (1, 1, _on_number(math.floor)),
    'log': (1, 1, _on_number(math.log)),
    'sqrt': (1, 1, _on_number(math.sqrt)),
    'greatest': (1, 99, _on_number(max)),
    'least': (1, 99, _on_number(min)),
    'tomillis': (1, 1, _on_number(int)),
    'frommillis': (1, 1, _on_number(Moment)),
    'now': (0, 0, lambda: int(time.time())),
    'datefloor': (2, 2, lambda one, period: _whole(one, period, False)),
    'dateceil': (2, 2, lambda one, period: _whole(one, period, True)),
}

# Those whose last argument is a period.
WITH_PERIOD = ('datefloor', 'dateceil')


def _numbers(values: list) -> list:
    return [number for number in map(number_of, values) if number is not None]


def _extreme(values: list, pick):
    """The least or greatest, moments as moments."""
    numbers = [one if isinstance(one, Moment) else number_of(one) for one in values]
    known = [one for one in numbers if one is not None]
    return pick(known) if known else None


def _percentile(values: list, percent) -> int | float | None:
    """By the nearest rank."""
    numbers = sorted(_numbers(values))
    return numbers[max(0, math.ceil(percent / 100 * len(numbers)) - 1)] if numbers else None


def _of_numbers(work):
    """A function of numbers, to four decimals as AWS prints it; nothing where there is none."""

    def apply(values: list):
        numbers = _numbers(values)
        return round(work(numbers), 4) if numbers else None

    return apply


# By name in small letters: of the values that are there.
# earliest and latest get them in the order of time.
OF_MANY = {
    'count': len,
    'count_distinct': lambda values: len({text_of(one) for one in values}),
    'sum': lambda values: sum(_numbers(values)),
    'avg': _of_numbers(statistics.fmean),
    'min': lambda values: _extreme(values, min),
    'max': lambda values: _extreme(values, max),
    'median': _of_numbers(statistics.median),
    'stddev': _of_numbers(statistics.pstdev),
    'pct': _percentile,
    'earliest': lambda values: values[0] if values else None,
    'latest': lambda values: values[-1] if values else None,
    'sortsfirst': lambda values: min(values, key=order_of) if values else None,
    'sortslast': lambda values: max(values, key=order_of) if values else None,
}
