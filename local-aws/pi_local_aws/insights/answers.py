"""StartQuery: a query is read, run at once over the stored events, and its answer kept for GetQueryResults."""

import time

from ministack.core.responses import error_response_json, get_account_id, json_response, new_uuid
from ministack.services import cloudwatch_logs as store

from ..patching import replace
from .rows import row_of
from .stages import MOST_ROWS, Query
from .words import Malformed


def install() -> None:
    replace(store, '_start_query', start)


def start(request: dict) -> tuple:
    """Run a query. One that cannot be read is refused with its place."""
    groups = store._resolve_query_log_groups(request)
    if not groups:
        return error_response_json('InvalidParameterException', 'At least one log group must be specified.')
    for name in groups:
        if name not in store._log_groups:
            return error_response_json('ResourceNotFoundException', f"Log group '{name}' does not exist.")
    if request.get('queryLanguage', 'CWLI') != 'CWLI':
        return error_response_json('InvalidParameterException', 'The embedded AWS knows queryLanguage CWLI only.')
    begin, end = int(request.get('startTime', 0)), int(request.get('endTime', time.time()))
    if begin > end:
        return error_response_json('InvalidParameterException', 'startTime must not be after endTime.')
    text = request.get('queryString') or ''
    try:
        query = Query(text)
    except Malformed as error:
        return refusal(error)
    except RecursionError:
        return refusal(Malformed('the query is nested too deeply', 0, len(text)))
    rows = stored(groups, begin * 1000, end * 1000)
    read = sum(len(row.own['@message'].encode()) for row in rows)
    scanned = len(rows)
    found, matched = query.found(rows)
    limit = max(1, min(int(request.get('limit') or MOST_ROWS), MOST_ROWS))
    query_id = new_uuid()
    store._queries[query_id] = {
        'queryId': query_id,
        'logGroupName': groups[0],
        'logGroupNames': groups,
        'startTime': begin,
        'endTime': end,
        'queryString': text,
        'status': 'Complete',
        'results': query.answer(found[:limit]),
        'statistics': {
            'recordsMatched': float(matched),
            'recordsScanned': float(scanned),
            'bytesScanned': float(read),
        },
    }
    return json_response({'queryId': query_id})


def refusal(error: Malformed) -> tuple:
    place = {'startCharOffset': error.begin, 'endCharOffset': error.end}
    compiled = {'queryCompileError': {'location': place, 'message': str(error)}}
    return error_response_json('MalformedQueryException', str(error), 400, compiled)


def stored(groups: list[str], begin: int, end: int) -> list:
    """Events of the groups between two moments (ms, both inclusive), newest first as AWS has them without a sort."""
    account = get_account_id()
    rows = [
        row_of(event, group, stream, account)
        for group in groups
        for stream, kept in store._log_groups[group].get('streams', {}).items()
        for event in kept.get('events', [])
        if begin <= event.get('timestamp', 0) <= end
    ]
    return sorted(rows, key=lambda row: row.own['@timestamp'], reverse=True)
