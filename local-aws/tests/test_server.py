"""The process: who it is, where it listens, how fast it is, and what is left after it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from conftest import ROOT, Cloud, att, ref, until
from stacks_of import cluster, definition, files, service


def listening(pid: int) -> set[str]:
    """The addresses of a process's listening sockets, from the kernel's tables."""
    inodes = set()
    for name in os.listdir(f'/proc/{pid}/fd'):
        try:
            target = os.readlink(f'/proc/{pid}/fd/{name}')
        except OSError:
            continue
        if target.startswith('socket:['):
            inodes.add(target[8:-1])
    found = set()
    for table in ('tcp', 'tcp6'):
        with open(f'/proc/{pid}/net/{table}', encoding='ascii') as lines:
            for line in list(lines)[1:]:
                field = line.split()
                if field[3] == '0A' and field[9] in inodes:
                    found.add(field[1].split(':')[0])
    return found


def test_it_says_who_it_is(cloud):
    health = cloud.get('/_pi/health')
    assert health['service'] == 'pi-aws-local' and health['instanceId'] == 'test' and health['ministack'] == '1.5.33'
    assert health['pid'] == cloud.process.pid and health['pace'] == 0 and health['accountId'] == '000000000000'
    assert cloud.client('sts').get_caller_identity()['Account'] == '000000000000'


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='reads /proc')
def test_only_loopback_listens_also_after_every_kind_of_service_was_used(cloud):
    cloud.client('iot').list_things()
    cloud.client('transfer').list_servers()
    resources = {**files(), **cluster(), 'Task': definition('server:1', 'true'), 'Service': service()}
    cloud.deploy('listen', resources)
    assert listening(cloud.process.pid) == {'0100007F'}


def test_unknown_routes_and_bad_bodies_are_told(cloud):
    for path, body, code in (
        ('/_pi/nothing', {}, 404),
        ('/_pi/pace', {'pace': -1}, 400),
        ('/_pi/faults', {'type': ''}, 400),
        ('/_pi/pace', {}, 400),
    ):
        with pytest.raises(OSError, match=str(code)):
            cloud.post(path, body)


def test_a_taken_port_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, '-m', 'pi_local_aws', '--port', str(taken.getsockname()[1]), '--state-dir', str(tmp_path)],
            env={**os.environ, 'PYTHONPATH': str(ROOT)},
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert done.returncode == 1 and 'cannot listen' in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_a_state_folder_serves_one_process(cloud):
    done = subprocess.run(
        [sys.executable, '-m', 'pi_local_aws', '--port', '1', '--state-dir', str(cloud.state_dir)],
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1 and 'in use by another' in done.stderr
    assert cloud.get('/_pi/health')['instanceId'] == 'test'


def test_pace_takes_the_longest_chain_and_not_the_sum_and_the_server_answers_meanwhile(cloud):
    table = cloud.get('/_pi/pace')['durations']
    assert table['AWS::EC2::NatGateway'][0] == 110 and table['AWS::RDS::DBInstance'][0] == 480
    chain = table['AWS::SQS::Queue'][0] + table['AWS::SNS::Topic'][0]
    resources = {f'Queue{n}': {'Type': 'AWS::SQS::Queue', 'Properties': {}} for n in range(5)}
    resources['Topic'] = {'Type': 'AWS::SNS::Topic', 'DependsOn': 'Queue0', 'Properties': {}}
    cloud.post('/_pi/pace', {'pace': 0.01})
    try:
        began, slowest = time.monotonic(), 0.0
        cloud.client('cloudformation').create_stack(
            StackName='paced', TemplateBody=json.dumps({'Resources': resources})
        )
        while cloud.status('paced').endswith('IN_PROGRESS'):
            asked = time.monotonic()
            cloud.get('/_pi/health')
            slowest = max(slowest, time.monotonic() - asked)
            time.sleep(0.02)
        took = time.monotonic() - began
    finally:
        cloud.post('/_pi/pace', {'pace': 0})
    assert chain * 0.01 <= took < chain * 0.01 * 2, f'{took} for a chain of {chain}'
    assert slowest < 0.3, 'the wait must not hold the server'
    initiated = [
        one for one in cloud.events('paced') if one.get('ResourceStatusReason') == 'Resource creation Initiated'
    ]
    assert len(initiated) == 6 and all(one['PhysicalResourceId'] for one in initiated)


@pytest.mark.parametrize('how', [signal.SIGTERM, signal.SIGKILL])
def test_everything_is_there_after_a_restart(tmp_path, how):
    cloud = Cloud(tmp_path).start()
    resources = {
        **files(),
        **cluster(),
        'Task': definition('server:1', 'true'),
        'Service': service(),
        'Address': {'Type': 'AWS::EC2::EIP', 'Properties': {}},
        'Nat': {
            'Type': 'AWS::EC2::NatGateway',
            'Properties': {'SubnetId': ref('SubnetA'), 'AllocationId': att('Address', 'AllocationId')},
        },
        'Query': {
            'Type': 'AWS::Logs::QueryDefinition',
            'Properties': {'Name': 'errors', 'QueryString': 'fields @message', 'LogGroupNames': [ref('Logs')]},
        },
        'Bucket': {
            'Type': 'AWS::S3::Bucket',
            'Properties': {'BucketName': 'lasting', 'VersioningConfiguration': {'Status': 'Enabled'}},
        },
        'Scalable': {
            'Type': 'AWS::ApplicationAutoScaling::ScalableTarget',
            'Properties': {
                'ServiceNamespace': 'ecs',
                'ScalableDimension': 'ecs:service:DesiredCount',
                'MinCapacity': 1,
                'MaxCapacity': 4,
                'ResourceId': {'Fn::Sub': ['service/${Cluster}/${Name}', {'Name': att('Service', 'Name')}]},
            },
        },
    }
    try:
        outputs = cloud.deploy(
            'lasting',
            resources,
            {'Fs': ref('Files'), 'Cluster': ref('Cluster'), 'Name': att('Service', 'Name'), 'Ip': ref('Address')},
        )
        cloud.client('s3').put_object(Bucket='lasting', Key='a +é', Body=b'content')
        cloud.client('cloudformation').set_stack_policy(StackName='lasting', StackPolicyBody='{"Statement":[]}')
        (tmp_path / 'efs' / outputs['Fs'] / 'file').write_text('kept')
        if how == signal.SIGKILL:
            cloud.saved('s3', 'lasting')
            cloud.saved('cloudformation', '{\\"Statement\\":[]}')
            cloud.saved('ecs', 'reached a steady state')
        cloud.stop(how)
        cloud.start()
        assert cloud.status('lasting') == 'CREATE_COMPLETE'
        assert cloud.client('s3').get_object(Bucket='lasting', Key='a +é')['Body'].read() == b'content'
        assert cloud.client('s3').get_bucket_versioning(Bucket='lasting')['Status'] == 'Enabled'
        assert (
            cloud.client('cloudformation').get_stack_policy(StackName='lasting')['StackPolicyBody']
            == '{"Statement":[]}'
        )
        assert (
            cloud.client('ec2').describe_nat_gateways()['NatGateways'][0]['NatGatewayAddresses'][0]['PublicIp']
            == outputs['Ip']
        )
        assert cloud.client('logs').describe_query_definitions()['queryDefinitions'][0]['name'] == 'errors'
        assert (
            cloud.client('application-autoscaling').describe_scalable_targets(ServiceNamespace='ecs')[
                'ScalableTargets'
            ][0]['MaxCapacity']
            == 4
        )
        found = cloud.client('ecs').describe_services(cluster=outputs['Cluster'], services=[outputs['Name']])[
            'services'
        ][0]
        tasks = cloud.client('ecs').list_tasks(cluster=outputs['Cluster'])['taskArns']
        assert found['runningCount'] == 1 and len(tasks) == 1
        assert (tmp_path / 'efs' / outputs['Fs'] / 'file').read_text() == 'kept'
        assert cloud.delete('lasting') == 'DELETE_FAILED', 'the bucket holds an object'
    finally:
        cloud.stop()


def test_a_save_that_a_kill_interrupts_is_there_whole_or_not_at_all(tmp_path):
    """The files that a kill leaves, at each of its moments: written in part, all written, one of two in its place."""
    cloud = Cloud(tmp_path).start()
    records = tmp_path / 'records'
    names = ['sns.json', 'sqs.json']
    made = lambda: (
        len(cloud.client('sqs').list_queues().get('QueueUrls', [])),
        len(cloud.client('sns').list_topics()['Topics']),
    )
    try:
        cloud.client('sns').create_topic(Name='first')
        cloud.client('sqs').create_queue(QueueName='first')
        cloud.stop()
        before = {name: (records / name).read_bytes() for name in names}
        cloud.start()
        cloud.client('sns').create_topic(Name='second')
        cloud.client('sqs').create_queue(QueueName='second')
        cloud.stop()
        after = {name: (records / name).read_bytes() for name in names}
        assert not list(records.glob('*.saving')) and not (records / 'whole.list').exists()
        for in_place, beside, is_whole, expected in (
            ([], names[:1], False, (1, 1)),
            ([], names, False, (1, 1)),
            ([], names, True, (2, 2)),
            (names[:1], names[1:], True, (2, 2)),
            (names, [], True, (2, 2)),
        ):
            for name in names:
                (records / name).write_bytes((after if name in in_place else before)[name])
            for name in beside:
                (records / f'{name}.saving').write_bytes(after[name])
            if is_whole:
                (records / 'whole.list').write_text(json.dumps(names))
            cloud.start()
            assert not list(records.glob('*.saving')) and not (records / 'whole.list').exists()
            assert made() == expected, f'{beside} beside, {in_place} in place, whole {is_whole}'
            cloud.stop(signal.SIGKILL)
        for name in names:
            (records / name).write_bytes(before[name])
        (records / 'sqs.json.saving').write_bytes(after['sqs.json'])
        (records / 'whole.list').write_text('["sqs.js')
        cloud.start()
        assert made() == (1, 1), 'a list that is torn is none'
    finally:
        cloud.stop()


def test_operations_that_a_kill_interrupts_are_brought_to_an_end(tmp_path):
    cloud = Cloud(tmp_path).start()
    slow = {f'Queue{n}': {'Type': 'AWS::SQS::Queue', 'Properties': {'QueueName': f'q{n}'}} for n in range(3)}
    slow['Queue1']['DependsOn'], slow['Queue2']['DependsOn'] = 'Queue0', 'Queue1'
    topic = {'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {}}}
    body = lambda resources: json.dumps({'Resources': resources})
    try:
        cloud.deploy('updating', topic)
        cloud.deploy('deleting', topic)
        cloud.post('/_pi/pace', {'pace': 0.03})
        cfn = cloud.client('cloudformation')
        deleted = cfn.describe_stacks(StackName='deleting')['Stacks'][0]['StackId']
        cfn.create_stack(StackName='creating', TemplateBody=body(slow))
        cfn.update_stack(
            StackName='updating',
            TemplateBody=body(
                {
                    **topic,
                    **{
                        f'U{n}': {
                            **one,
                            'Properties': {'QueueName': f'u{n}'},
                            **({'DependsOn': f'U{n - 1}'} if n else {}),
                        }
                        for n, one in enumerate(slow.values())
                    },
                }
            ),
        )
        cfn.delete_stack(StackName=deleted)
        for name, queue in (('creating', 'Queue1'), ('updating', 'U1')):
            cloud.saved('cloudformation', cloud.initiated(name, queue))
        cloud.stop(signal.SIGKILL)
        cloud.start()
        assert cloud.settled('creating') == 'ROLLBACK_COMPLETE'
        assert cloud.settled('updating') == 'UPDATE_ROLLBACK_COMPLETE'
        assert cloud.settled(deleted) == 'DELETE_COMPLETE'
        until(lambda: not cloud.client('sqs').list_queues().get('QueueUrls'), 5, 'no queue is left')
        assert len(cloud.client('sns').list_topics()['Topics']) == 1
    finally:
        cloud.stop()


def test_a_kill_in_the_middle_of_a_nested_update_brings_the_tree_back(tmp_path):
    cloud = Cloud(tmp_path).start()
    try:
        s3 = cloud.client('s3')
        s3.create_bucket(Bucket='trees', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})

        def tree(key, resources):
            s3.put_object(Bucket='trees', Key=key, Body=json.dumps({'Resources': resources}))
            return {
                'Child': {
                    'Type': 'AWS::CloudFormation::Stack',
                    'Properties': {'TemplateURL': f'{cloud.endpoint}/trees/{key}'},
                }
            }

        queue = {'Type': 'AWS::SQS::Queue', 'Properties': {'QueueName': 'first', 'DelaySeconds': 1}}
        cloud.deploy('tree', tree('one', {'A': queue}))
        cloud.post('/_pi/pace', {'pace': 0.03})
        changed = {
            'A': {**queue, 'Properties': {'QueueName': 'first', 'DelaySeconds': 7}},
            'B': {'Type': 'AWS::SQS::Queue', 'DependsOn': 'A', 'Properties': {'QueueName': 'second'}},
            'C': {'Type': 'AWS::SQS::Queue', 'DependsOn': 'B', 'Properties': {'QueueName': 'third'}},
        }
        cloud.client('cloudformation').update_stack(
            StackName='tree', TemplateBody=json.dumps({'Resources': tree('two', changed)})
        )
        tree_id = cloud.client('cloudformation').describe_stack_resource(StackName='tree', LogicalResourceId='Child')
        cloud.saved('cloudformation', cloud.initiated(tree_id['StackResourceDetail']['PhysicalResourceId'], 'B'))
        cloud.stop(signal.SIGKILL)
        cloud.start()
        assert cloud.settled('tree') == 'UPDATE_ROLLBACK_COMPLETE'
        urls = cloud.client('sqs').list_queues()['QueueUrls']
        assert [one.rsplit('/', 1)[-1] for one in urls] == ['first']
        delay = cloud.client('sqs').get_queue_attributes(QueueUrl=urls[0], AttributeNames=['DelaySeconds'])[
            'Attributes'
        ]
        assert delay['DelaySeconds'] == '1'
        assert {one['StackStatus'] for one in cloud.client('cloudformation').describe_stacks()['Stacks']} == {
            'UPDATE_ROLLBACK_COMPLETE'
        }
    finally:
        cloud.stop()
