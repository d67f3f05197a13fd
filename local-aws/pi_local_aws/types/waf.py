"""AWS::WAFv2::WebACLAssociation and AWS::WAFv2::LoggingConfiguration."""

import copy

from ministack.core.responses import AccountRegionScopedDict, json_response
from ministack.services import alb
from ministack.services import waf as store

from ..registry import ResourceError, add
from ..services import answer

_ACL = 'AWS::WAFv2::WebACLAssociation'


def associate(logical_id, properties, stack_name):
    resource = properties['ResourceArn']
    if ':loadbalancer/app/' in resource and resource not in alb._lbs:
        raise ResourceError(
            f"AWS WAF couldn't perform the operation because your resource doesn't exist: {resource} (Service: Wafv2, Status Code: 400, Code: WAFNonexistentItemException)"
        )
    answer(store._associate_web_acl({'WebACLArn': properties['WebACLArn'], 'ResourceArn': resource}), _ACL)
    return f'{properties["WebACLArn"]}|{resource}', {}


def dissociate(physical_id, properties):
    web_acl, _, resource = physical_id.partition('|')
    if store._associations.get(resource) == web_acl:
        store._disassociate_web_acl({'ResourceArn': resource})


_logging = AccountRegionScopedDict()


def _put(properties: dict) -> None:
    _logging[properties['ResourceArn']] = {
        key: properties[key]
        for key in ('ResourceArn', 'LogDestinationConfigs', 'RedactedFields', 'LoggingFilter')
        if key in properties
    }


def create_logging(logical_id, properties, stack_name):
    _put(properties)
    return properties['ResourceArn'], {'ManagedByFirewallManager': False}


def update_logging(physical_id, old, new, stack_name, logical_id):
    _put(new)
    return physical_id, {'ManagedByFirewallManager': False}


def delete_logging(physical_id, properties):
    _logging.pop(physical_id, None)


def _get_logging(request):
    found = _logging.get(request.get('ResourceArn', ''))
    if not found:
        return store._waf_err('WAFNonexistentItemException', "AWS WAF couldn't find the logging configuration.")
    return json_response({'LoggingConfiguration': found})


def _put_logging(request):
    _put(request['LoggingConfiguration'])
    return _get_logging(request['LoggingConfiguration'])


def register():
    add(_ACL, associate, dissociate, replaces=('ResourceArn', 'WebACLArn'))
    add('AWS::WAFv2::LoggingConfiguration', create_logging, delete_logging, update_logging, replaces=('ResourceArn',))
    handle, save, load = store.handle_request, store.get_state, store.load_persisted_state
    actions = {'GetLoggingConfiguration': _get_logging, 'PutLoggingConfiguration': _put_logging}

    async def handle_request(method, path, headers, body, query_params):
        import json

        action = headers.get('x-amz-target', '').rsplit('.', 1)[-1]
        if action in actions:
            return actions[action](json.loads(body or b'{}'))
        return await handle(method, path, headers, body, query_params)

    def load_state(data):
        load(data)
        _logging.update(data.get('pi_logging', {}))

    store.handle_request = handle_request
    store.get_state = lambda: {**save(), 'pi_logging': copy.deepcopy(_logging)}
    store.load_persisted_state = load_state
