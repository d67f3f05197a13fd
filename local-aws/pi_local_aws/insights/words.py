"""The words of a query, taken one by one from its text, with the place of the one that does not fit."""

import re

PERIOD = re.compile(r'(\d+)\s*(ms|s|m|h|d|w)\b', re.IGNORECASE)
UNITS = {'ms': 1, 's': 1000, 'm': 60_000, 'h': 3_600_000, 'd': 86_400_000, 'w': 604_800_000}

_BLANK = re.compile(r'(?:\s+|#[^\n]*)*')
_WORD = re.compile(r'[@A-Za-z_$][\w@.$]*')
_NUMBER = re.compile(r'\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)
_REGEX = re.compile(r'/((?:[^/\\\n]|\\.)+)/')
_BACKTICKS = re.compile(r'`([^`]+)`')


class Malformed(Exception):
    """What AWS answers as MalformedQueryException; ``begin`` and ``end`` are offsets into the query."""

    def __init__(self, why: str, begin: int, end: int):
        super().__init__(why)
        self.begin, self.end = begin, end


class Words:
    """A reader of a query's text that knows how far it is."""

    def __init__(self, text: str):
        self.text, self.at = text, 0
        self._skip()

    def _skip(self) -> None:
        self.at = _BLANK.match(self.text, self.at).end()

    def _take(self, pattern: re.Pattern) -> re.Match | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
            self._skip()
        return found

    def ended(self) -> bool:
        return self.at >= len(self.text)

    def since(self, begin: int) -> str:
        """The text from an offset to here, as it was written."""
        return self.text[begin : self.at].rstrip()

    def sign(self, *signs: str) -> str | None:
        """The first of these signs that stands here; longer ones come first."""
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                self._skip()
                return sign
        return None

    def keyword(self, *words: str) -> str | None:
        """One of these words, whatever its case."""
        found = _WORD.match(self.text, self.at)
        if found and found.group().lower() in words:
            return self._take(_WORD).group().lower()
        return None

    def name(self) -> str | None:
        """A name of a field, a function or a command; signs that no name has stand between backticks."""
        found = self._take(_BACKTICKS)
        if found:
            return found.group(1)
        found = self._take(_WORD)
        return found.group() if found else None

    def number(self) -> int | float | None:
        found = self._take(_NUMBER)
        if not found:
            return None
        return int(found.group()) if found.group().isdigit() else float(found.group())

    def period(self) -> int | None:
        """A period such as ``5m``, in ms."""
        found = self._take(PERIOD)
        return int(found.group(1)) * UNITS[found.group(2).lower()] if found else None

    def quoted(self) -> str | None:
        found = self._take(_QUOTED)
        if not found:
            return None
        return re.sub(r'\\(["\'\\])', r'\1', found.group(1) if found.group(1) is not None else found.group(2))

    def regex(self) -> re.Pattern | None:
        """An expression between slashes, in Python's spelling of named groups."""
        begin = self.at
        found = self._take(_REGEX)
        if not found:
            return None
        try:
            return re.compile(re.sub(r'\(\?<(?![=!])', '(?P<', found.group(1)).replace(r'\/', '/'))
        except re.error as error:
            raise Malformed(f'invalid regular expression: {error}', begin, begin + len(found.group())) from None

    def needed(self, value, what: str):
        """The value, or the refusal of what stands here instead of it."""
        if value is None:
            self.refuse(what)
        return value

    def refuse(self, expected: str = '', at: int | None = None):
        """Says what stands at a place that does not fit there."""
        at = self.at if at is None else at
        line = self.text.count('\n', 0, at) + 1
        position = at - (self.text.rfind('\n', 0, at) + 1)
        found = re.compile(r'[@\w]+|\S').match(self.text, at)
        what = f'unexpected symbol found {found.group()}' if found else 'unexpected end of the query'
        hint = f', expected {expected}' if expected else ''
        end = found.end() if found else at
        raise Malformed(f'{what} at line {line} and position {position}{hint}', at, end)
