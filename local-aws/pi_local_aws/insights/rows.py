"""Rows of a query: an event with the fields that AWS finds in it, or what ``stats`` made of many."""

import json
import re

from .values import Moment

_FLOW = (
    'version accountId interfaceId srcAddr dstAddr srcPort dstPort protocol packets bytes startTime endTime action '
    'logStatus'
).split()
_REPORT = {
    '@duration': r'\bDuration: ([\d.]+) ms',
    '@billedDuration': r'\bBilled Duration: ([\d.]+) ms',
    '@initDuration': r'\bInit Duration: ([\d.]+) ms',
    '@maxMemoryUsed': r'\bMax Memory Used: (\d+) MB',
    '@memorySize': r'\bMemory Size: (\d+) MB',
}


class Row:
    """Values by the names of their fields."""

    def __init__(self, own: dict, pointer: str | None = None):
        self.own, self.pointer, self._found = own, pointer, None

    def get(self, name: str):
        if name in self.own:
            return self.own[name]
        if self._found is None:
            self._found = discovered(self.own.get('@message', ''))
        return self._found.get(name)


def discovered(message: str) -> dict:
    """Fields of a message: those of JSON by their paths, of a function's own lines, of flow logs."""
    if message.lstrip().startswith('{'):
        try:
            return flattened(json.loads(message))
        except ValueError:
            return {}
    kind = re.match(r'(START|END|REPORT) RequestId: (\S+)', message)
    if kind:
        found = {'@type': kind.group(1), '@requestId': kind.group(2)}
        sizes = {name: re.search(pattern, message) for name, pattern in _REPORT.items()}
        return found | {name: _measure(name, size.group(1)) for name, size in sizes.items() if size}
    words = message.split(' ')
    return dict(zip(_FLOW, words)) if len(words) == len(_FLOW) and words[0] == '2' else {}


def _measure(name: str, text: str) -> float:
    # AWS gives sizes in bytes.
    return float(text) * (1_000_000 if 'emory' in name else 1)


def flattened(value, path: str = '') -> dict:
    """The leaves of a JSON value by their paths (``a.b``, ``a.0``)."""
    if isinstance(value, (dict, list)):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return {
            key: leaf
            for name, one in inner
            for key, leaf in flattened(one, f'{path}.{name}' if path else str(name)).items()
        }
    return {} if value is None or not path else {path: value}


def row_of(event: dict, group: str, stream: str, account: str) -> Row:
    """The row of a stored event."""
    return Row(
        {
            '@timestamp': Moment(event['timestamp']),
            '@ingestionTime': Moment(event.get('ingestionTime') or event['timestamp']),
            '@message': event.get('message', ''),
            '@logStream': stream,
            '@log': f'{account}:{group}',
        },
        event.get('eventId'),
    )
