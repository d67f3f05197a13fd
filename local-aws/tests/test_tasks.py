"""Tasks that really run, tasks that cannot start and say why, services that become stable or fail."""

import pytest
from conftest import att, ref, until
from stacks_of import cluster, definition, files, service

SEED = (
    'id -u; for d in themes locale; do cp -Rn /var/panintelligence/Dashboard/tomcat/webapps/panMISDashboardResources/$d '
    '/pi-seed/; done; chown -R 0:0 /pi-seed; echo "seeded $GENERATION"'
)


def run(cloud, outputs, **overrides):
    answer = cloud.client('ecs').run_task(
        cluster=outputs['Cluster'],
        taskDefinition=outputs['Task'],
        launchType='FARGATE',
        networkConfiguration={
            'awsvpcConfiguration': {'subnets': [outputs['Subnet']], 'securityGroups': [outputs['Group']]}
        },
        overrides={'containerOverrides': [{'name': 'main', **overrides}]} if overrides else {},
    )
    arn = answer['tasks'][0]['taskArn']
    assert answer['tasks'][0]['lastStatus'] in ('PROVISIONING', 'PENDING')

    def task():
        return cloud.client('ecs').describe_tasks(cluster=outputs['Cluster'], tasks=[arn])['tasks'][0]

    until(lambda: task()['lastStatus'] == 'STOPPED', 20, 'the task ends')
    return task()


def log_of(cloud, outputs, task):
    stream = f'seed/main/{task["taskArn"].rsplit("/", 1)[-1]}'
    events = cloud.client('logs').get_log_events(logGroupName=outputs['Logs'], logStreamName=stream)['events']
    return [one['message'] for one in events]


OUTPUTS = {
    'Cluster': ref('Cluster'),
    'Task': ref('Task'),
    'Subnet': ref('SubnetA'),
    'Group': ref('Group'),
    'Logs': ref('Logs'),
    'Fs': ref('Files'),
    'Point': ref('Point'),
}


def test_a_seed_task_copies_from_its_image_into_the_file_system(cloud):
    task_definition = definition(
        'ghcr.io/pi-cr/server:2026_01', SEED, container={'Environment': [{'Name': 'GENERATION', 'Value': '1'}]}
    )
    outputs = cloud.deploy('seed', {**files(), **cluster(), 'Task': task_definition}, OUTPUTS)
    described = cloud.client('ecs').describe_task_definition(taskDefinition=outputs['Task'])['taskDefinition']
    volume = described['volumes'][0]['efsVolumeConfiguration']
    assert volume['fileSystemId'] == outputs['Fs'] and volume['authorizationConfig'] == {
        'accessPointId': outputs['Point'],
        'iam': 'ENABLED',
    }
    options = described['containerDefinitions'][0]['logConfiguration']['options']
    assert options['awslogs-stream-prefix'] == 'seed'
    task = run(cloud, outputs, environment=[{'name': 'GENERATION', 'value': '7'}])
    assert task['containers'][0]['exitCode'] == 0, log_of(cloud, outputs, task)
    assert (
        task['stopCode'] == 'EssentialContainerExited' and task['stoppedReason'] == 'Essential container in task exited'
    )
    assert log_of(cloud, outputs, task)[-1] == 'seeded 7'
    root = cloud.state_dir / 'efs' / outputs['Fs']
    assert (root / 'themes' / 'default' / 'theme.css').is_file() and (root / 'locale' / 'en.properties').is_file()
    detail = {one['name']: one['value'] for one in task['attachments'][0]['details']}
    assert detail['subnetId'] == outputs['Subnet'] and detail['privateIPv4Address'].startswith('10.20.0.')
    missing = run(cloud, outputs, command=['no-such-program-4711'])
    assert missing['containers'][0]['exitCode'] == 127
    failing = run(cloud, outputs, command=['echo wrong; exit 3'])
    assert failing['containers'][0]['exitCode'] == 3 and log_of(cloud, outputs, failing) == ['wrong']


def test_a_task_of_another_image_that_needs_a_database_says_that_nothing_was_executed(cloud):
    resources = {**files(), **cluster(), 'Task': definition('example.com/adminer:5', 'mariadb -h db -e "select 1"')}
    outputs = cloud.deploy('check', resources, OUTPUTS)
    task = run(cloud, outputs)
    assert task['containers'][0]['exitCode'] == 0
    assert 'no database engine' in log_of(cloud, outputs, task)[0]


