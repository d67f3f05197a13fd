"""AWS::EC2::VPCEndpoint: a gateway endpoint puts a route to its prefix list into each of its route tables."""

from ministack.services import ec2 as store
from ministack.services.cloudformation import provisioners

_TYPE = 'AWS::EC2::VPCEndpoint'


def _clear(endpoint_id: str) -> None:
    for table in store._route_tables.values():
        table['Routes'] = [route for route in table['Routes'] if route.get('GatewayId') != endpoint_id]


def _routes(endpoint_id: str, properties: dict) -> None:
    _clear(endpoint_id)
    if properties.get('VpcEndpointType', 'Gateway') != 'Gateway':
        return
    prefix_list = store._aws_pl_id_from_name(properties.get('ServiceName', ''))
    for table_id in properties.get('RouteTableIds') or []:
        table = store._route_tables.get(table_id)
        if table is not None:
            table['Routes'].append(
                {
                    'DestinationPrefixListId': prefix_list,
                    'GatewayId': endpoint_id,
                    'State': 'active',
                    'Origin': 'CreateRoute',
                }
            )


def register():
    handler = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handler['create'], handler['update'], handler['delete']

    def created(logical_id, properties, stack_name):
        endpoint_id, attributes = create(logical_id, properties, stack_name)
        _routes(endpoint_id, properties)
        return endpoint_id, attributes

    def updated(physical_id, old, new, *rest):
        endpoint_id, attributes = update(physical_id, old, new, *rest)
        _routes(endpoint_id, new)
        return endpoint_id, attributes

    def deleted(physical_id, properties):
        _clear(physical_id)
        delete(physical_id, properties)

    provisioners._RESOURCE_HANDLERS[_TYPE] = {**handler, 'create': created, 'update': updated, 'delete': deleted}
