"""Sessions of Systems Manager that forward a port: begun through a task that takes them, to a server that is real."""

import pytest
from botocore.exceptions import ClientError
from conftest import att, ref, until
from stacks_of import cluster, definition, files, service

from pi_local_aws.rds import programs

DOCUMENT = 'AWS-StartPortForwardingSessionToRemoteHost'


def test_a_session_names_the_server_and_ends_once(cloud, target):
    host, port = _database(cloud, 'real', 'mariadb')
    ssm = cloud.client('ssm')
    if not programs.available():
        pytest.skip('no mariadbd')
    session = ssm.start_session(Target=target, DocumentName=DOCUMENT, Parameters=_to(host, port))
    assert session['StreamUrl'] == f'tcp://{host}:{port}' and len(session['TokenValue']) > 100
    (active,) = ssm.describe_sessions(State='Active')['Sessions']
    assert (active['SessionId'], active['Target']) == (session['SessionId'], target)
    ssm.terminate_session(SessionId=session['SessionId'])
    assert ssm.describe_sessions(State='Active')['Sessions'] == []
    assert [one['Status'] for one in ssm.describe_sessions(State='History')['Sessions']] == ['Terminated']
    with pytest.raises(ClientError, match='DoesNotExist'):
        ssm.terminate_session(SessionId='nobody')


def test_a_session_needs_a_task_a_document_and_a_server(cloud, target):
    ssm = cloud.client('ssm')
    host, port = _database(cloud, 'record', 'mysql')

    def refused(words, **more):
        asked = {'Target': target, 'DocumentName': DOCUMENT, 'Parameters': _to(host, port), **more}
        with pytest.raises(ClientError, match=words):
            ssm.start_session(**asked)

    refused('is a record only')
    refused('Nothing listens at nowhere:1', Parameters=_to('nowhere', 1))
    refused('is not connected', Target='i-0123456789abcdef0')
    refused('is not connected', Target=target[:-1] + 'x')
    refused('InvalidDocument', DocumentName='AWS-StartSSHSession')


@pytest.fixture(scope='module')
def target(cloud):
    """A container of a service whose tasks take sessions."""
    resources = {
        **files(),
        **cluster(),
        'Task': definition('server:1', 'true'),
        'Service': service(EnableExecuteCommand=True),
    }
    outputs = cloud.deploy('open', resources, {'Cluster': ref('Cluster'), 'Service': att('Service', 'Name')})
    ecs = cloud.client('ecs')
    name = outputs['Cluster']

    def tasks():
        arns = ecs.list_tasks(cluster=name, serviceName=outputs['Service'])['taskArns']
        found = ecs.describe_tasks(cluster=name, tasks=arns)['tasks'] if arns else []
        return [one for one in found if one['lastStatus'] == 'RUNNING']

    until(lambda: tasks() != [], 20, 'a task runs')
    task = tasks()[0]
    return f'ecs:{name}_{task["taskArn"].rsplit("/", 1)[-1]}_{task["containers"][0]["runtimeId"]}'


def _to(host, port):
    return {'host': [host], 'portNumber': [str(port)], 'localPortNumber': ['13306']}


def _database(cloud, name, engine):
    rds = cloud.client('rds')
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        Engine=engine,
        DBInstanceClass='db.t3.medium',
        AllocatedStorage=20,
        MasterUsername='pi_master',
        MasterUserPassword='secret-secret',
    )
    found = rds.describe_db_instances(DBInstanceIdentifier=name)['DBInstances'][0]
    return found['Endpoint']['Address'], found['Endpoint']['Port']