def test_a_missing_root_directory_stops_the_task(cloud):
    outputs = cloud.deploy(
        'wrongpath', {**files('/gen/9'), **cluster(), 'Task': definition('server:1', 'true')}, OUTPUTS
    )
    task = run(cloud, outputs)
    assert task['stopCode'] == 'TaskFailedToStart'
    assert task['stoppedReason'].startswith('ResourceInitializationError: failed to invoke EFS utils')
    assert 'No such file or directory' in task['stoppedReason']


def test_a_secret_without_a_value_stops_the_task(cloud):
    resources = {**files(), **cluster(), 'Secret': {'Type': 'AWS::SecretsManager::Secret', 'Properties': {}}}
    resources['Task'] = definition(
        'server:1',
        'echo "$LICENCE"',
        container={
            'Secrets': [{'Name': 'LICENCE', 'ValueFrom': ref('Secret')}],
            'RepositoryCredentials': {'CredentialsParameter': ref('Secret')},
        },
    )
    outputs = cloud.deploy('secret', resources, {**OUTPUTS, 'Secret': ref('Secret')})
    task = run(cloud, outputs)
    assert 'AWSCURRENT' in task['stoppedReason'] and task['stoppedReason'].startswith('ResourceInitializationError')
    cloud.client('secretsmanager').put_secret_value(SecretId=outputs['Secret'], SecretString='one line')
    assert log_of(cloud, outputs, run(cloud, outputs)) == ['one line']


def balanced(resources):
    return {
        **resources,
        'Balancer': {
            'Type': 'AWS::ElasticLoadBalancingV2::LoadBalancer',
            'Properties': {'Subnets': [ref('SubnetA'), ref('SubnetB')], 'SecurityGroups': [ref('Group')]},
        },
        'Target': {
            'Type': 'AWS::ElasticLoadBalancingV2::TargetGroup',
            'Properties': {'Port': 8224, 'Protocol': 'HTTP', 'TargetType': 'ip', 'VpcId': ref('Vpc')},
        },
        'Listener': {
            'Type': 'AWS::ElasticLoadBalancingV2::Listener',
            'Properties': {
                'LoadBalancerArn': ref('Balancer'),
                'Port': 80,
                'Protocol': 'HTTP',
                'DefaultActions': [{'Type': 'forward', 'TargetGroupArn': ref('Target')}],
            },
        },
        'Namespace': {
            'Type': 'AWS::ServiceDiscovery::PrivateDnsNamespace',
            'Properties': {'Name': 'test.internal', 'Vpc': ref('Vpc')},
        },
        'Registry': {
            'Type': 'AWS::ServiceDiscovery::Service',
            'Properties': {
                'Name': 'dashboard',
                'NamespaceId': ref('Namespace'),
                'DnsConfig': {'DnsRecords': [{'Type': 'A', 'TTL': 10}]},
            },
        },
    }


