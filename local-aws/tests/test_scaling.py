"""Application auto scaling: targets and policies by stack and by API, and the rule that lifts a service to its minimum."""

import pytest
from conftest import att, ref
from stacks_of import cluster, definition, files, service


@pytest.fixture(scope='module')
def scaled(cloud):
    resources = {
        **files(),
        **cluster(),
        'Task': definition('server:1', 'true'),
        'Service': service(),
        'Scalable': {
            'Type': 'AWS::ApplicationAutoScaling::ScalableTarget',
            'Properties': {
                'ServiceNamespace': 'ecs',
                'ScalableDimension': 'ecs:service:DesiredCount',
                'MinCapacity': 2,
                'MaxCapacity': 4,
                'ResourceId': {'Fn::Sub': ['service/${Cluster}/${Name}', {'Name': att('Service', 'Name')}]},
            },
        },
        'Policy': {
            'Type': 'AWS::ApplicationAutoScaling::ScalingPolicy',
            'Properties': {
                'PolicyName': 'cpu',
                'PolicyType': 'TargetTrackingScaling',
                'ScalingTargetId': ref('Scalable'),
                'TargetTrackingScalingPolicyConfiguration': {
                    'TargetValue': 60,
                    'ScaleInCooldown': 300,
                    'PredefinedMetricSpecification': {'PredefinedMetricType': 'ECSServiceAverageCPUUtilization'},
                },
            },
        },
    }
    outputs = cloud.deploy(
        'scaled',
        resources,
        {'Cluster': ref('Cluster'), 'Name': att('Service', 'Name'), 'Policy': ref('Policy'), 'Ref': ref('Scalable')},
    )
    return resources, outputs


def desired(cloud, outputs):
    found = cloud.client('ecs').describe_services(cluster=outputs['Cluster'], services=[outputs['Name']])['services'][0]
    return found['desiredCount']


def test_registering_a_target_lifts_the_service_to_its_minimum(cloud, scaled):
    resources, outputs = scaled
    client, resource_id = cloud.client('application-autoscaling'), f'service/{outputs["Cluster"]}/{outputs["Name"]}'
    target = client.describe_scalable_targets(ServiceNamespace='ecs', ResourceIds=[resource_id])['ScalableTargets'][0]
    assert (target['MinCapacity'], target['MaxCapacity']) == (2, 4)
    assert outputs['Ref'] == f'{resource_id}|ecs:service:DesiredCount|ecs'
    assert desired(cloud, outputs) == 2
    policy = client.describe_scaling_policies(ServiceNamespace='ecs', ResourceId=resource_id)['ScalingPolicies'][0]
    assert (
        policy['PolicyARN'] == outputs['Policy']
        and policy['TargetTrackingScalingPolicyConfiguration']['TargetValue'] == 60
    )
    assert len(policy['Alarms']) == 2


def test_quiesce_holds_only_with_a_minimum_of_zero(cloud, scaled):
    _, outputs = scaled
    client, resource_id = cloud.client('application-autoscaling'), f'service/{outputs["Cluster"]}/{outputs["Name"]}'
    names = {'ServiceNamespace': 'ecs', 'ResourceId': resource_id, 'ScalableDimension': 'ecs:service:DesiredCount'}
    cloud.client('ecs').update_service(cluster=outputs['Cluster'], service=outputs['Name'], desiredCount=0)
    suspended = {
        'DynamicScalingInSuspended': True,
        'DynamicScalingOutSuspended': True,
        'ScheduledScalingSuspended': True,
    }
    client.register_scalable_target(**names, SuspendedState=suspended)
    assert desired(cloud, outputs) == 2, 'a registration that names no minimum lifts the service all the same'
    client.register_scalable_target(**names, MinCapacity=0, SuspendedState=suspended)
    cloud.client('ecs').update_service(cluster=outputs['Cluster'], service=outputs['Name'], desiredCount=0)
    target = client.describe_scalable_targets(ServiceNamespace='ecs', ResourceIds=[resource_id])['ScalableTargets'][0]
    assert target['SuspendedState'] == suspended and target['MinCapacity'] == 0 and target['MaxCapacity'] == 4
    assert desired(cloud, outputs) == 0
    activities = client.describe_scaling_activities(ServiceNamespace='ecs', ResourceId=resource_id)['ScalingActivities']
    assert 'desired count to 2' in activities[0]['Description']
    cloud.client('ecs').update_service(cluster=outputs['Cluster'], service=outputs['Name'], desiredCount=9)
    client.register_scalable_target(**names, MaxCapacity=3)
    assert desired(cloud, outputs) == 3


