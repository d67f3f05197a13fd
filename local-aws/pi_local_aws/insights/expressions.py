"""Expressions of a query, each read into a function of a row, or of a group of rows inside ``stats``."""

from collections.abc import Callable
from dataclasses import dataclass

from .functions import OF_A_ROW, OF_MANY, WITH_PERIOD
from .values import calculated, compared, text_of
from .words import Words


@dataclass(frozen=True)
class Expression:
    """``text`` is how it was written, which names its column; ``of`` gives its value."""

    text: str
    of: Callable


def true(value) -> bool:
    return value not in (None, '', 0, False, '0', 'false')


class Expressions:
    """Reads expressions; with ``many`` functions of many rows are known, and their values are of groups."""

    def __init__(self, words: Words, many: bool = False):
        self.words, self.many = words, many

    def whole(self) -> Expression:
        begin = self.words.at
        of = self._either()
        return Expression(self.words.since(begin), of)

    def _either(self) -> Callable:
        left = self._both()
        while self.words.keyword('or'):
            left = _joined(any, left, self._both())
        return left

    def _both(self) -> Callable:
        left = self._not()
        while self.words.keyword('and'):
            left = _joined(all, left, self._not())
        return left

    def _not(self) -> Callable:
        if self.words.keyword('not'):
            inner = self._not()
            return lambda row: not true(inner(row))
        return self._comparison()

    def _comparison(self) -> Callable:
        words, left = self.words, self._sum()
        if words.sign('=~'):
            return self._like(left)
        operator = words.sign('<=', '>=', '!=', '=', '<', '>')
        if operator:
            right = self._sum()
            return lambda row: compared(operator, left(row), right(row))
        begin, negated = words.at, words.keyword('not')
        kind = words.keyword('like', 'in')
        if negated and not kind:
            words.refuse(at=begin)
        if not kind:
            return left
        found = self._like(left) if kind == 'like' else self._in(left)
        return (lambda row: not found(row)) if negated else found

    def _like(self, left: Callable) -> Callable:
        text = self.words.quoted()
        if text is not None:
            return lambda row: left(row) is not None and text in text_of(left(row))
        pattern = self.words.needed(self.words.regex(), 'a text or a /regular expression/')
        return lambda row: left(row) is not None and pattern.search(text_of(left(row))) is not None

    def _in(self, left: Callable) -> Callable:
        self.words.needed(self.words.sign('['), '[')
        options = [self._sum()]
        while self.words.sign(','):
            options.append(self._sum())
        self.words.needed(self.words.sign(']'), ']')
        return lambda row: any(compared('=', left(row), one(row)) for one in options)

    def _sum(self) -> Callable:
        return self._chain(self._product, '+', '-')

    def _product(self) -> Callable:
        return self._chain(self._power, '*', '/', '%')

    def _power(self) -> Callable:
        left = self._signed()
        if self.words.sign('^'):
            right = self._power()
            return lambda row: calculated('^', left(row), right(row))
        return left

    def _chain(self, inner: Callable, *signs: str) -> Callable:
        left = inner()
        while operator := self.words.sign(*signs):
            left = _arithmetic(operator, left, inner())
        return left

    def _signed(self) -> Callable:
        if self.words.sign('-'):
            inner = self._signed()
            return lambda row: calculated('-', 0, inner(row))
        return self._value()

    def _value(self) -> Callable:
        words = self.words
        if words.sign('('):
            inner = self._either()
            words.needed(words.sign(')'), ')')
            return inner
        for literal in (words.number(), words.quoted()):
            if literal is not None:
                return lambda row: literal
        begin = words.at
        backticks = words.text.startswith('`', begin)
        name = words.needed(words.name(), 'a field, a function or a value')
        if not backticks and words.sign('('):
            return self._call(name.lower(), begin)
        if self.many:
            words.refuse('a function of many rows', begin)
        return lambda row: row.get(name)

    def _call(self, name: str, begin: int) -> Callable:
        if name == 'bin' and not self.many:
            return self._bin()
        if self.many and name in OF_MANY:
            return self._of_many(name)
        if name not in OF_A_ROW:
            self.words.refuse(at=begin)
        least, most, work = OF_A_ROW[name]
        arguments = []
        while not self.words.sign(')'):
            if arguments:
                self.words.needed(self.words.sign(','), ', or )')
            if len(arguments) == most:
                self.words.refuse(f'at most {most} arguments of {name}')
            arguments.append(self._argument(name, len(arguments)))
        if len(arguments) < least:
            self.words.refuse(f'at least {least} arguments of {name}', begin)
        return lambda row: work(*(argument(row) for argument in arguments))

    def _argument(self, name: str, index: int) -> Callable:
        if name in WITH_PERIOD and index == 1:
            period = self._period()
            return lambda row: period
        return self._either()

    def _period(self) -> int:
        begin = self.words.at
        return self.words.period() or self.words.refuse('a period such as 5m', begin)

    def _bin(self) -> Callable:
        period = self._period()
        self.words.needed(self.words.sign(')'), ')')
        floor = OF_A_ROW['datefloor'][2]
        return lambda row: floor(row.get('@timestamp'), period)

    def _of_many(self, name: str) -> Callable:
        words, work = self.words, OF_MANY[name]
        if name == 'count' and (words.sign('*') or words.text.startswith(')', words.at)):
            words.needed(words.sign(')'), ')')
            return len
        inner = Expressions(words).whole()
        if name == 'pct':
            words.needed(words.sign(','), ', and a percentage')
            begin, percent = words.at, words.number()
            if percent is None or percent > 100:
                words.refuse('a percentage', begin)
            words.needed(words.sign(')'), ')')
            return lambda rows: work(_present(inner, rows), percent)
        words.needed(words.sign(')'), ')')
        if name in ('earliest', 'latest'):
            return lambda rows: work(_present(inner, _in_time(rows)))
        return lambda rows: work(_present(inner, rows))


def _present(inner: Expression, rows: list) -> list:
    return [value for value in map(inner.of, rows) if value is not None]


def _in_time(rows: list) -> list:
    return sorted(rows, key=lambda row: row.get('@timestamp') or 0)


def _joined(how: Callable, left: Callable, right: Callable) -> Callable:
    return lambda row: how(true(one(row)) for one in (left, right))


def _arithmetic(operator: str, left: Callable, right: Callable) -> Callable:
    return lambda row: calculated(operator, left(row), right(row))
