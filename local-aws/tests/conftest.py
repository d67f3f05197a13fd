"""One embedded AWS per test module, on a free port and with a state folder of its own."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[1]
# Tests look into the package too, wherever they are started.
sys.path.insert(0, str(ROOT))
REGION = 'eu-west-1'


def free_port() -> int:
    # Below those of outgoing connections, one of which may else take it before the server does.
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue


class Cloud:
    """A running embedded AWS and the SDK clients that talk to it."""

    def __init__(self, state_dir: Path, pace: float = 0.0):
        self.state_dir, self.pace, self.port = state_dir, pace, free_port()
        self.process = None
        self._clients = {}

    @property
    def endpoint(self) -> str:
        return f'http://127.0.0.1:{self.port}'

    def start(self) -> 'Cloud':
        environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'AWS_PROFILE': 'nobody', 'LOG_LEVEL': 'WARNING'}
        self.log = open(self.state_dir / 'server.log', 'ab')
        self.process = subprocess.Popen(
            [
                sys.executable,
                '-m',
                'pi_local_aws',
                '--port',
                str(self.port),
                '--state-dir',
                str(self.state_dir),
                '--region',
                REGION,
                '--instance-id',
                'test',
                '--pace',
                str(self.pace),
            ],
            env=environment,
            cwd='/',
            stdout=self.log,
            stderr=self.log,
        )
        until(lambda: self.get('/_pi/health').get('instanceId') == 'test', 30, 'the server answers')
        return self

    def stop(self, how=signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(20)
        self.log.close()

    def get(self, path: str) -> dict:
        try:
            with urllib.request.urlopen(self.endpoint + path, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return {}

    def post(self, path: str, body: dict, method: str = 'POST') -> dict:
        request = urllib.request.Request(self.endpoint + path, json.dumps(body).encode(), method=method)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def client(self, service: str, region: str = REGION, account: str = 'local'):
        if (service, region, account) not in self._clients:
            self._clients[service, region, account] = boto3.client(
                service,
                endpoint_url=self.endpoint,
                region_name=region,
                aws_access_key_id=account,
                aws_secret_access_key='local',
                config=Config(s3={'addressing_style': 'path'}, retries={'max_attempts': 1}),
            )
        return self._clients[service, region, account]

    def deploy(
        self,
        name: str,
        resources: dict,
        outputs: dict | None = None,
        parameters: dict | None = None,
        expect: str | None = None,
        **more,
    ) -> dict:
        """Create or update a stack and wait for its end; returns its outputs."""
        cfn = self.client('cloudformation')
        template = {'Resources': resources}
        if outputs:
            template['Outputs'] = {key: {'Value': value} for key, value in outputs.items()}
        if parameters:
            template['Parameters'] = {key: {'Type': 'String'} for key in parameters}
            more['Parameters'] = [{'ParameterKey': key, 'ParameterValue': value} for key, value in parameters.items()]
        exists = self.status(name) not in ('', 'DELETE_COMPLETE')
        call = cfn.update_stack if exists else cfn.create_stack
        call(StackName=name, TemplateBody=json.dumps(template), Capabilities=['CAPABILITY_IAM'], **more)
        status = self.settled(name)
        wanted = expect or ('UPDATE_COMPLETE' if exists else 'CREATE_COMPLETE')
        assert status == wanted, (status, self.failures(name))
        stack = cfn.describe_stacks(StackName=name)['Stacks'][0]
        return {one['OutputKey']: one['OutputValue'] for one in stack.get('Outputs', [])}

    def status(self, name: str) -> str:
        cfn = self.client('cloudformation')
        try:
            return cfn.describe_stacks(StackName=name)['Stacks'][0]['StackStatus']
        except cfn.exceptions.ClientError:
            return ''

    def settled(self, name: str, seconds: float = 40) -> str:
        until(lambda: not self.status(name).endswith('_IN_PROGRESS'), seconds, f'{name} settles', every=0.03)
        return self.status(name)

    def delete(self, name: str) -> str:
        cfn = self.client('cloudformation')
        stack_id = cfn.describe_stacks(StackName=name)['Stacks'][0]['StackId']
        cfn.delete_stack(StackName=name)
        # A deleted stack is known by its id only.
        return self.settled(stack_id)

    def events(self, name: str) -> list[dict]:
        return self.client('cloudformation').describe_stack_events(StackName=name)['StackEvents']

    def initiated(self, name: str, logical_id: str) -> str:
        """Wait until a resource exists but is not yet ready; returns the id of the event that says so."""

        def found():
            return [
                one['EventId']
                for one in self.events(name)
                if one['LogicalResourceId'] == logical_id
                and one.get('ResourceStatusReason') == 'Resource creation Initiated'
            ]

        until(found, 20, f'{logical_id} of {name} is being made')
        return found()[0]

    def saved(self, service: str, text: str) -> None:
        """Wait until the state on disk holds a text."""
        path = self.state_dir / 'records' / f'{service}.json'
        until(lambda: path.exists() and text in path.read_text(), 10, f'{text} is saved')

    def failures(self, name: str) -> list[tuple]:
        return [
            (one['LogicalResourceId'], one['ResourceStatus'], one.get('ResourceStatusReason', ''))
            for one in self.events(name)
            if one['ResourceStatus'].endswith('FAILED')
        ]


def until(true, seconds: float, what: str, every: float = 0.05) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, f'waited {seconds} s until {what}'
        time.sleep(every)


@pytest.fixture(scope='module')
def cloud(tmp_path_factory):
    state_dir = tmp_path_factory.mktemp('aws')
    running = Cloud(state_dir).start()
    yield running
    running.stop()
    shutil.rmtree(state_dir, ignore_errors=True)


def network() -> dict:
    """A VPC with two subnets and a security group, for what needs one."""
    return {
        'Vpc': {'Type': 'AWS::EC2::VPC', 'Properties': {'CidrBlock': '10.20.0.0/16'}},
        'SubnetA': {
            'Type': 'AWS::EC2::Subnet',
            'Properties': {'VpcId': {'Ref': 'Vpc'}, 'CidrBlock': '10.20.0.0/24', 'AvailabilityZone': f'{REGION}a'},
        },
        'SubnetB': {
            'Type': 'AWS::EC2::Subnet',
            'Properties': {'VpcId': {'Ref': 'Vpc'}, 'CidrBlock': '10.20.1.0/24', 'AvailabilityZone': f'{REGION}b'},
        },
        'Group': {
            'Type': 'AWS::EC2::SecurityGroup',
            'Properties': {'GroupDescription': 'for the test', 'VpcId': {'Ref': 'Vpc'}},
        },
    }


def ref(name: str) -> dict:
    return {'Ref': name}


def att(name: str, attribute: str) -> dict:
    return {'Fn::GetAtt': [name, attribute]}
