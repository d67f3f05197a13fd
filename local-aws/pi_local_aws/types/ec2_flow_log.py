"""AWS::EC2::FlowLog, and DescribeFlowLogs with the fields a template can set."""

import secrets
import time
from html import escape

from ministack.services import ec2 as store

from ..registry import ResourceError, add
from .ec2_address import set_tags

_FIELDS = {
    'LogGroupName': 'logGroupName',
    'DeliverLogsPermissionArn': 'deliverLogsPermissionArn',
    'LogDestination': 'logDestination',
    'LogFormat': 'logFormat',
    'MaxAggregationInterval': 'maxAggregationInterval',
}
_STORES = {'VPC': '_vpcs', 'Subnet': '_subnets', 'NetworkInterface': '_network_interfaces'}
_DEFAULT_FORMAT = (
    '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} '
    '${bytes} ${start} ${end} ${action} ${log-status}'
)


def create(logical_id, properties, stack_name):
    kind, resource_id = properties.get('ResourceType', 'VPC'), properties.get('ResourceId', '')
    if resource_id not in getattr(store, _STORES.get(kind, '_vpcs')):
        raise ResourceError(
            f"Invalid {kind} id '{resource_id}' (Service: Ec2, Status Code: 400, Code: InvalidResourceId.NotFound)"
        )
    destination = properties.get('LogDestinationType', 'cloud-watch-logs')
    if destination == 'cloud-watch-logs' and not properties.get('DeliverLogsPermissionArn'):
        raise ResourceError(
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs. "
            '(Service: Ec2, Status Code: 400, Code: InvalidParameter)'
        )
    flow_log_id = f'fl-{secrets.token_hex(9)[:17]}'
    record = {
        'FlowLogId': flow_log_id,
        'ResourceId': resource_id,
        'ResourceType': kind,
        'TrafficType': properties.get('TrafficType', 'ALL'),
        'LogDestinationType': destination,
        'FlowLogStatus': 'ACTIVE',
        'DeliverLogsStatus': 'SUCCESS',
        'CreationTime': time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime()),
        'LogFormat': _DEFAULT_FORMAT,
        'MaxAggregationInterval': 600,
        'LogDestination': '',
    }
    record.update({name: properties[name] for name in _FIELDS if properties.get(name)})
    store._flow_logs[flow_log_id] = record
    set_tags(flow_log_id, properties)
    return flow_log_id, {'Id': flow_log_id}


def update(physical_id, old, new, stack_name, logical_id):
    if physical_id not in store._flow_logs:
        return create(logical_id, new, stack_name)
    set_tags(physical_id, new, old)
    return physical_id, {'Id': physical_id}


def delete(physical_id, properties):
    store._flow_logs.pop(physical_id, None)
    store._tags.pop(physical_id, None)


def _xml(flow_log: dict) -> str:
    names = {
        'FlowLogId': 'flowLogId',
        'ResourceId': 'resourceId',
        'TrafficType': 'trafficType',
        'LogDestinationType': 'logDestinationType',
        'FlowLogStatus': 'flowLogStatus',
        'CreationTime': 'creationTime',
        'DeliverLogsStatus': 'deliverLogsStatus',
        **_FIELDS,
    }
    fields = ''.join(
        f'<{tag}>{escape(str(flow_log[name]))}</{tag}>' for name, tag in names.items() if flow_log.get(name)
    )
    return f'<item>{fields}{store._tag_set_xml(flow_log["FlowLogId"])}</item>'


def describe(query):
    wanted = store._parse_member_list(query, 'FlowLogId')
    filters = store._parse_filters(query)
    fields = {
        'resource-id': 'ResourceId',
        'traffic-type': 'TrafficType',
        'log-group-name': 'LogGroupName',
        'log-destination-type': 'LogDestinationType',
        'flow-log-id': 'FlowLogId',
    }
    chosen = [
        flow_log
        for flow_log in store._flow_logs.values()
        if (not wanted or flow_log['FlowLogId'] in wanted)
        and store._resource_matches_tag_filters(flow_log['FlowLogId'], filters)
        and all(flow_log.get(field) in filters[name] for name, field in fields.items() if filters.get(name))
    ]
    return store._xml(200, 'DescribeFlowLogsResponse', f'<flowLogSet>{"".join(map(_xml, chosen))}</flowLogSet>')


def register():
    add(
        'AWS::EC2::FlowLog',
        create,
        delete,
        update,
        tags=('Tags', 'list'),
        replaces=(
            'DeliverCrossAccountRole',
            'DeliverLogsPermissionArn',
            'DestinationOptions',
            'LogDestination',
            'LogDestinationType',
            'LogFormat',
            'LogGroupName',
            'MaxAggregationInterval',
            'ResourceId',
            'ResourceType',
            'TrafficType',
        ),
    )
    store._ACTION_MAP['DescribeFlowLogs'] = describe