def test_a_service_follows_its_desired_count_in_targets_and_names(cloud):
    task_definition = definition('server:1', 'true', container={'PortMappings': [{'ContainerPort': 8224}]})
    resources = balanced({**files(), **cluster(), 'Task': task_definition})
    resources['Service'] = {
        **service(
            LoadBalancers=[{'ContainerName': 'main', 'ContainerPort': 8224, 'TargetGroupArn': ref('Target')}],
            ServiceRegistries=[{'RegistryArn': att('Registry', 'Arn')}],
            HealthCheckGracePeriodSeconds=80,
            EnableExecuteCommand=True,
            PropagateTags='SERVICE',
        ),
        'DependsOn': 'Listener',
    }
    outputs = cloud.deploy(
        'service',
        resources,
        {
            **OUTPUTS,
            'Service': ref('Service'),
            'Name': att('Service', 'Name'),
            'Target': ref('Target'),
            'Full': att('Target', 'TargetGroupFullName'),
            'Balancer': att('Balancer', 'LoadBalancerFullName'),
            'Registry': att('Registry', 'Id'),
            'Zone': att('Balancer', 'CanonicalHostedZoneID'),
        },
    )
    ecs, elb, sd = cloud.client('ecs'), cloud.client('elbv2'), cloud.client('servicediscovery')
    assert outputs['Full'].startswith('targetgroup/') and outputs['Balancer'].startswith('app/')

    def live():
        found = ecs.describe_services(cluster=outputs['Cluster'], services=[outputs['Name']])['services'][0]
        health = elb.describe_target_health(TargetGroupArn=outputs['Target'])['TargetHealthDescriptions']
        names = sd.list_instances(ServiceId=outputs['Registry'])['Instances']
        return found, [one for one in health if one['TargetHealth']['State'] == 'healthy'], names

    found, healthy, names = live()
    assert (found['runningCount'], len(healthy), len(names)) == (1, 1, 1)
    assert (
        healthy[0]['Target']['Id'] == names[0]['Attributes']['AWS_INSTANCE_IPV4']
        and healthy[0]['Target']['Port'] == 8224
    )
    assert (
        found['healthCheckGracePeriodSeconds'] == 80
        and found['enableExecuteCommand']
        and found['deployments'][0]['rolloutState'] == 'COMPLETED'
    )
    assert any('reached a steady state' in one['message'] for one in found['events'])
    ecs.update_service(cluster=outputs['Cluster'], service=outputs['Name'], desiredCount=3)
    until(lambda: [len(one) for one in live()[1:]] == [3, 3], 10, 'three targets are healthy')
    ecs.update_service(cluster=outputs['Cluster'], service=outputs['Name'], desiredCount=0)
    until(lambda: live()[0]['runningCount'] == 0 and live()[1:] == ([], []), 10, 'nothing is left')

    resources['Service']['Properties']['DesiredCount'] = 2
    resources['Task']['Properties']['Cpu'] = '512'
    updated = cloud.deploy('service', resources, {'Task': ref('Task')})
    assert updated['Task'] != outputs['Task']
    found, healthy, _ = live()
    assert (found['runningCount'], len(healthy)) == (2, 2) and found['taskDefinition'] == updated['Task']
    assert cloud.delete('service') == 'DELETE_COMPLETE'


def test_a_service_whose_tasks_cannot_mount_fails_and_says_why(cloud):
    resources = {**files('/gen/9'), **cluster(), 'Task': definition('server:1', 'true'), 'Service': service()}
    cloud.deploy('broken', resources, expect='ROLLBACK_COMPLETE')
    reason = next(reason for name, _, reason in cloud.failures('broken') if name == 'Service')
    assert 'Circuit Breaker' in reason and 'No such file or directory' in reason


def test_a_flip_to_a_missing_directory_goes_back_to_the_old_tasks(cloud):
    resources = {
        **files('/gen/1'),
        **cluster(),
        'Task': definition('server:1', 'true'),
        'Service': service(DesiredCount=0),
    }
    outputs = cloud.deploy('flip', resources, {**OUTPUTS, 'Service': att('Service', 'Name')})
    (cloud.state_dir / 'efs' / outputs['Fs'] / 'gen' / '1').mkdir(parents=True)
    resources['Service']['Properties']['DesiredCount'] = 1
    cloud.deploy('flip', resources)
    resources['Point']['Properties']['RootDirectory']['Path'] = '/gen/2'
    cloud.deploy('flip', resources, expect='UPDATE_ROLLBACK_COMPLETE')
    found = cloud.client('ecs').describe_services(cluster=outputs['Cluster'], services=[outputs['Service']])[
        'services'
    ][0]
    assert found['runningCount'] == 1 and found['taskDefinition'] == outputs['Task']
    points = cloud.client('efs').describe_access_points(FileSystemId=outputs['Fs'])['AccessPoints']
    assert [one['RootDirectory']['Path'] for one in points] == ['/gen/1'], 'the new access point is removed again'


def running_service(cloud, stack, **more):
    resources = {**files(), **cluster(), 'Task': definition('server:1', 'true'), 'Service': service(**more)}
    outputs = cloud.deploy(stack, resources, {**OUTPUTS, 'Service': att('Service', 'Name'), 'Arn': ref('Service')})
    ecs = cloud.client('ecs')
    place = {'cluster': outputs['Cluster'], 'service': outputs['Service']}

    def found():
        return ecs.describe_services(cluster=place['cluster'], services=[place['service']])['services'][0]

    def deployments(**query):
        return ecs.list_service_deployments(**place, **query)['serviceDeployments']

    return ecs, place, found, deployments


