"""Queries of Logs Insights through the API as a client sees it."""

import time

import pytest

NOW = int(time.time() * 1000) - 60_000
GROUP = '/pi/one'
EVENTS = {
    'a': ['GET / 200 took 100 ms', 'GET /slow 200 took 2500 ms', 'ERROR cannot load', 'Exception in x'],
    'b': ['{"level": "warn", "user": {"id": 7}, "took": 12.5, "ok": true}', 'POST /x 500 took 12000ms', 'fine'],
    'c': [
        'START RequestId: r-1 Version: 1',
        'REPORT RequestId: r-1\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB',
        '2 000000000000 eni-1 10.0.1.4 10.0.9.9 40411 3306 6 9 840 1 2 REJECT OK',
        "# Time: 1\n# Query_time: 3.5  Lock_time: 0.1\nSELECT 'x';",
    ],
}
ALL = [text for texts in EVENTS.values() for text in texts]
SECONDS = {text: index for index, text in enumerate(ALL)}


@pytest.fixture(scope='module')
def logs(cloud):
    logs = cloud.client('logs')
    logs.create_log_group(logGroupName=GROUP)
    for stream, texts in EVENTS.items():
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        events = [{'timestamp': NOW + SECONDS[text] * 1000, 'message': text} for text in texts]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
    return logs


