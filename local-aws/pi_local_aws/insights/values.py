"""Values of a query: absent (None), text, numbers, and moments, which are numbers that print as times."""

import math
import re
from datetime import datetime, timezone


class Moment(int):
    """Ms since 1970."""


def text_of(value) -> str:
    """As AWS prints it: moments in UTC, truth as 1 and 0."""
    if isinstance(value, Moment):
        moment = datetime.fromtimestamp(value // 1000, timezone.utc)
        return f'{moment:%Y-%m-%d %H:%M:%S}.{value % 1000:03d}'
    if isinstance(value, bool):
        return '1' if value else '0'
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value)


def number_of(value) -> int | float | None:
    """The number that a value is or spells."""
    if isinstance(value, (int, float)):
        return value
    if not isinstance(value, str) or not re.fullmatch(r'\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*', value):
        return None
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def compared(operator: str, left, right) -> bool:
    """Whether a comparison holds. What is absent equals nothing; a number is compared with numbers only."""
    if left is None or right is None:
        return operator == '!=' and left is not right
    numbers = (number_of(left), number_of(right))
    if None not in numbers:
        left, right = numbers
    elif operator in ('=', '!='):
        left, right = text_of(left), text_of(right)
    elif not (isinstance(left, str) and isinstance(right, str)):
        return False
    return {
        '=': left == right,
        '!=': left != right,
        '<': left < right,
        '<=': left <= right,
        '>': left > right,
        '>=': left >= right,
    }[operator]


def calculated(operator: str, left, right) -> int | float | None:
    """An arithmetic result; nothing where an operand is no number or the result is none."""
    left, right = number_of(left), number_of(right)
    if left is None or right is None:
        return None
    try:
        result = {
            '+': lambda: left + right,
            '-': lambda: left - right,
            '*': lambda: left * right,
            '/': lambda: left / right,
            '%': lambda: math.fmod(left, right),
            '^': lambda: float(left) ** right,
        }[operator]()
    except (ArithmeticError, ValueError):
        return None
    if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result)):
        return None
    return int(result) if isinstance(result, float) and result.is_integer() else result


def order_of(value) -> tuple:
    """Key of AWS's natural order: what is absent, then texts, whose digits count as numbers, then numbers."""
    if value is None:
        return (0,)
    number = number_of(value)
    if number is not None:
        return (2, number)
    parts = re.split(r'(\d+)', text_of(value))
    return (1, [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part])
