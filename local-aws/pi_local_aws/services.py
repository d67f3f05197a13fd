"""In-process calls of ministack's own service functions.

They take what the wire carries and answer ``(status, headers, body)``; here that becomes a value or a ResourceError
with the service's own words.
"""

import json
import re

from .registry import ResourceError


def ec2(action: str, **parameters) -> str:
    """Call an EC2 action; lists become ``Name.1``, ``Name.2``. Returns the XML answer."""
    from ministack.services import ec2 as service

    service._ensure_defaults_initialized()
    query = {}
    for name, value in parameters.items():
        if value is None:
            continue
        if isinstance(value, (list, tuple)):
            query.update({f'{name}.{index}': [str(item)] for index, item in enumerate(value, start=1)})
        else:
            query[name] = [str(value).lower() if isinstance(value, bool) else str(value)]
    status, _headers, body = service._ACTION_MAP[action](query)
    text = body.decode()
    if status >= 400:
        raise ResourceError(
            f'{element(text, "Message")} (Service: Ec2, Status Code: {status}, Code: {element(text, "Code")})'
        )
    return text


def element(xml: str, name: str) -> str:
    """The text of the first element ``name`` in an answer."""
    found = re.search(rf'<{name}>([^<]*)</{name}>', xml)
    return found.group(1) if found else ''


def answer(response: tuple, what: str) -> dict:
    """The JSON of a service's answer; an error status becomes a ResourceError that starts with ``what``."""
    status, _headers, body = response
    parsed = json.loads(body) if body else {}
    if status >= 400:
        code = str(parsed.get('__type') or parsed.get('code') or parsed.get('Code') or 'Error')
        message = parsed.get('message') or parsed.get('Message') or ''
        raise ResourceError(f'{what}: {message} (Status Code: {status}, Code: {code.rsplit("#", 1)[-1]})')
    return parsed
