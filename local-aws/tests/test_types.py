"""The other resource types: each made by a stack, seen by its service, changed and removed."""

import json

import pytest
from conftest import REGION, att, network, ref, until
from stacks_of import archive, files, role


def test_a_backup_selection_is_found_under_its_plan(cloud):
    resources = {
        'Role': role(),
        'Vault': {'Type': 'AWS::Backup::BackupVault', 'Properties': {'BackupVaultName': 'vault-1'}},
        'Plan': {
            'Type': 'AWS::Backup::BackupPlan',
            'Properties': {
                'BackupPlan': {
                    'BackupPlanName': 'daily',
                    'BackupPlanRule': [
                        {
                            'RuleName': 'daily',
                            'TargetBackupVault': ref('Vault'),
                            'ScheduleExpression': 'cron(0 2 * * ? *)',
                            'Lifecycle': {'DeleteAfterDays': 35},
                        }
                    ],
                }
            },
        },
        'Selection': {
            'Type': 'AWS::Backup::BackupSelection',
            'Properties': {
                'BackupPlanId': ref('Plan'),
                'BackupSelection': {
                    'SelectionName': 'tagged',
                    'IamRoleArn': att('Role', 'Arn'),
                    'Resources': ['*'],
                    'Conditions': {
                        'StringEquals': [{'ConditionKey': 'aws:ResourceTag/pi:backup', 'ConditionValue': 'yes'}]
                    },
                },
            },
        },
    }
    outputs = cloud.deploy('backup', resources, {'Plan': ref('Plan'), 'Id': att('Selection', 'SelectionId')})
    backup = cloud.client('backup')
    selection = backup.get_backup_selection(BackupPlanId=outputs['Plan'], SelectionId=outputs['Id'])['BackupSelection']
    assert (
        selection['Conditions']['StringEquals'][0]['ConditionValue'] == 'yes' and selection['SelectionName'] == 'tagged'
    )
    resources['Selection']['Properties']['BackupSelection']['SelectionName'] = 'other'
    cloud.deploy('backup', resources)
    listed = backup.list_backup_selections(BackupPlanId=outputs['Plan'])['BackupSelectionsList']
    assert [one['SelectionName'] for one in listed] == ['other'], 'a selection is replaced, never changed'
    assert cloud.delete('backup') == 'DELETE_COMPLETE'


def balancer():
    return {
        **network(),
        'Balancer': {
            'Type': 'AWS::ElasticLoadBalancingV2::LoadBalancer',
            'Properties': {'Subnets': [ref('SubnetA'), ref('SubnetB')], 'SecurityGroups': [ref('Group')]},
        },
    }


def test_a_web_acl_guards_its_load_balancer(cloud):
    visible = {'SampledRequestsEnabled': True, 'CloudWatchMetricsEnabled': True, 'MetricName': 'm'}
    resources = {
        **balancer(),
        'Acl': {
            'Type': 'AWS::WAFv2::WebACL',
            'Properties': {'Scope': 'REGIONAL', 'DefaultAction': {'Allow': {}}, 'VisibilityConfig': visible},
        },
        'Guard': {
            'Type': 'AWS::WAFv2::WebACLAssociation',
            'Properties': {'ResourceArn': ref('Balancer'), 'WebACLArn': att('Acl', 'Arn')},
        },
        'Logs': {'Type': 'AWS::Logs::LogGroup', 'Properties': {'LogGroupName': 'aws-waf-logs-test'}},
        'Logging': {
            'Type': 'AWS::WAFv2::LoggingConfiguration',
            'Properties': {'ResourceArn': att('Acl', 'Arn'), 'LogDestinationConfigs': [att('Logs', 'Arn')]},
        },
    }
    outputs = cloud.deploy('waf', resources, {'Balancer': ref('Balancer'), 'Acl': att('Acl', 'Arn')})
    waf = cloud.client('wafv2')
    assert waf.get_web_acl_for_resource(ResourceArn=outputs['Balancer'])['WebACL']['ARN'] == outputs['Acl']
    assert waf.get_logging_configuration(ResourceArn=outputs['Acl'])['LoggingConfiguration']['LogDestinationConfigs']
    del resources['Guard'], resources['Logging']
    cloud.deploy('waf', resources)
    assert waf.list_resources_for_web_acl(WebACLArn=outputs['Acl'])['ResourceArns'] == []
    assert cloud.delete('waf') == 'DELETE_COMPLETE'


