"""Stacks side by side change the same tables; nothing of one may come back through the other."""

import sys
import threading

import pytest

from pi_local_aws import turns, types

ROUNDS = 400


@pytest.fixture
def handlers():
    """The handlers of resources, as the server installs them, with threads that change places as often as they can."""
    from ministack.services import ec2
    from ministack.services.cloudformation import provisioners

    types.register()
    turns.install()
    ec2._ensure_defaults_initialized()
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield provisioners._RESOURCE_HANDLERS
    sys.setswitchinterval(usual)


def test_acls_bound_and_released_by_many_stacks_at_once_can_be_deleted(handlers):
    def act(kind, step, *args):
        return handlers[f'AWS::EC2::{kind}'][step](*args)

    faults = []

    def live(number):
        stack = f'stack-{number}'
        vpc, _ = act('VPC', 'create', 'Vpc', {'CidrBlock': f'10.{number}.0.0/16'}, stack)
        subnets = [
            act('Subnet', 'create', 'Subnet', {'VpcId': vpc, 'CidrBlock': f'10.{number}.{one}.0/24'}, stack)[0]
            for one in range(4)
        ]
        for _ in range(ROUNDS):
            acl, _ = act('NetworkAcl', 'create', 'Acl', {'VpcId': vpc}, stack)
            bindings = [{'NetworkAclId': acl, 'SubnetId': subnet} for subnet in subnets]
            bound = [act('SubnetNetworkAclAssociation', 'create', 'Bind', one, stack)[0] for one in bindings]
            for association, binding in zip(bound, bindings):
                act('SubnetNetworkAclAssociation', 'delete', association, binding)
            act('NetworkAcl', 'delete', acl, {'VpcId': vpc})

    def guarded(number):
        try:
            live(number)
        except Exception as error:
            faults.append(str(error))

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
