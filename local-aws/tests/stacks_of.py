"""Building blocks of the test stacks: a file system that can be mounted, functions, clusters, services."""

import io
import json
import zipfile

from conftest import REGION, att, network, ref

TRUST = {
    'Version': '2012-10-17',
    'Statement': [
        {
            'Effect': 'Allow',
            'Principal': {'Service': ['lambda.amazonaws.com', 'ecs-tasks.amazonaws.com']},
            'Action': 'sts:AssumeRole',
        }
    ],
}


def role() -> dict:
    return {'Type': 'AWS::IAM::Role', 'Properties': {'AssumeRolePolicyDocument': TRUST}}


def files(path: str = '/', creation: dict | None = None) -> dict:
    """A file system with mount targets and one access point at ``path``."""
    directory = {'Path': path, **({'CreationInfo': creation} if creation else {})}
    return {
        **network(),
        'Files': {'Type': 'AWS::EFS::FileSystem', 'Properties': {'Encrypted': True}},
        'MountA': {
            'Type': 'AWS::EFS::MountTarget',
            'Properties': {'FileSystemId': ref('Files'), 'SubnetId': ref('SubnetA'), 'SecurityGroups': [ref('Group')]},
        },
        'Point': {
            'Type': 'AWS::EFS::AccessPoint',
            'Properties': {'FileSystemId': ref('Files'), 'RootDirectory': directory},
        },
    }


def archive(source: str, name: str = 'index.js') -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, 'w') as file:
        file.writestr(name, source)
    return body.getvalue()


def function(bucket: str, key: str, **more) -> dict:
    return {
        'Type': 'AWS::Lambda::Function',
        'DependsOn': 'MountA',
        'Properties': {
            'Runtime': 'nodejs22.x',
            'Handler': 'index.handler',
            'Role': att('Role', 'Arn'),
            'Timeout': 20,
            'Code': {'S3Bucket': bucket, 'S3Key': key},
            'VpcConfig': {'SubnetIds': [ref('SubnetA')], 'SecurityGroupIds': [ref('Group')]},
            'FileSystemConfigs': [{'Arn': att('Point', 'Arn'), 'LocalMountPath': '/mnt/files'}],
            'Environment': {'Variables': {'FILES_ROOT': '/mnt/files', 'WORK': '/mnt/files/work'}},
            **more,
        },
    }


def definition(image: str, command: str, **more) -> dict:
    """A Fargate task definition with one container that runs a shell script, the file system at /pi-seed."""
    container = {
        'Name': 'main',
        'Image': image,
        'EntryPoint': ['sh', '-c'],
        'Command': [command],
        'MountPoints': [{'SourceVolume': 'files', 'ContainerPath': '/pi-seed'}],
        'LogConfiguration': {
            'LogDriver': 'awslogs',
            'Options': {'awslogs-group': ref('Logs'), 'awslogs-region': REGION, 'awslogs-stream-prefix': 'seed'},
        },
        **more.pop('container', {}),
    }
    return {
        'Type': 'AWS::ECS::TaskDefinition',
        'DependsOn': 'MountA',
        'Properties': {
            'RequiresCompatibilities': ['FARGATE'],
            'NetworkMode': 'awsvpc',
            'Cpu': '256',
            'Memory': '512',
            'ExecutionRoleArn': att('Role', 'Arn'),
            'ContainerDefinitions': [container],
            'Volumes': [
                {
                    'Name': 'files',
                    'EFSVolumeConfiguration': {
                        'FilesystemId': ref('Files'),
                        'TransitEncryption': 'ENABLED',
                        'AuthorizationConfig': {'AccessPointId': ref('Point'), 'IAM': 'ENABLED'},
                    },
                }
            ],
            **more,
        },
    }


def cluster() -> dict:
    return {
        'Role': role(),
        'Logs': {'Type': 'AWS::Logs::LogGroup', 'Properties': {'RetentionInDays': 7}},
        'Cluster': {
            'Type': 'AWS::ECS::Cluster',
            'Properties': {'ClusterSettings': [{'Name': 'containerInsights', 'Value': 'enabled'}]},
        },
    }


def service(**more) -> dict:
    return {
        'Type': 'AWS::ECS::Service',
        'Properties': {
            'Cluster': ref('Cluster'),
            'TaskDefinition': ref('Task'),
            'DesiredCount': 1,
            'CapacityProviderStrategy': [{'CapacityProvider': 'FARGATE', 'Weight': 1}],
            'DeploymentConfiguration': {
                'DeploymentCircuitBreaker': {'Enable': True, 'Rollback': True},
                'MinimumHealthyPercent': 100,
                'MaximumPercent': 200,
            },
            'NetworkConfiguration': {
                'AwsvpcConfiguration': {
                    'Subnets': [ref('SubnetA'), ref('SubnetB')],
                    'SecurityGroups': [ref('Group')],
                    'AssignPublicIp': 'DISABLED',
                }
            },
            **more,
        },
    }


def text(value) -> str:
    return json.dumps(value)
