"""Cloud Map: the running tasks of a service are the instances of its service registries."""

from ministack.services import ecs as store
from ministack.services import servicediscovery


def publish(service: dict) -> None:
    """Replace this service's instances in each of its registries by its running tasks."""
    for registry in service.get('serviceRegistries') or []:
        service_id = registry.get('registryArn', '').rsplit('/', 1)[-1]
        if service_id not in servicediscovery._services:
            continue
        instances = servicediscovery._instances.setdefault(service_id, {})
        mine = {
            instance_id
            for instance_id, instance in instances.items()
            if (instance.get('Attributes') or {}).get('ECS_SERVICE_NAME') == service['serviceName']
        }
        running = {
            task['taskArn'].rsplit('/', 1)[-1]: task
            for task in store._tasks.values()
            if task.get('group') == f'service:{service["serviceName"]}'
            and task['clusterArn'] == service['clusterArn']
            and task['lastStatus'] == 'RUNNING'
            and service['status'] == 'ACTIVE'
        }
        for instance_id in mine - running.keys():
            instances.pop(instance_id, None)
        for instance_id, task in running.items():
            instances[instance_id] = {'Id': instance_id, 'Attributes': _attributes(service, task)}


def _attributes(service: dict, task: dict) -> dict:
    return {
        'AWS_INSTANCE_IPV4': store._task_ip(task) or '',
        'AVAILABILITY_ZONE': task.get('availabilityZone', ''),
        'AWS_INIT_HEALTH_STATUS': 'HEALTHY',
        'ECS_CLUSTER_NAME': service['clusterArn'].rsplit('/', 1)[-1],
        'ECS_SERVICE_NAME': service['serviceName'],
        'ECS_TASK_DEFINITION_FAMILY': task['taskDefinitionArn'].rsplit('/', 1)[-1].split(':')[0],
    }