def test_saved_queries_are_kept_by_name_and_id(cloud):
    resources = {
        'Logs': {'Type': 'AWS::Logs::LogGroup', 'Properties': {}},
        'Query': {
            'Type': 'AWS::Logs::QueryDefinition',
            'Properties': {
                'Name': 'pi/errors',
                'QueryString': 'filter @message like /ERROR/',
                'LogGroupNames': [ref('Logs')],
            },
        },
    }
    outputs = cloud.deploy('query', resources, {'Id': att('Query', 'QueryDefinitionId'), 'Logs': ref('Logs')})
    logs = cloud.client('logs')
    found = logs.describe_query_definitions(queryDefinitionNamePrefix='pi/')['queryDefinitions']
    assert [(one['queryDefinitionId'], one['logGroupNames']) for one in found] == [(outputs['Id'], [outputs['Logs']])]
    resources['Query']['Properties']['QueryString'] = 'fields @timestamp'
    assert cloud.deploy('query', resources, {'Id': ref('Query')})['Id'] == outputs['Id']
    assert logs.describe_query_definitions()['queryDefinitions'][0]['queryString'] == 'fields @timestamp'
    assert cloud.delete('query') == 'DELETE_COMPLETE'
    assert logs.describe_query_definitions()['queryDefinitions'] == []


def test_composite_alarms_and_metric_math_are_recorded(cloud):
    alarm = {'ComparisonOperator': 'GreaterThanThreshold', 'EvaluationPeriods': 1, 'Threshold': 5}
    resources = {
        'One': {
            'Type': 'AWS::CloudWatch::Alarm',
            'Properties': {**alarm, 'Namespace': 'n', 'MetricName': 'm', 'Statistic': 'Sum', 'Period': 60},
        },
        'Math': {
            'Type': 'AWS::CloudWatch::Alarm',
            'Properties': {
                **alarm,
                'Metrics': [
                    {'Id': 'e', 'Expression': 'a*2'},
                    {
                        'Id': 'a',
                        'ReturnData': False,
                        'MetricStat': {'Metric': {'Namespace': 'n', 'MetricName': 'm'}, 'Period': 60, 'Stat': 'Sum'},
                    },
                ],
            },
        },
        'Both': {
            'Type': 'AWS::CloudWatch::CompositeAlarm',
            'Properties': {'AlarmRule': {'Fn::Sub': 'ALARM("${One}") OR ALARM("${Math}")'}},
        },
    }
    outputs = cloud.deploy('alarms', resources, {'Both': ref('Both'), 'Arn': att('Both', 'Arn'), 'Math': ref('Math')})
    cloudwatch = cloud.client('cloudwatch')
    both = cloudwatch.describe_alarms(AlarmNames=[outputs['Both']], AlarmTypes=['CompositeAlarm'])['CompositeAlarms'][0]
    assert both['AlarmArn'] == outputs['Arn'] and outputs['Math'] in both['AlarmRule']
    math = cloudwatch.describe_alarms(AlarmNames=[outputs['Math']])['MetricAlarms'][0]
    assert [one['Id'] for one in math['Metrics']] == ['e', 'a']
    resources['Both']['Properties']['AlarmDescription'] = 'changed'
    cloud.deploy('alarms', resources)
    assert (
        cloudwatch.describe_alarms(AlarmNames=[outputs['Both']], AlarmTypes=['CompositeAlarm'])['CompositeAlarms'][0][
            'AlarmDescription'
        ]
        == 'changed'
    )
    assert cloud.delete('alarms') == 'DELETE_COMPLETE'
    assert cloudwatch.describe_alarms(AlarmTypes=['CompositeAlarm'])['CompositeAlarms'] == []


