"""The check task of the shipped database template, executed against the database of its generation."""

from pathlib import Path

import pymysql
import pytest
from conftest import ROOT, att, network, ref, until
from test_engine import pytestmark, sql  # noqa: F401  (skips where MariaDB is not installed)

TEMPLATE = ROOT.parent / 'templates' / 'database.yaml'


@pytest.fixture(scope='module')
def parents(cloud):
    resources = {
        **network(),
        'Key': {'Type': 'AWS::KMS::Key', 'Properties': {'KeyPolicy': {}}},
        'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {}},
        'Cluster': {'Type': 'AWS::ECS::Cluster', 'Properties': {}},
    }
    outputs = {name: ref(name) for name in ('SubnetA', 'SubnetB', 'Group', 'Topic', 'Cluster')}
    return cloud.deploy('parents', resources, {**outputs, 'Key': att('Key', 'Arn')})


def generation(cloud, parents, number: int, **more) -> dict:
    values = {
        'EnvironmentName': 'demo',
        'KeyArn': parents['Key'],
        'DataSubnetIds': f'{parents["SubnetA"]},{parents["SubnetB"]}',
        'DatabaseSecurityGroupId': parents['Group'],
        'AlarmTopicArn': parents['Topic'],
        'Generation': str(number),
        'DeletionProtection': 'false',
        **more,
    }
    cfn, name = cloud.client('cloudformation'), f'database-{number}'
    cfn.create_stack(
        StackName=name,
        TemplateBody=Path(TEMPLATE).read_text(encoding='utf-8'),
        Parameters=[{'ParameterKey': key, 'ParameterValue': value} for key, value in values.items()],
        Capabilities=['CAPABILITY_IAM'],
    )
    assert cloud.settled(name) == 'CREATE_COMPLETE', cloud.failures(name)
    stack = cfn.describe_stacks(StackName=name)['Stacks'][0]
    return {one['OutputKey']: one['OutputValue'] for one in stack['Outputs']}


def check(cloud, parents, outputs) -> tuple[int, list[str]]:
    ecs = cloud.client('ecs')
    network_of = {'awsvpcConfiguration': {'subnets': [parents['SubnetA']], 'securityGroups': [parents['Group']]}}
    arn = ecs.run_task(
        cluster=parents['Cluster'],
        taskDefinition=outputs['CheckTaskDefinitionArn'],
        launchType='FARGATE',
        networkConfiguration=network_of,
    )['tasks'][0]['taskArn']

    def task():
        return ecs.describe_tasks(cluster=parents['Cluster'], tasks=[arn])['tasks'][0]

    until(lambda: task()['lastStatus'] == 'STOPPED', 30, 'the check ends')
    stream = f'check/check/{arn.rsplit("/", 1)[-1]}'
    events = cloud.client('logs').get_log_events(logGroupName=outputs['CheckLogGroup'], logStreamName=stream)['events']
    return task()['containers'][0]['exitCode'], [one['message'] for one in events]


def credentials(cloud, arn: str) -> dict:
    import json

    return json.loads(cloud.client('secretsmanager').get_secret_value(SecretId=arn)['SecretString'])


def place(outputs) -> dict:
    return {'Endpoint': {'Address': outputs['DatabaseEndpoint'], 'Port': int(outputs['DatabasePort'])}}


def as_user(cloud, outputs, secret: str, *statements, **more):
    found = credentials(cloud, outputs[secret])
    connection = pymysql.connect(
        host=outputs['DatabaseEndpoint'],
        port=int(outputs['DatabasePort']),
        user=found['username'],
        password=found['password'],
        autocommit=True,
        **more,
    )
    with connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one)
        rows = list(cursor.fetchall())
    connection.close()
    return rows


def test_the_check_makes_the_platforms_user_and_a_restored_generation_gets_its_own_password(cloud, parents):
    first = generation(cloud, parents, 1)
    with pytest.raises(pymysql.err.OperationalError, match='Access denied'):
        as_user(cloud, first, 'DatabaseSecretArn', 'SELECT 1')
    for _ in range(2):
        code, lines = check(cloud, parents, first)
        assert (code, lines[-1]) == (0, 'check: ok'), lines
    assert any('lower_case_table_names=1' in line and '10.11' in line for line in lines), lines
    as_user(
        cloud,
        first,
        'DatabaseSecretArn',
        'CREATE TABLE dashboard.t (id INT) ENGINE=InnoDB',
        'INSERT INTO dashboard.t VALUES (4)',
    )
    with pytest.raises(pymysql.err.OperationalError, match='denied'):
        as_user(cloud, first, 'DatabaseSecretArn', 'CREATE DATABASE other')
    rds = cloud.client('rds')
    rds.create_db_snapshot(DBSnapshotIdentifier='set', DBInstanceIdentifier=first['DatabaseIdentifier'])
    second = generation(cloud, parents, 2, SnapshotIdentifier='set')
    with pytest.raises(pymysql.err.OperationalError, match='Access denied'):
        as_user(cloud, second, 'DatabaseSecretArn', 'SELECT 1')
    assert as_user(cloud, second, 'DatabaseMasterSecretArn', 'SELECT id FROM dashboard.t') == [(4,)]
    code, lines = check(cloud, parents, second)
    assert (code, lines[-2:]) == (0, ['check: tables=1', 'check: ok']), lines
    assert as_user(cloud, second, 'DatabaseSecretArn', 'SELECT id FROM dashboard.t') == [(4,)]
    assert place(first) != place(second)
    secrets = [
        credentials(cloud, one[key])['password']
        for one in (first, second)
        for key in ('DatabaseSecretArn', 'DatabaseMasterSecretArn')
    ]
    assert not [line for line in lines if any(one in line for one in secrets)], 'no secret is logged'


def test_a_check_that_cannot_reach_its_database_fails(cloud, parents):
    outputs = generation(cloud, parents, 3)
    cloud.client('rds').stop_db_instance(DBInstanceIdentifier=outputs['DatabaseIdentifier'])
    code, lines = check(cloud, parents, outputs)
    assert code == 1 and any("Can't connect" in line for line in lines) and 'check: ok' not in lines


def test_a_database_that_insists_on_tls_is_reached_by_tls_only(cloud, parents):
    outputs = generation(cloud, parents, 4, RequireSecureTransport='1')
    with pytest.raises(pymysql.err.OperationalError, match='insecure transport|Access denied'):
        as_user(cloud, outputs, 'DatabaseMasterSecretArn', 'SELECT 1', ssl_disabled=True)
    assert as_user(cloud, outputs, 'DatabaseMasterSecretArn', 'SELECT 1') == [(1,)], 'the same password over TLS'
    code, lines = check(cloud, parents, outputs)
    assert (code, lines[-1]) == (0, 'check: ok'), lines