def ask(logs, query: str, **more) -> dict:
    span = {'startTime': NOW // 1000 - 60, 'endTime': NOW // 1000 + 120, **more}
    started = logs.start_query(logGroupNames=[GROUP], queryString=query, **span)
    answer = logs.get_query_results(queryId=started['queryId'])
    assert answer['status'] == 'Complete'
    return answer


def rows(logs, query: str, **more) -> list[dict]:
    found = [{one['field']: one['value'] for one in row} for row in ask(logs, query, **more)['results']]
    for row in found:
        row.pop('@ptr', None)
    return found


def messages(logs, condition: str) -> list[str]:
    return [row['@message'] for row in rows(logs, f'filter {condition} | sort @timestamp asc')]


def matching(*parts: str) -> list[str]:
    return [text for text in ALL if any(part in text for part in parts)]


@pytest.mark.parametrize(
    ('condition', 'found'),
    [
        ('@message like /ERROR|Exception/', matching('ERROR', 'Exception')),
        ('@message like /(?i)error/', matching('ERROR')),
        ('@message like "ERROR"', matching('ERROR')),
        ("@message =~ 'ERROR' or @message =~ /Excep/", matching('ERROR', 'Exception')),
        ('@message not like /./', []),
        ('not (@message like "took" or @message like /Id/)', [one for one in ALL if 'took' not in one and 'Id' not in one]),
        ('@message like "took" and @message like "GET" or @message = "fine"', matching('GET', 'fine')),
        ('@message like "took" and (@message like "GET" or @message = "fine")', matching('GET')),
        ('@logStream in ["a", "x"]', EVENTS['a']),
        ('@logStream not in ["a", "b"]', EVENTS['c']),
        ('user.id = 7', matching('"user"')),
        ('user.id >= 7 and took < 12.6', matching('"user"')),
        ('user.id > 7', []),
        ('level != "warn" and @logStream = "b"', matching('POST', 'fine')),
        ('ok', matching('"user"')),
        ('ispresent(level)', matching('"user"')),
        ('@type = "REPORT" or @message like /(?i)(error|failed)/', matching('REPORT', 'ERROR')),
        ('@duration > 12 and @maxMemoryUsed = 64000000', matching('REPORT')),
        ('action = "REJECT" and dstPort = 3306', matching('eni-1')),
        ('strlen(@message) < 5', ['fine']),
        ('toupper(substr(@message, 0, 2)) = "FI"', ['fine']),
        ('strcontains(@message, "|")', []),
        (f'toMillis(@timestamp) >= {NOW + 9000}', ALL[9:]),
        (f'@timestamp = {NOW}', ALL[:1]),
        ('2 + 3 * 2 ^ 2 = 14 and -1 < 0 and 7 % 4 = 3 and @message = "fine" # a remark', ['fine']),
        ('1 / 0 = 1', []),
        ('`@message` = "fine"', ['fine']),
    ],
)
def test_a_filter_finds_what_it_says(logs, condition, found):
    assert messages(logs, condition) == found


def test_fields_are_found_by_a_glob_and_by_named_groups(logs):
    glob = 'fields @logStream | parse @message "* * * took *" as method, path, code, rest | filter ispresent(method)'
    assert rows(logs, f'{glob} | sort method desc, path asc') == [
        {'@logStream': 'b', 'method': 'POST', 'path': '/x', 'code': '500', 'rest': '12000ms'},
        {'@logStream': 'a', 'method': 'GET', 'path': '/', 'code': '200', 'rest': '100 ms'},
        {'@logStream': 'a', 'method': 'GET', 'path': '/slow', 'code': '200', 'rest': '2500 ms'},
    ]
    slow = r'fields @message | parse @message /(?<took>\d{4,9}) ?ms\b/ | filter took >= 2000 | sort took desc'
    assert [row['took'] for row in rows(logs, slow)] == ['12000', '2500']
    query = rows(logs, 'parse @message "Query_time: * " as seconds | filter ispresent(seconds)')
    assert [(row['seconds'], row['@message'][:6]) for row in query] == [('3.5', '# Time')]


def test_rows_are_counted_by_fields_and_by_time(logs):
    by = rows(logs, 'stats count(*) as lines, count(level) as levels by @logStream, @log | sort @logStream')
    assert by == [
        {'@logStream': stream, '@log': f'000000000000:{GROUP}', 'lines': str(len(EVENTS[stream])), 'levels': levels}
        for stream, levels in (('a', '0'), ('b', '1'), ('c', '0'))
    ]
    took = r'parse @message /took (?<took>\d+)/ | '
    numbers = 'avg(took), min(took), max(took), sum(took), pct(took, 50), count_distinct(code), stddev(took), median(took)'
    assert rows(logs, took + f'stats {numbers}') == [
        {
            'avg(took)': '3653.125',
            'min(took)': '12.5',
            'max(took)': '12000',
            'sum(took)': '14612.5',
            'pct(took, 50)': '100',
            'count_distinct(code)': '0',
            'stddev(took)': '4921.3531',
            'median(took)': '1300',
        }
    ]
    first = rows(logs, 'stats earliest(@message) as one, latest(@message) as last, earliest(@timestamp) as at by @logStream')
    assert {row['one']: row['last'] for row in first} == {texts[0]: texts[-1] for texts in EVENTS.values()}
    assert time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(NOW // 1000)) in {row['at'][:19] for row in first}
    bins = rows(logs, 'stats count(*) as n by bin(1h) as hour | stats sum(n) as all, count(*) / 2 as half')
    assert bins[0]['all'] == str(len(ALL))
    hours = rows(logs, 'stats count() by bin(1h)')
    assert all(row['bin(1h)'].endswith(':00:00.000') for row in hours)
    assert rows(logs, 'filter @message = "none" | stats count(*) as n') == [{'n': '0'}]


def test_the_newest_come_first_and_as_many_as_are_asked_for(logs):
    assert [row['@message'] for row in rows(logs, 'fields @message | limit 2')] == ALL[:-3:-1]
    assert [row['@message'] for row in rows(logs, 'fields @message', limit=1)] == ALL[-1:]
    assert len(rows(logs, 'fields @message | limit 5', limit=2)) == 2
    assert [row['@logStream'] for row in rows(logs, 'fields @logStream | dedup @logStream | sort @logStream')] == list('abc')
    shown = rows(logs, 'fields @message | display @logStream, strlen(@message) as size | head 1')
    assert shown == [{'@logStream': 'c', 'size': str(len(ALL[-1]))}]


def test_numbers_come_after_texts_and_what_is_absent_first(logs):
    by = 'parse @message "GET * " as path | filter @logStream = "a" | sort path, @timestamp'
    assert [row.get('path') for row in rows(logs, by)] == [None, None, '/', '/slow']
    natural = 'fields concat("x", 12 - strlen(@message)) as one | filter @logStream = "a" | sort one desc'
    assert [row['one'] for row in rows(logs, natural)] == ['x-14', 'x-9', 'x-5', 'x-2']


def test_it_is_told_what_was_read(logs):
    numbers = ask(logs, 'filter @message like "took" | limit 1')['statistics']
    assert numbers == {
        'recordsMatched': 4.0,
        'recordsScanned': float(len(ALL)),
        'bytesScanned': float(sum(len(text) for text in ALL)),
    }


@pytest.mark.parametrize(
    ('query', 'at', 'found'),
    [
        ('', 0, 'unexpected end'),
        ('fields', 6, 'unexpected end'),
        ('fields @message | filtr x', 18, 'filtr at line 1 and position 18'),
        ('fields @message\n| patern @message', 18, 'patern at line 2 and position 2'),
        ('pattern @message', 0, 'pattern'),
        ('SOURCE "x" | fields @message', 0, 'SOURCE'),
        ('filter @message like', 20, 'unexpected end'),
        ('filter @message like ERROR', 21, 'ERROR'),
        ('filter @message like /a(/', 21, 'invalid regular expression'),
        ('filter @message not = "x"', 16, 'not'),
        ('filter (a = 1', 13, 'unexpected end'),
        ('filter a = 1 b', 13, 'b at'),
        ('filter a in "x"', 12, '"'),
        ('filter "open', 7, '"'),
        ('filter a == 1', 10, '='),
        ('fields nothing(@message)', 7, 'nothing'),
        ('fields strlen()', 7, 'strlen'),
        ('fields strlen(a, b)', 17, 'at most 1'),
        ('fields max(a)', 7, 'max'),
        ('stats @message', 6, '@message'),
        ('stats pct(a, 101)', 13, '101'),
        ('stats count(*) by bin(x)', 22, 'x'),
        ('parse @message "a * b"', 22, 'expected as'),
        ('parse @message "a * b *" as one', 15, 'as many names'),
        ('parse @message /no group/', 15, 'named groups'),
        ('limit 0', 6, '0'),
        ('limit 10001', 6, '10001'),
        ('limit many', 6, 'many'),
        ('sort', 4, 'unexpected end'),
        ('fields @message |', 17, 'unexpected end'),
        ('filter ' + '(' * 5000, 0, 'too deeply'),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(logs, query, at, found):
    with pytest.raises(logs.exceptions.MalformedQueryException) as refused:
        ask(logs, query)
    assert found in refused.value.response['Error']['Message']
    assert refused.value.response['queryCompileError']['location']['startCharOffset'] == at


def test_a_group_that_is_not_there_and_a_span_that_cannot_be_are_refused(logs):
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.start_query(logGroupName='none', queryString='fields @message', startTime=1, endTime=2)
    with pytest.raises(logs.exceptions.InvalidParameterException):
        ask(logs, 'fields @message', startTime=NOW // 1000, endTime=NOW // 1000 - 1)