def test_a_role_takes_policies_from_beside_it(cloud):
    document = {
        'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::b/*'}],
    }
    resources = {
        'Role': role(),
        'Policy': {
            'Type': 'AWS::IAM::RolePolicy',
            'Properties': {'RoleName': ref('Role'), 'PolicyName': 'read', 'PolicyDocument': document},
        },
    }
    outputs = cloud.deploy('rolepolicy', resources, {'Role': ref('Role')})
    iam = cloud.client('iam')
    assert iam.get_role_policy(RoleName=outputs['Role'], PolicyName='read')['PolicyDocument'] == document
    document['Statement'][0]['Action'] = 's3:PutObject'
    cloud.deploy('rolepolicy', resources)
    assert iam.get_role_policy(RoleName=outputs['Role'], PolicyName='read')['PolicyDocument'] == document
    del resources['Policy']
    cloud.deploy('rolepolicy', resources)
    assert iam.list_role_policies(RoleName=outputs['Role'])['PolicyNames'] == []


def test_a_secret_is_known_by_its_arn_and_may_be_empty(cloud):
    resources = {
        'Empty': {'Type': 'AWS::SecretsManager::Secret', 'Properties': {'Description': 'no value'}},
        'Made': {
            'Type': 'AWS::SecretsManager::Secret',
            'Properties': {
                'GenerateSecretString': {
                    'SecretStringTemplate': '{"username": "u"}',
                    'GenerateStringKey': 'password',
                    'PasswordLength': 40,
                    'ExcludePunctuation': True,
                }
            },
        },
        'Guard': {
            'Type': 'AWS::SecretsManager::ResourcePolicy',
            'Properties': {
                'SecretId': ref('Made'),
                'ResourcePolicy': {
                    'Version': '2012-10-17',
                    'Statement': [
                        {'Effect': 'Deny', 'Principal': '*', 'Action': 'secretsmanager:DeleteSecret', 'Resource': '*'}
                    ],
                },
            },
        },
    }
    outputs = cloud.deploy('secrets', resources, {'Empty': ref('Empty'), 'Made': ref('Made')})
    client = cloud.client('secretsmanager')
    assert outputs['Empty'].startswith('arn:aws:secretsmanager:')
    assert 'AWSCURRENT' not in str(client.describe_secret(SecretId=outputs['Empty']).get('VersionIdsToStages'))
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_secret_value(SecretId=outputs['Empty'])
    value = json.loads(client.get_secret_value(SecretId=outputs['Made'])['SecretString'])
    assert value['username'] == 'u' and len(value['password']) == 40 and value['password'].isalnum()
    assert client.get_resource_policy(SecretId=outputs['Made'])['ResourcePolicy']
    client.put_secret_value(SecretId=outputs['Empty'], SecretString='written by hand')
    resources['Empty']['Properties']['Description'] = 'still no value in the template'
    cloud.deploy('secrets', resources)
    assert client.get_secret_value(SecretId=outputs['Empty'])['SecretString'] == 'written by hand', (
        'an update leaves the value'
    )


def test_a_bucket_carries_every_property_of_its_template(cloud):
    resources = {
        'Key': {
            'Type': 'AWS::KMS::Key',
            'Properties': {
                'EnableKeyRotation': True,
                'KeyPolicy': {
                    'Version': '2012-10-17',
                    'Statement': [
                        {
                            'Effect': 'Allow',
                            'Principal': {'AWS': {'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root'}},
                            'Action': 'kms:*',
                            'Resource': '*',
                        }
                    ],
                },
            },
        },
        'Logs': {'Type': 'AWS::S3::Bucket', 'Properties': {}},
        'Bucket': {
            'Type': 'AWS::S3::Bucket',
            'Properties': {
                'BucketEncryption': {
                    'ServerSideEncryptionConfiguration': [
                        {
                            'BucketKeyEnabled': True,
                            'ServerSideEncryptionByDefault': {
                                'SSEAlgorithm': 'aws:kms',
                                'KMSMasterKeyID': att('Key', 'Arn'),
                            },
                        }
                    ]
                },
                'VersioningConfiguration': {'Status': 'Enabled'},
                'LoggingConfiguration': {'DestinationBucketName': ref('Logs'), 'LogFilePrefix': 'b/'},
                'LifecycleConfiguration': {
                    'Rules': [
                        {
                            'Id': 'old',
                            'Status': 'Enabled',
                            'NoncurrentVersionExpiration': {'NoncurrentDays': 30},
                            'AbortIncompleteMultipartUpload': {'DaysAfterInitiation': 7},
                        }
                    ]
                },
                'Tags': [{'Key': 'pi:backup', 'Value': 'yes'}],
            },
        },
    }
    outputs = cloud.deploy(
        'buckets', resources, {'Bucket': ref('Bucket'), 'Logs': ref('Logs'), 'Key': att('Key', 'Arn')}
    )
    s3, name = cloud.client('s3'), outputs['Bucket']
    rule = s3.get_bucket_encryption(Bucket=name)['ServerSideEncryptionConfiguration']['Rules'][0]
    assert rule['ApplyServerSideEncryptionByDefault']['KMSMasterKeyID'] == outputs['Key'] and rule['BucketKeyEnabled']
    assert (
        s3.get_bucket_lifecycle_configuration(Bucket=name)['Rules'][0]['NoncurrentVersionExpiration']['NoncurrentDays']
        == 30
    )
    assert s3.get_bucket_logging(Bucket=name)['LoggingEnabled']['TargetBucket'] == outputs['Logs']
    assert {'Key': 'pi:backup', 'Value': 'yes'} in s3.get_bucket_tagging(Bucket=name)['TagSet']
    del resources['Bucket']['Properties']['LifecycleConfiguration']
    cloud.deploy('buckets', resources)
    with pytest.raises(s3.exceptions.ClientError, match='NoSuchLifecycleConfiguration'):
        s3.get_bucket_lifecycle_configuration(Bucket=name)


