"""Filter patterns whose terms are optional, through the API as a client sees it."""

import time

import pytest


@pytest.fixture
def group(cloud):
    logs = cloud.client('logs')
    logs.create_log_group(logGroupName='filters')
    logs.create_log_stream(logGroupName='filters', logStreamName='s')
    now = int(time.time() * 1000)
    messages = ['ERROR no', 'an Exception', 'error in lower case', 'fine']
    events = [{'timestamp': now + index, 'message': text} for index, text in enumerate(messages)]
    logs.put_log_events(logGroupName='filters', logStreamName='s', logEvents=events)
    yield logs
    logs.delete_log_group(logGroupName='filters')


@pytest.mark.parametrize(
    ('pattern', 'found'),
    [
        ('?ERROR ?Exception', ['ERROR no', 'an Exception']),
        ('?fine', ['fine']),
        ('fine', ['fine']),
        ('', ['ERROR no', 'an Exception', 'error in lower case', 'fine']),
    ],
)
def test_a_line_with_any_of_the_optional_terms_is_found(group, pattern, found):
    answer = group.filter_log_events(logGroupName='filters', filterPattern=pattern)
    assert [event['message'] for event in answer['events']] == found


@pytest.mark.parametrize('pattern', ['a:b', 'fine "open', '?x/y', '{ $.a = 1', '[a, b', '%x'])
def test_what_is_no_pattern_is_refused(group, pattern):
    with pytest.raises(group.exceptions.InvalidParameterException, match='Invalid'):
        group.filter_log_events(logGroupName='filters', filterPattern=pattern)


@pytest.mark.parametrize('pattern', ['"a:b"', '-"no such" fine', '{ $.a = 1 }', '[a, b]', '%x%', '?fine ?"a b"'])
def test_quoted_terms_and_whole_brackets_are_patterns(group, pattern):
    group.filter_log_events(logGroupName='filters', filterPattern=pattern)
