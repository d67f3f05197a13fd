"""AWS::CloudWatch::CompositeAlarm, and alarms over metric math, which ministack refuses."""

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch as store
from ministack.services.cloudformation import provisioners

from .. import shapes
from ..registry import add, tag_list
from ..services import answer

_COMPOSITE = 'AWS::CloudWatch::CompositeAlarm'


def _composite(name: str, properties: dict) -> tuple[str, dict]:
    request = shapes.request('cloudwatch', 'PutCompositeAlarm', {**properties, 'AlarmName': name, 'Tags': None})
    request.pop('Tags')
    answer(store._put_composite_alarm({}, request, False, True), _COMPOSITE)
    arn = f'arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}'
    # The call refuses the tags that CloudFormation itself may set.
    store._resource_tags[arn] = {tag['Key']: tag['Value'] for tag in tag_list(properties)}
    return name, {'Arn': arn}


def create_composite(logical_id, properties, stack_name):
    return _composite(properties.get('AlarmName') or provisioners._physical_name(stack_name, logical_id), properties)


def update_composite(physical_id, old, new, stack_name, logical_id):
    return _composite(physical_id, new)


def delete_composite(physical_id, properties):
    store._composite_alarms.pop(physical_id, None)


def _math_alarms() -> None:
    """Record an alarm over ``Metrics`` as PutMetricAlarm does; its state is not evaluated."""
    record = provisioners._cw_metric_alarm_record

    def with_math(name, properties):
        if not properties.get('Metrics'):
            return record(name, properties)
        single = {key: one for key, one in properties.items() if key not in ('Metrics', 'ThresholdMetricId')}
        made = record(
            name,
            {
                **single,
                'MetricName': 'expression',
                'Namespace': 'expression',
                'Statistic': 'Average',
                'Period': int(properties.get('Period') or 60),
            },
        )
        for key in ('MetricName', 'Namespace', 'Statistic', 'Period', 'Dimensions'):
            made.pop(key, None)
        made['Metrics'] = properties['Metrics']
        return made

    provisioners._cw_metric_alarm_record = with_math


def register():
    add(
        _COMPOSITE, create_composite, delete_composite, update_composite, replaces=('AlarmName',), tags=('Tags', 'list')
    )
    _math_alarms()