def test_a_gateway_endpoint_is_a_route(cloud):
    resources = {
        **network(),
        'Table': {'Type': 'AWS::EC2::RouteTable', 'Properties': {'VpcId': ref('Vpc')}},
        'Endpoint': {
            'Type': 'AWS::EC2::VPCEndpoint',
            'Properties': {
                'VpcId': ref('Vpc'),
                'ServiceName': f'com.amazonaws.{REGION}.s3',
                'RouteTableIds': [ref('Table')],
            },
        },
    }
    outputs = cloud.deploy('endpoint', resources, {'Table': ref('Table'), 'Endpoint': ref('Endpoint')})
    ec2 = cloud.client('ec2')
    routes = ec2.describe_route_tables(RouteTableIds=[outputs['Table']])['RouteTables'][0]['Routes']
    route = next(one for one in routes if one.get('GatewayId') == outputs['Endpoint'])
    assert route['DestinationPrefixListId'].startswith('pl-')
    del resources['Endpoint']
    cloud.deploy('endpoint', resources)
    routes = ec2.describe_route_tables(RouteTableIds=[outputs['Table']])['RouteTables'][0]['Routes']
    assert [one['GatewayId'] for one in routes] == ['local']


def test_generated_names_are_new_in_a_new_stack_and_stay_over_updates(cloud):
    resources = {
        'Logs': {'Type': 'AWS::Logs::LogGroup', 'DeletionPolicy': 'Retain', 'Properties': {'RetentionInDays': 7}},
        'Secret': {'Type': 'AWS::SecretsManager::Secret', 'DeletionPolicy': 'Retain', 'Properties': {}},
    }
    outputs = {'Logs': ref('Logs'), 'Secret': ref('Secret')}
    first = cloud.deploy('named', resources, outputs)
    assert first['Logs'].startswith('named-Logs-')
    resources['Logs']['Properties']['RetentionInDays'] = 30
    resources['Secret']['Properties']['Description'] = 'x'
    assert cloud.deploy('named', resources, outputs) == first
    assert cloud.delete('named') == 'DELETE_COMPLETE'
    second = cloud.deploy('named', resources, outputs)
    assert second['Logs'] != first['Logs'] and second['Secret'] != first['Secret']


