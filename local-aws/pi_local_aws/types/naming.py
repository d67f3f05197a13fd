"""Generated names as on AWS: with a fresh random end for every creation, so that what a policy retained from an earlier
stack never collides with a new stack of the same name.
"""

from ministack.services.cloudformation import provisioners

from ..registry import truth

_GROUP = 'AWS::Logs::LogGroup'
_TOPIC = 'AWS::SNS::Topic'


def _log_group() -> None:
    """AWS names a log group after stack and logical id; ministack puts it under /aws/cloudformation."""
    handler = provisioners._RESOURCE_HANDLERS[_GROUP]
    create, update = handler['create'], handler['update']

    def created(logical_id, properties, stack_name):
        name = properties.get('LogGroupName') or provisioners._physical_name(stack_name, logical_id)
        return create(logical_id, {**properties, 'LogGroupName': name}, stack_name)

    def updated(physical_id, old, new, stack_name, logical_id=None):
        # The engine has replaced a renamed group; here the name stays.
        return update(
            physical_id,
            {**old, 'LogGroupName': physical_id},
            {**new, 'LogGroupName': physical_id},
            stack_name,
            logical_id,
        )

    provisioners._RESOURCE_HANDLERS[_GROUP] = {**handler, 'create': created, 'update': updated}


_ATTRIBUTES = ('KmsMasterKeyId', 'SignatureVersion', 'TracingConfig', 'FifoThroughputScope')


def _topic() -> None:
    """The topic attributes that ministack leaves out."""
    from ministack.services import sns

    handler = provisioners._RESOURCE_HANDLERS[_TOPIC]
    create, update = handler['create'], handler['update']

    def apply(arn, properties):
        attributes = sns._topics[arn]['attributes']
        for name in _ATTRIBUTES:
            if properties.get(name):
                attributes[name] = str(properties[name])
            else:
                attributes.pop(name, None)
        if properties.get('FifoTopic') is not None:
            attributes['FifoTopic'] = str(truth(properties['FifoTopic'])).lower()

    def created(logical_id, properties, stack_name):
        arn, attributes = create(logical_id, properties, stack_name)
        apply(arn, properties)
        return arn, attributes

    def updated(physical_id, old, new, stack_name, logical_id=None):
        arn, attributes = update(physical_id, old, new, stack_name, logical_id)
        apply(arn, new)
        return arn, attributes

    provisioners._RESOURCE_HANDLERS[_TOPIC] = {**handler, 'create': created, 'update': updated}


def register():
    _log_group()
    _topic()
