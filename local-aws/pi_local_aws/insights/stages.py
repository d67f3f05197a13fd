"""The commands of a query, each read into a step from rows to rows."""

import re
from collections.abc import Callable

from .expressions import Expression, Expressions, true
from .rows import Row
from .values import order_of, text_of
from .words import Words

MOST_ROWS = 10_000


class Query:
    """A query that was read: its steps, and the columns that it shows."""

    def __init__(self, text: str):
        self.steps: list[Callable] = []
        # Steps up to here find rows; the others only bring them into a form.
        self.finding = 0
        self.counts = False
        self.columns: list[str] = []
        self._parsed: list[str] = []
        self._shown: list[str] | None = None
        words = Words(text)
        self._stage(words)
        while not words.ended():
            words.needed(words.sign('|'), '|')
            self._stage(words)
        self.columns = self._shown or [*(self.columns or ['@timestamp', '@message']), *self._parsed]

    def _stage(self, words: Words) -> None:
        begin = words.at
        command = words.keyword(*_COMMANDS)
        if command is None:
            words.refuse(f'one of {", ".join(_COMMANDS)}', begin)
        _COMMANDS[command](self, words)

    def _add(self, step: Callable) -> None:
        self.steps.append(step)

    def _named(self, words: Words, many: bool = False) -> tuple[str, Expression]:
        one = Expressions(words, many).whole()
        if words.keyword('as'):
            return words.needed(words.name(), 'a name'), one
        return one.text.strip('`'), one

    def _list(self, words: Words, many: bool = False) -> list[tuple[str, Expression]]:
        found = [self._named(words, many)]
        while words.sign(','):
            found.append(self._named(words, many))
        return found

    def fields(self, words: Words) -> None:
        named = self._list(words)
        self.columns += [name for name, _ in named if name not in self.columns]
        self._add(_calculating(named))

    def display(self, words: Words) -> None:
        named = self._list(words)
        self._shown = [name for name, _ in named]
        self._add(_calculating(named))

    def filter(self, words: Words) -> None:
        condition = Expressions(words).whole()
        self._add(lambda rows: [row for row in rows if true(condition.of(row))])
        if not self.counts:
            self.finding = len(self.steps)

    def parse(self, words: Words) -> None:
        # Only a name: after it a slash begins an expression and divides nothing.
        field = words.name() or '@message'
        begin, pattern = words.at, words.regex()
        if pattern is not None:
            names = list(pattern.groupindex)
            if not names:
                words.refuse('an expression with named groups (?<name>...)', begin)
        else:
            glob = words.needed(words.quoted(), 'a text with * or a /regular expression/')
            words.needed(words.keyword('as'), 'as')
            names = [words.needed(words.name(), 'a name')]
            while words.sign(','):
                names.append(words.needed(words.name(), 'a name'))
            if len(names) != glob.count('*'):
                words.refuse(f'as many names as there are * ({glob.count("*")})', begin)
            pattern = _glob(glob, names)
        self._parsed += [name for name in names if name not in self._parsed]
        self._add(lambda rows: [_parsed(row, row.get(field), pattern, names) for row in rows])

    def stats(self, words: Words) -> None:
        results = self._list(words, many=True)
        keys = self._list(words) if words.keyword('by') else []
        self.columns, self._parsed, self._shown = [name for name, _ in [*keys, *results]], [], None
        self.counts = True
        self._add(lambda rows: _counted(rows, keys, results))

    def sort(self, words: Words) -> None:
        keys = []
        while not keys or words.sign(','):
            one = Expressions(words).whole()
            keys.append((one.of, words.keyword('asc', 'desc') == 'desc'))
        self._add(lambda rows: _sorted(rows, keys))

    def limit_to(self, words: Words) -> None:
        begin, number = words.at, words.number()
        if not isinstance(number, int) or not 1 <= number <= MOST_ROWS:
            words.refuse(f'a number from 1 to {MOST_ROWS}', begin)
        self._add(lambda rows: rows[:number])

    def dedup(self, words: Words) -> None:
        names = [words.needed(words.name(), 'a field')]
        while words.sign(','):
            names.append(words.needed(words.name(), 'a field'))
        self._add(lambda rows: _first_of_each(rows, names))

    def found(self, rows: list[Row]) -> tuple[list[Row], int]:
        """The rows of the answer, and how many events fit."""
        matched = len(rows)
        for index, step in enumerate(self.steps):
            rows = step(rows)
            if index < self.finding:
                matched = len(rows)
        return rows, matched

    def answer(self, rows: list[Row]) -> list[list[dict]]:
        """Rows as AWS lists them: fields that a row has not are left out, and events end with a pointer."""
        return [
            [
                {'field': name, 'value': text_of(row.get(name))}
                for name in self.columns
                if row.get(name) is not None
            ]
            + ([{'field': '@ptr', 'value': row.pointer}] if row.pointer else [])
            for row in rows
        ]


_COMMANDS = {
    'fields': Query.fields,
    'display': Query.display,
    'filter': Query.filter,
    'parse': Query.parse,
    'stats': Query.stats,
    'sort': Query.sort,
    'limit': Query.limit_to,
    'head': Query.limit_to,
    'dedup': Query.dedup,
}


def _calculating(named: list[tuple[str, Expression]]) -> Callable:
    def step(rows: list[Row]) -> list[Row]:
        for row in rows:
            for name, one in named:
                row.own[name] = one.of(row)
        return rows

    return step


def _glob(glob: str, names: list[str]) -> re.Pattern:
    parts = [re.escape(part) for part in glob.split('*')]
    # Each star takes as little as it can; one at the end takes what is left.
    stars = ['(.*?)'] * len(names)
    if stars and glob.endswith('*'):
        stars[-1] = '(.*)'
    return re.compile(''.join(part + star for part, star in zip(parts, [*stars, ''])), re.DOTALL)


def _parsed(row: Row, value, pattern: re.Pattern, names: list[str]) -> Row:
    found = None if value is None else pattern.search(text_of(value))
    if found:
        groups = [found.group(name) for name in names] if pattern.groupindex else found.groups()
        row.own.update(zip(names, groups))
    return row


def _counted(rows: list[Row], keys: list, results: list) -> list[Row]:
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(one.of(row) for _, one in keys), []).append(row)
    if not keys and not groups:
        groups[()] = []
    return [
        Row(
            {
                **{name: value for (name, _), value in zip(keys, values)},
                **{name: one.of(group) for name, one in results},
            }
        )
        for values, group in groups.items()
    ]


def _sorted(rows: list[Row], keys: list) -> list[Row]:
    # The last key first: each sort keeps the order of those before it.
    for of, descending in reversed(keys):
        rows = sorted(rows, key=lambda row, of=of: order_of(of(row)), reverse=descending)
    return rows


def _first_of_each(rows: list[Row], names: list[str]) -> list[Row]:
    seen: set[tuple] = set()
    kept = []
    for row in rows:
        key = tuple(row.get(name) for name in names)
        if None not in key and key in seen:
            continue
        seen.add(key)
        kept.append(row)
    return kept
