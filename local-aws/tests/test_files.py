"""File systems are directories: functions mount them, access points point into them, deleting removes them."""

import json

from conftest import att, ref
from stacks_of import archive, files, function, role

HANDLER = """
const fs = require('fs')
exports.handler = async (event) => {
  fs.mkdirSync(process.env.WORK, {recursive: true})
  fs.writeFileSync(process.env.FILES_ROOT + '/' + event.name, event.text)
  console.log('wrote', event.name)
  return {root: process.env.FILES_ROOT, endpoint: process.env.AWS_ENDPOINT_URL, node: process.version}
}
"""


def bucket_with_code(cloud, name):
    s3 = cloud.client('s3')
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    s3.put_object(Bucket=name, Key='code.zip', Body=archive(HANDLER))


def invoke(cloud, name, event):
    answer = cloud.client('lambda').invoke(FunctionName=name, Payload=json.dumps(event))
    assert 'FunctionError' not in answer, answer['Payload'].read()
    return json.load(answer['Payload'])


def test_a_function_writes_into_the_real_directory(cloud):
    bucket_with_code(cloud, 'code-one')
    resources = {**files(), 'Role': role(), 'Function': function('code-one', 'code.zip')}
    outputs = cloud.deploy(
        'files',
        resources,
        {
            'Function': ref('Function'),
            'Arn': att('Function', 'Arn'),
            'Fs': ref('Files'),
            'FsArn': att('Files', 'Arn'),
            'Point': ref('Point'),
            'PointArn': att('Point', 'Arn'),
        },
    )
    assert outputs['FsArn'].endswith(outputs['Fs']) and outputs['PointArn'].endswith(outputs['Point'])
    answer = invoke(cloud, outputs['Function'], {'name': 'a b.txt', 'text': 'hello'})
    root = cloud.state_dir / 'efs' / outputs['Fs']
    assert answer['root'] == str(root) and answer['endpoint'] == cloud.endpoint
    assert (root / 'a b.txt').read_text() == 'hello' and (root / 'work').is_dir()
    system = cloud.client('efs').describe_file_systems(FileSystemId=outputs['Fs'])['FileSystems'][0]
    assert system['SizeInBytes']['Value'] == 5
    config = cloud.client('lambda').get_function_configuration(FunctionName=outputs['Function'])
    assert config['FileSystemConfigs'][0]['LocalMountPath'] == '/mnt/files'
    assert config['VpcConfig']['SubnetIds'] and config['Environment']['Variables']['FILES_ROOT'] == '/mnt/files'
    enis = cloud.client('ec2').describe_network_interfaces(
        Filters=[{'Name': 'description', 'Values': ['AWS Lambda VPC ENI*']}]
    )
    assert any(outputs['Function'] in one['Description'] for one in enis['NetworkInterfaces'])
    assert cloud.delete('files') == 'DELETE_COMPLETE'
    assert not root.exists(), 'a deleted file system takes its files with it'


def test_a_missing_root_directory_stops_the_invocation_until_it_is_made(cloud):
    bucket_with_code(cloud, 'code-two')
    resources = {**files('/gen/1'), 'Role': role(), 'Function': function('code-two', 'code.zip')}
    outputs = cloud.deploy('missing', resources, {'Function': ref('Function'), 'Fs': ref('Files')})
    client = cloud.client('lambda')
    try:
        client.invoke(FunctionName=outputs['Function'], Payload=b'{}')
        raise AssertionError('the mount must fail')
    except client.exceptions.EFSMountFailureException as error:
        assert 'No such file or directory' in str(error)
    generation = cloud.state_dir / 'efs' / outputs['Fs'] / 'gen' / '1'
    generation.mkdir(parents=True)
    assert invoke(cloud, outputs['Function'], {'name': 'x', 'text': 'y'})['root'] == str(generation)


def test_creation_info_makes_the_root_directory(cloud):
    bucket_with_code(cloud, 'code-three')
    creation = {'OwnerUid': '1000', 'OwnerGid': '1000', 'Permissions': '0750'}
    resources = {**files('/made', creation), 'Role': role(), 'Function': function('code-three', 'code.zip')}
    outputs = cloud.deploy('made', resources, {'Function': ref('Function'), 'Fs': ref('Files')})
    invoke(cloud, outputs['Function'], {'name': 'x', 'text': 'y'})
    made = cloud.state_dir / 'efs' / outputs['Fs'] / 'made'
    assert made.stat().st_mode & 0o777 == 0o750 and (made / 'x').is_file()


def test_code_that_s3_does_not_hold_fails_the_creation(cloud):
    cloud.client('s3').create_bucket(Bucket='code-none', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
    cloud.deploy(
        'nocode', {**files(), 'Role': role(), 'Function': function('code-none', 'no.zip')}, expect='ROLLBACK_COMPLETE'
    )
    assert any('NoSuchKey' in reason for name, _, reason in cloud.failures('nocode') if name == 'Function')
    assert not [one for one in cloud.client('lambda').list_functions()['Functions'] if 'nocode' in one['FunctionName']]


def test_new_code_environment_and_concurrency_reach_the_function(cloud):
    bucket_with_code(cloud, 'code-four')
    resources = {
        **files(),
        'Role': role(),
        'Function': function('code-four', 'code.zip', ReservedConcurrentExecutions=2),
    }
    outputs = cloud.deploy('update', resources, {'Function': ref('Function')})
    cloud.client('s3').put_object(
        Bucket='code-four', Key='two.zip', Body=archive('exports.handler = async () => process.env.EXTRA')
    )
    resources['Function']['Properties']['Code']['S3Key'] = 'two.zip'
    resources['Function']['Properties']['Environment']['Variables']['EXTRA'] = 'seen'
    assert cloud.deploy('update', resources, {'Function': ref('Function')}) == outputs, 'the function is kept'
    assert invoke(cloud, outputs['Function'], {}) == 'seen'
    assert (
        cloud.client('lambda').get_function(FunctionName=outputs['Function'])['Concurrency'][
            'ReservedConcurrentExecutions'
        ]
        == 2
    )