def test_a_task_that_is_scaled_in_says_which_deployment_wanted_it_gone(cloud):
    ecs, place, found, _ = running_service(cloud, 'words')
    ecs.update_service(**place, desiredCount=0)
    until(lambda: found()['runningCount'] == 0, 10, 'nothing runs')
    arns = ecs.list_tasks(cluster=place['cluster'], serviceName=place['service'], desiredStatus='STOPPED')['taskArns']
    task = ecs.describe_tasks(cluster=place['cluster'], tasks=arns)['tasks'][0]
    primary = found()['deployments'][0]['id']
    assert task['stoppedReason'] == f'Scaling activity initiated by (deployment {primary})'
    assert task['stopCode'] == 'ServiceSchedulerInitiated'
    ecs.update_service(**place, desiredCount=1)
    until(lambda: found()['runningCount'] == 1, 10, 'one runs again')
    arn = ecs.list_tasks(cluster=place['cluster'], serviceName=place['service'])['taskArns'][0]
    stopped = ecs.stop_task(cluster=place['cluster'], task=arn, reason='by hand')['task']
    assert stopped['stoppedReason'] == 'by hand'
    until(lambda: found()['runningCount'] == 1, 10, 'another one runs in its place')
    assert ecs.list_tasks(cluster=place['cluster'], serviceName=place['service'])['taskArns'] not in ([], [arn])


def test_deployments_of_a_service_are_remembered(cloud):
    ecs, place, found, deployments = running_service(cloud, 'remembered')
    first = found()['deployments'][0]['id']
    assert [one['status'] for one in deployments()] == ['SUCCESSFUL']
    ecs.update_service(**place, forceNewDeployment=True)
    until(lambda: [one['status'] for one in deployments()] == ['SUCCESSFUL'] * 2, 10, 'the new one is done')
    assert found()['deployments'][0]['id'] != first
    assert deployments(status=['IN_PROGRESS']) == []
    described = ecs.describe_service_deployments(serviceDeploymentArns=[deployments()[0]['serviceDeploymentArn']])
    assert described['serviceDeployments'][0]['status'] == 'SUCCESSFUL'


def test_a_deployment_under_way_can_be_stopped_and_goes_back(cloud):
    ecs, place, found, deployments = running_service(cloud, 'stopped')
    first = found()['deployments'][0]['id']
    cloud.post('/_pi/pace', {'pace': 0.2})
    try:
        ecs.update_service(**place, forceNewDeployment=True)
        (running,) = deployments(status=['IN_PROGRESS'])
        ecs.stop_service_deployment(serviceDeploymentArn=running['serviceDeploymentArn'], stopType='ROLLBACK')
        until(lambda: deployments()[0]['status'] == 'ROLLBACK_SUCCESSFUL', 10, 'it went back')
    finally:
        cloud.post('/_pi/pace', {'pace': 0})
    until(lambda: found()['runningCount'] == 1, 10, 'the former task runs')
    assert [one['id'] for one in found()['deployments'] if one['status'] == 'PRIMARY'] == [first]
    with pytest.raises(ecs.exceptions.ConflictException):
        ecs.stop_service_deployment(serviceDeploymentArn=running['serviceDeploymentArn'], stopType='ROLLBACK')


def test_a_deployment_whose_tasks_do_not_start_goes_back(cloud):
    secret = {'Secret': {'Type': 'AWS::SecretsManager::Secret', 'Properties': {'SecretString': 'one'}}}
    container = {'Secrets': [{'Name': 'LICENCE', 'ValueFrom': ref('Secret')}]}
    resources = {**files(), **cluster(), **secret, 'Task': definition('server:1', 'true', container=container)}
    breaker = {'DeploymentCircuitBreaker': {'Enable': True, 'Rollback': True}}
    resources['Service'] = service(DeploymentConfiguration=breaker)
    outputs = cloud.deploy('back', resources, {**OUTPUTS, 'Service': att('Service', 'Name'), 'Secret': ref('Secret')})
    ecs = cloud.client('ecs')
    place = {'cluster': outputs['Cluster'], 'service': outputs['Service']}
    cloud.client('secretsmanager').delete_secret(SecretId=outputs['Secret'], ForceDeleteWithoutRecovery=True)
    ecs.update_service(**place, forceNewDeployment=True)

    def primary():
        found = ecs.describe_services(cluster=place['cluster'], services=[place['service']])['services'][0]
        return next(one for one in found['deployments'] if one['status'] == 'PRIMARY'), found

    def listed():
        return [one['status'] for one in ecs.list_service_deployments(**place)['serviceDeployments']]

    until(lambda: listed() == ['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL'], 10, f'it went back: {listed()} {primary()}')
    assert primary()[0]['rolloutState'] == 'COMPLETED' and primary()[1]['runningCount'] == 1
