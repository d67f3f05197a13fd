"""Service-linked roles have the names that AWS gives them, and a second one is refused in AWS's words."""

import re

from ministack.services import iam as store

from ..patching import replace

NAMES = {
    'autoscaling.amazonaws.com': 'AWSServiceRoleForAutoScaling',
    'backup.amazonaws.com': 'AWSServiceRoleForBackup',
    'ecs.amazonaws.com': 'AWSServiceRoleForECS',
    'ecs.application-autoscaling.amazonaws.com': 'AWSServiceRoleForApplicationAutoScaling_ECSService',
    'elasticfilesystem.amazonaws.com': 'AWSServiceRoleForAmazonElasticFileSystem',
    'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
    'rds.amazonaws.com': 'AWSServiceRoleForRDS',
    'spot.amazonaws.com': 'AWSServiceRoleForEC2Spot',
    'wafv2.amazonaws.com': 'AWSServiceRoleForWAFV2Logging',
}


def install() -> None:
    create = store._create_service_linked_role

    def created(parameters):
        service = store._p(parameters, 'AWSServiceName')
        name = NAMES.get(service)
        if name is None:
            return create(parameters)
        if name in store._roles:
            message = f'Service role name {name} has been taken in this account, please try a different suffix.'
            return store._error(400, 'InvalidInput', message, ns='iam')
        status, headers, body = create(parameters)
        if status >= 400:
            return status, headers, body
        made = re.search(r'<RoleName>([^<]+)</RoleName>', body.decode()).group(1)
        role = store._roles.pop(made)
        store._roles[name] = {**role, 'RoleName': name, 'Arn': role['Arn'].replace(made, name)}
        return status, headers, body.replace(made.encode(), name.encode())

    replace(store, '_create_service_linked_role', created)
