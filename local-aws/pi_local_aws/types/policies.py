"""Small types around other resources: inline policies of topics and queues, more certificates, record set groups."""

import json

from ministack.services import alb, sns, sqs
from ministack.services.cloudformation import provisioners

from ..registry import ResourceError, add


def _text(document) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def put_topic_policy(properties: dict) -> tuple[str, dict]:
    arn = properties['TopicArn']
    if arn not in sns._topics:
        raise ResourceError(f'Topic does not exist: {arn} (Service: Sns, Status Code: 404, Code: NotFound)')
    sns._topics[arn]['attributes']['Policy'] = _text(properties['PolicyDocument'])
    return arn, {}


def put_queue_policy(properties: dict) -> tuple[str, dict]:
    url = properties['Queue']
    if url not in sqs._queues:
        raise ResourceError(
            f'The specified queue does not exist: {url} (Service: Sqs, Status Code: 400, Code: QueueDoesNotExist)'
        )
    sqs._queues[url]['attributes']['Policy'] = _text(properties['PolicyDocument'])
    return url, {}


def drop_topic_policy(physical_id, properties):
    if physical_id in sns._topics:
        sns._topics[physical_id]['attributes'].pop('Policy', None)


def drop_queue_policy(physical_id, properties):
    if physical_id in sqs._queues:
        sqs._queues[physical_id]['attributes'].pop('Policy', None)


def _certificates(listener_arn: str) -> list:
    listener = alb._listeners.get(listener_arn)
    if listener is None:
        raise ResourceError(
            f"Listener '{listener_arn}' not found (Service: ElasticLoadBalancingV2, Status Code: 400, Code: ListenerNotFound)"
        )
    return listener.setdefault('Certificates', [])


def _arns(properties: dict) -> list[str]:
    return [one['CertificateArn'] for one in properties.get('Certificates') or []]


def add_certificates(logical_id, properties, stack_name):
    held = _certificates(properties['ListenerArn'])
    for arn in _arns(properties):
        if not any(one.get('CertificateArn') == arn for one in held):
            held.append({'CertificateArn': arn, 'IsDefault': False})
    return f'{properties["ListenerArn"]}|{logical_id}', {}


def remove_certificates(physical_id, properties):
    listener = alb._listeners.get(properties['ListenerArn'])
    if listener:
        listener['Certificates'] = [
            one
            for one in listener.get('Certificates') or []
            if one.get('IsDefault') or one.get('CertificateArn') not in _arns(properties)
        ]


def _sets(properties: dict) -> list[dict]:
    shared = {name: properties[name] for name in ('HostedZoneId', 'HostedZoneName') if properties.get(name)}
    return [{**shared, **one} for one in properties.get('RecordSets') or []]


def create_group(logical_id, properties, stack_name):
    for index, one in enumerate(_sets(properties)):
        provisioners._r53_record_set_create(f'{logical_id}{index}', one, stack_name)
    return provisioners._physical_name(stack_name, logical_id), {}


def update_group(physical_id, old, new, stack_name, logical_id):
    delete_group(physical_id, old)
    create_group(logical_id, new, stack_name)
    return physical_id, {}


def delete_group(physical_id, properties):
    for one in _sets(properties):
        provisioners._r53_record_set_delete(one.get('Name', ''), one)


def register():
    add(
        'AWS::SNS::TopicInlinePolicy',
        lambda logical_id, properties, stack_name: put_topic_policy(properties),
        drop_topic_policy,
        lambda physical_id, old, new, stack_name, logical_id: put_topic_policy(new),
        replaces=('TopicArn',),
    )
    add(
        'AWS::SQS::QueueInlinePolicy',
        lambda logical_id, properties, stack_name: put_queue_policy(properties),
        drop_queue_policy,
        lambda physical_id, old, new, stack_name, logical_id: put_queue_policy(new),
        replaces=('Queue',),
    )
    add(
        'AWS::ElasticLoadBalancingV2::ListenerCertificate',
        add_certificates,
        remove_certificates,
        replaces=('ListenerArn', 'Certificates'),
    )
    add(
        'AWS::Route53::RecordSetGroup',
        create_group,
        delete_group,
        update_group,
        replaces=('HostedZoneId', 'HostedZoneName'),
    )