def test_targets_take_tags_and_refuse_what_is_not_there(cloud, scaled):
    _, outputs = scaled
    client, resource_id = cloud.client('application-autoscaling'), f'service/{outputs["Cluster"]}/{outputs["Name"]}'
    arn = client.describe_scalable_targets(ServiceNamespace='ecs', ResourceIds=[resource_id])['ScalableTargets'][0][
        'ScalableTargetARN'
    ]
    client.tag_resource(ResourceARN=arn, Tags={'a': 'b'})
    assert client.list_tags_for_resource(ResourceARN=arn)['Tags']['a'] == 'b'
    with pytest.raises(client.exceptions.ValidationException):
        client.register_scalable_target(
            ServiceNamespace='ecs',
            ResourceId='service/no/such',
            ScalableDimension='ecs:service:DesiredCount',
            MinCapacity=0,
            MaxCapacity=1,
        )
    with pytest.raises(client.exceptions.ObjectNotFoundException):
        client.deregister_scalable_target(
            ServiceNamespace='ecs', ResourceId='service/no/such', ScalableDimension='ecs:service:DesiredCount'
        )


def test_an_update_changes_both_and_a_delete_removes_both(cloud, scaled):
    resources, outputs = scaled
    resources['Scalable']['Properties'].update(MinCapacity=1, MaxCapacity=6)
    resources['Policy']['Properties']['TargetTrackingScalingPolicyConfiguration']['TargetValue'] = 75
    cloud.deploy('scaled', resources)
    client, resource_id = cloud.client('application-autoscaling'), f'service/{outputs["Cluster"]}/{outputs["Name"]}'
    assert (
        client.describe_scalable_targets(ServiceNamespace='ecs', ResourceIds=[resource_id])['ScalableTargets'][0][
            'MaxCapacity'
        ]
        == 6
    )
    policies = client.describe_scaling_policies(ServiceNamespace='ecs', ResourceId=resource_id)['ScalingPolicies']
    assert [one['TargetTrackingScalingPolicyConfiguration']['TargetValue'] for one in policies] == [75]
    assert cloud.delete('scaled') == 'DELETE_COMPLETE'
    assert client.describe_scalable_targets(ServiceNamespace='ecs')['ScalableTargets'] == []
    assert client.describe_scaling_policies(ServiceNamespace='ecs')['ScalingPolicies'] == []


def test_a_capacity_provider_is_bound_to_its_cluster(cloud):
    resources = {
        **files(),
        **cluster(),
        'Profile': {
            'Type': 'AWS::EC2::LaunchTemplate',
            'Properties': {'LaunchTemplateData': {'InstanceType': 'm5.large', 'ImageId': 'ami-1'}},
        },
        'Instances': {
            'Type': 'AWS::AutoScaling::AutoScalingGroup',
            'Properties': {
                'MinSize': '0',
                'MaxSize': '2',
                'VPCZoneIdentifier': [ref('SubnetA')],
                'NewInstancesProtectedFromScaleIn': False,
                'LaunchTemplate': {
                    'LaunchTemplateId': ref('Profile'),
                    'Version': att('Profile', 'LatestVersionNumber'),
                },
            },
        },
        'Provider': {
            'Type': 'AWS::ECS::CapacityProvider',
            'Properties': {
                'AutoScalingGroupProvider': {
                    'AutoScalingGroupArn': ref('Instances'),
                    'ManagedTerminationProtection': 'DISABLED',
                    'ManagedDraining': 'ENABLED',
                    'ManagedScaling': {'Status': 'ENABLED', 'TargetCapacity': 90},
                }
            },
        },
        'Bind': {
            'Type': 'AWS::ECS::ClusterCapacityProviderAssociations',
            'Properties': {
                'Cluster': ref('Cluster'),
                'CapacityProviders': ['FARGATE', ref('Provider')],
                'DefaultCapacityProviderStrategy': [{'CapacityProvider': ref('Provider'), 'Weight': 1}],
            },
        },
    }
    outputs = cloud.deploy('capacity', resources, {'Cluster': ref('Cluster'), 'Provider': ref('Provider')})
    ecs = cloud.client('ecs')
    provider = ecs.describe_capacity_providers(capacityProviders=[outputs['Provider']])['capacityProviders'][0]
    assert provider['autoScalingGroupProvider']['managedScaling']['targetCapacity'] == 90
    found = ecs.describe_clusters(clusters=[outputs['Cluster']], include=['SETTINGS'])['clusters'][0]
    assert found['capacityProviders'] == ['FARGATE', outputs['Provider']]
    assert found['defaultCapacityProviderStrategy'][0]['capacityProvider'] == outputs['Provider']
    assert found['settings'] == [{'name': 'containerInsights', 'value': 'enabled'}]
    resources['Provider']['Properties']['AutoScalingGroupProvider']['ManagedScaling']['TargetCapacity'] = 100
    cloud.deploy('capacity', resources)
    provider = ecs.describe_capacity_providers(capacityProviders=[outputs['Provider']])['capacityProviders'][0]
    assert provider['autoScalingGroupProvider']['managedScaling']['targetCapacity'] == 100
    assert cloud.delete('capacity') == 'DELETE_COMPLETE'