def test_a_topic_and_its_inline_policy_carry_the_key(cloud):
    resources = {
        'Topic': {'Type': 'AWS::SNS::Topic', 'Properties': {'KmsMasterKeyId': 'alias/pi'}},
        'Queue': {'Type': 'AWS::SQS::Queue', 'Properties': {}},
    }
    statement = {
        'Version': '2012-10-17',
        'Statement': [{'Sid': 'Only', 'Effect': 'Allow', 'Principal': '*', 'Action': '*', 'Resource': '*'}],
    }
    resources['TopicPolicy'] = {
        'Type': 'AWS::SNS::TopicInlinePolicy',
        'Properties': {'TopicArn': ref('Topic'), 'PolicyDocument': statement},
    }
    resources['QueuePolicy'] = {
        'Type': 'AWS::SQS::QueueInlinePolicy',
        'Properties': {'Queue': ref('Queue'), 'PolicyDocument': statement},
    }
    outputs = cloud.deploy('inline', resources, {'Topic': ref('Topic'), 'Queue': ref('Queue')})
    attributes = cloud.client('sns').get_topic_attributes(TopicArn=outputs['Topic'])['Attributes']
    assert attributes['KmsMasterKeyId'] == 'alias/pi' and 'Only' in attributes['Policy']
    assert (
        'Only'
        in cloud.client('sqs').get_queue_attributes(QueueUrl=outputs['Queue'], AttributeNames=['Policy'])['Attributes'][
            'Policy'
        ]
    )
    assert cloud.delete('inline') == 'DELETE_COMPLETE'


def test_an_object_of_a_bucket_reaches_a_function_by_an_event_rule(cloud):
    s3 = cloud.client('s3')
    s3.create_bucket(Bucket='events-code', CreateBucketConfiguration={'LocationConstraint': REGION})
    s3.put_object(
        Bucket='events-code',
        Key='c.zip',
        Body=archive(
            "const fs=require('fs');exports.handler=async e=>{if(e.detail.object.key==='broken')throw new Error('no');"
            "fs.writeFileSync(process.env.FILES_ROOT+'/event.json',JSON.stringify(e))}"
        ),
    )
    resources = {
        **files(),
        'Role': role(),
        'Assets': {
            'Type': 'AWS::S3::Bucket',
            'Properties': {'NotificationConfiguration': {'EventBridgeConfiguration': {'EventBridgeEnabled': True}}},
        },
    }
    resources['Function'] = {
        'Type': 'AWS::Lambda::Function',
        'DependsOn': 'MountA',
        'Properties': {
            'Runtime': 'nodejs22.x',
            'Handler': 'index.handler',
            'Role': att('Role', 'Arn'),
            'Code': {'S3Bucket': 'events-code', 'S3Key': 'c.zip'},
            'VpcConfig': {'SubnetIds': [ref('SubnetA')], 'SecurityGroupIds': [ref('Group')]},
            'FileSystemConfigs': [{'Arn': att('Point', 'Arn'), 'LocalMountPath': '/mnt/files'}],
            'Environment': {'Variables': {'FILES_ROOT': '/mnt/files'}},
            'DeadLetterConfig': {'TargetArn': att('Dead', 'Arn')},
        },
    }
    resources['Dead'] = {'Type': 'AWS::SQS::Queue', 'Properties': {}}
    resources['Rule'] = {
        'Type': 'AWS::Events::Rule',
        'Properties': {
            'EventPattern': {
                'source': ['aws.s3'],
                'detail-type': ['Object Created'],
                'detail': {'bucket': {'name': [ref('Assets')]}},
            },
            'Targets': [{'Id': 'f', 'Arn': att('Function', 'Arn')}],
        },
    }
    resources['May'] = {
        'Type': 'AWS::Lambda::Permission',
        'Properties': {
            'FunctionName': ref('Function'),
            'Action': 'lambda:InvokeFunction',
            'Principal': 'events.amazonaws.com',
            'SourceArn': att('Rule', 'Arn'),
        },
    }
    outputs = cloud.deploy('events', resources, {'Fs': ref('Files'), 'Assets': ref('Assets'), 'Dead': ref('Dead')})
    s3.put_object(Bucket=outputs['Assets'], Key='themes/a +é%41.css', Body=b'x')
    path = cloud.state_dir / 'efs' / outputs['Fs'] / 'event.json'
    until(lambda: path.exists() and path.stat().st_size, 10, 'the event arrives')
    assert json.loads(path.read_text())['detail']['object']['key'] == 'themes/a +é%41.css'
    s3.put_object(Bucket=outputs['Assets'], Key='broken', Body=b'x')
    queue = cloud.client('sqs')
    letters = []

    def arrived():
        letters.extend(queue.receive_message(QueueUrl=outputs['Dead']).get('Messages', []))
        return letters

    until(arrived, 20, 'what the function gave up on becomes a dead letter')
    assert '"broken"' in letters[0]['Body']
