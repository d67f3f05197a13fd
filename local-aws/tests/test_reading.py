"""Templates that are read once are read right: as ministack reads them, and a copy for each who asks."""

import pytest
from ministack.services.cloudformation import changesets, engine, handlers

from pi_local_aws.stacks import reading

YAML = """
Resources:
  Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Sub '${AWS::StackName}-a', Day: 2026-01-02}}
Outputs:
  Arn: {Value: !GetAtt Topic.TopicArn}
"""


@pytest.mark.parametrize('body', [YAML, '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'])
def test_a_template_is_what_ministack_reads_and_nobody_elses(body):
    first, second = reading.read(body), reading.read(body)
    assert first == second == reading._read(body)
    first['Resources']['Topic']['Type'] = 'another'
    assert reading.read(body) == second


def test_what_is_no_template_is_refused_each_time():
    for _ in range(2):
        with pytest.raises(ValueError, match='mapping'):
            reading.read('- one\n- two\n')


def test_everybody_reads_by_it():
    reading.install()
    assert {module._parse_template for module in (engine, changesets, handlers)} == {reading.read}
