"""Stacks side by side change the same tables; nothing of one may come back through the other, nor break it off."""

import sys
import threading

import pytest

from pi_local_aws import turns, types

ROUNDS = 400


@pytest.fixture(scope='module')
def installed():
    """ministack as the server has it, in this process; once, since there is no way back."""
    from ministack.services import ec2

    types.register()
    turns.install()
    ec2._ensure_defaults_initialized()


@pytest.fixture
def act(installed):
    """Calls a resource's handler, by threads that change places as often as they can."""
    from ministack.services.cloudformation import provisioners

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield lambda kind, step, *args: provisioners._RESOURCE_HANDLERS[kind][step](*args)
    sys.setswitchinterval(usual)


def together(*works) -> list[str]:
    """Does all of it at once, and returns what went wrong."""
    faults = []

    def guarded(work):
        try:
            work()
        except Exception as error:
            faults.append(repr(error))

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_acls_bound_and_released_by_many_stacks_at_once_can_be_deleted(act):
    def live(number):
        stack = f'stack-{number}'
        vpc, _ = act('AWS::EC2::VPC', 'create', 'Vpc', {'CidrBlock': f'10.{number}.0.0/16'}, stack)
        wanted = [{'VpcId': vpc, 'CidrBlock': f'10.{number}.{one}.0/24'} for one in range(4)]
        subnets = [act('AWS::EC2::Subnet', 'create', 'Subnet', one, stack)[0] for one in wanted]
        for _ in range(ROUNDS):
            acl, _ = act('AWS::EC2::NetworkAcl', 'create', 'Acl', {'VpcId': vpc}, stack)
            bindings = [{'NetworkAclId': acl, 'SubnetId': subnet} for subnet in subnets]
            kind = 'AWS::EC2::SubnetNetworkAclAssociation'
            bound = [act(kind, 'create', 'Bind', one, stack)[0] for one in bindings]
            for association, binding in zip(bound, bindings):
                act(kind, 'delete', association, binding)
            act('AWS::EC2::NetworkAcl', 'delete', acl, {'VpcId': vpc})

    assert together(*(lambda number=number: live(number) for number in range(6))) == []


def test_buckets_of_many_stacks_are_made_at_once(act):
    def live(number):
        for one in range(ROUNDS * 3):
            name = f'bucket-{number}-{one}'
            act('AWS::S3::Bucket', 'create', 'Bucket', {'BucketName': name}, f'stack-{number}')
            act('AWS::S3::Bucket', 'delete', name, {'BucketName': name})

    assert together(*(lambda number=number: live(number) for number in range(6))) == []


def test_a_service_can_be_looked_at_while_tasks_change_it(act):
    from ministack.services import ecs

    service = {'name': 'dashboard', 'note': None, '_mine': True, 'deployments': [{'id': 'one', '_mine': True}]}
    ended = threading.Event()

    def change():
        while not ended.is_set():
            for number in range(20):
                service[f'_{number}'] = number
            for number in range(20):
                del service[f'_{number}']

    def look():
        try:
            for _ in range(ROUNDS * 10):
                assert ecs._sanitize(service) == {'name': 'dashboard', 'deployments': [{'id': 'one'}]}
        finally:
            ended.set()

    assert together(look, change) == []
