"""An account with things already in it, made by boto3 and counted by boto3: independent of pi-aws and of the server.

``python occupied.py --endpoint URL --vpcs 4 --addresses 5 --gateways 3`` makes them and prints what is there after.
"""

import argparse
import json

import boto3
from botocore.config import Config


def client(endpoint: str, region: str, service: str):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id='other',
        aws_secret_access_key='other',
        config=Config(s3={'addressing_style': 'path'}),
    )


def pages(made, operation: str, key: str, **request) -> list:
    """Every entry of a list call, page after page where the call has pages."""
    if not made.can_paginate(operation):
        return getattr(made, operation)(**request)[key]
    return [one for page in made.get_paginator(operation).paginate(**request) for one in page[key]]


def occupy(endpoint: str, region: str, **wanted: int) -> dict:
    """Make ``vpcs``, ``addresses``, ``gateways`` (all in the first zone), ``groups``, ``buckets``, ``snapshots``."""
    ec2 = client(endpoint, region, 'ec2')
    for number in range(wanted.get('vpcs', 0)):
        vpc = ec2.create_vpc(CidrBlock=f'10.{200 + number % 50}.0.0/16')['Vpc']['VpcId']
        ec2.attach_internet_gateway(
            InternetGatewayId=ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId'], VpcId=vpc
        )
    for _ in range(wanted.get('addresses', 0)):
        ec2.allocate_address(Domain='vpc')
    if wanted.get('gateways') or wanted.get('groups'):
        _in_a_network(ec2, region, wanted.get('gateways', 0), wanted.get('groups', 0))
    for number in range(wanted.get('buckets', 0)):
        client(endpoint, region, 's3').create_bucket(
            Bucket=f'occupied-{number}', CreateBucketConfiguration={'LocationConstraint': region}
        )
    if wanted.get('snapshots'):
        _snapshots(client(endpoint, region, 'rds'), wanted['snapshots'])
    return counted(endpoint, region)


def _in_a_network(ec2, region: str, gateways: int, groups: int) -> None:
    """Gateways with private connectivity take no address, so the two counts stay apart."""
    vpc = ec2.create_vpc(CidrBlock='10.199.0.0/16')['Vpc']['VpcId']
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.199.0.0/24', AvailabilityZone=f'{region}a')['Subnet'][
        'SubnetId'
    ]
    for _ in range(gateways):
        ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType='private')
    for number in range(groups):
        ec2.create_security_group(GroupName=f'occupied-{number}', Description='occupied', VpcId=vpc)


def _snapshots(rds, count: int) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier='occupied',
        DBInstanceClass='db.t4g.small',
        Engine='mariadb',
        AllocatedStorage=20,
        MasterUsername='admin',
        MasterUserPassword='not-a-secret-1',
    )
    for number in range(count):
        rds.create_db_snapshot(DBInstanceIdentifier='occupied', DBSnapshotIdentifier=f'occupied-{number}')


def counted(endpoint: str, region: str) -> dict:
    """What an independent client sees, in the units of the quotas."""
    ec2, rds = client(endpoint, region, 'ec2'), client(endpoint, region, 'rds')
    zones = {one['SubnetId']: one['AvailabilityZone'] for one in pages(ec2, 'describe_subnets', 'Subnets')}
    per_zone: dict[str, int] = {}
    for one in pages(ec2, 'describe_nat_gateways', 'NatGateways'):
        if one['State'] in ('pending', 'available', 'deleting'):
            zone = zones[one['SubnetId']]
            per_zone[zone] = per_zone.get(zone, 0) + 1
    return {
        'vpcs': len(pages(ec2, 'describe_vpcs', 'Vpcs')),
        'internetGateways': len(pages(ec2, 'describe_internet_gateways', 'InternetGateways')),
        'addresses': len(ec2.describe_addresses()['Addresses']),
        'gatewaysPerZone': per_zone,
        'groups': len(pages(ec2, 'describe_security_groups', 'SecurityGroups')),
        'interfaces': len(pages(ec2, 'describe_network_interfaces', 'NetworkInterfaces')),
        'buckets': len(client(endpoint, region, 's3').list_buckets()['Buckets']),
        'databases': len(pages(rds, 'describe_db_instances', 'DBInstances')),
        'snapshots': len(pages(rds, 'describe_db_snapshots', 'DBSnapshots', SnapshotType='manual')),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description='Fill an account of the embedded AWS and print what is in it.')
    parser.add_argument('--endpoint', required=True)
    parser.add_argument('--region', default='eu-west-1')
    for name in ('vpcs', 'addresses', 'gateways', 'groups', 'buckets', 'snapshots'):
        parser.add_argument(f'--{name}', type=int, default=0)
    arguments = vars(parser.parse_args())
    print(json.dumps(occupy(arguments.pop('endpoint'), arguments.pop('region'), **arguments)))


if __name__ == '__main__':
    main()
