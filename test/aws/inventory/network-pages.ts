import {
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import type {Thing, ThingList} from '../../../src/domain/quotas/model.ts'

/** A list, what its client answers page by page, and what is to be counted. */
export interface Paged {
  readonly list: ThingList
  // The mock's own types want one client and command each; a table cannot have them.
  readonly client: never
  readonly command: never
  /** Answers, a page each. */
  readonly pages: readonly object[]
  readonly parents?: readonly string[]
  readonly things: readonly (readonly [id: string, within: string, amount: number, more?: Partial<Thing>])[]
}

/** A thing that counts as one. */
export const one = (id: string, within = '', more?: Partial<Thing>) =>
  [id, within, 1, ...(more === undefined ? [] : [more])] as const

/** Pages of EC2 and its networks. */
export const networkPages = [
  {
    list: 'vpcs',
    client: EC2Client,
    command: DescribeVpcsCommand,
    pages: [{Vpcs: [{VpcId: 'vpc-1'}], NextToken: '2'}, {Vpcs: [{VpcId: 'vpc-2'}]}],
    things: [one('vpc-1'), one('vpc-2')],
  },
  {
    list: 'internet-gateways',
    client: EC2Client,
    command: DescribeInternetGatewaysCommand,
    pages: [
      {InternetGateways: [{InternetGatewayId: 'igw-1'}], NextToken: '2'},
      {InternetGateways: [{InternetGatewayId: 'igw-2'}]},
    ],
    things: [one('igw-1'), one('igw-2')],
  },
  {
    list: 'nat-gateways',
    client: EC2Client,
    command: DescribeNatGatewaysCommand,
    pages: [
      {NatGateways: [{NatGatewayId: 'nat-1', SubnetId: 's1'}], NextToken: '2'},
      {NatGateways: [{NatGatewayId: 'nat-2', SubnetId: 's2'}]},
    ],
    things: [one('nat-1', 's1'), one('nat-2', 's2')],
  },
  {
    list: 'addresses',
    client: EC2Client,
    command: DescribeAddressesCommand,
    pages: [
      {
        Addresses: [
          {AllocationId: 'eip-1', Domain: 'vpc'},
          {PublicIp: '1.2.3.4', Domain: 'standard'},
        ],
      },
    ],
    things: [one('eip-1')],
  },
  {
    list: 'subnets',
    client: EC2Client,
    command: DescribeSubnetsCommand,
    pages: [
      {
        Subnets: [
          {SubnetId: 's1', VpcId: 'v', AvailabilityZone: 'a', CidrBlock: '10.0.0.0/24', AvailableIpAddressCount: 240},
        ],
        NextToken: '2',
      },
      {Subnets: [{SubnetId: 's2', VpcId: 'v', CidrBlock: ''}]},
    ],
    things: [
      one('s1', 'v', {kind: 'a', counts: {size: 251, free: 240}}),
      one('s2', 'v', {kind: '', counts: {size: 0, free: 0}}),
    ],
  },
  {
    list: 'route-tables',
    client: EC2Client,
    command: DescribeRouteTablesCommand,
    pages: [
      {RouteTables: [{RouteTableId: 'r1', VpcId: 'v'}], NextToken: '2'},
      {RouteTables: [{RouteTableId: 'r2', VpcId: 'v'}]},
    ],
    things: [one('r1', 'v'), one('r2', 'v')],
  },
  {
    list: 'network-acls',
    client: EC2Client,
    command: DescribeNetworkAclsCommand,
    pages: [
      {
        NetworkAcls: [
          {
            NetworkAclId: 'a1',
            VpcId: 'v',
            Entries: [{Egress: true}, {Egress: true}, {Egress: false}, {Egress: false, Ipv6CidrBlock: '::/0'}],
          },
        ],
        NextToken: '2',
      },
      {NetworkAcls: [{NetworkAclId: 'a2', VpcId: 'v'}]},
    ],
    things: [one('a1', 'v', {counts: {inbound: 1, outbound: 2}}), one('a2', 'v', {counts: {inbound: 0, outbound: 0}})],
  },
  {
    list: 'security-groups',
    client: EC2Client,
    command: DescribeSecurityGroupsCommand,
    pages: [
      {
        SecurityGroups: [
          {
            GroupId: 'sg-1',
            VpcId: 'v',
            IpPermissions: [{IpRanges: [{}, {}], UserIdGroupPairs: [{}]}],
            IpPermissionsEgress: [{PrefixListIds: [{}], Ipv6Ranges: [{}]}],
          },
        ],
        NextToken: '2',
      },
      {SecurityGroups: [{GroupId: 'sg-2', VpcId: 'v'}]},
    ],
    things: [
      one('sg-1', 'v', {counts: {inbound: 3, outbound: 2}}),
      one('sg-2', 'v', {counts: {inbound: 0, outbound: 0}}),
    ],
  },
  {
    list: 'network-interfaces',
    client: EC2Client,
    command: DescribeNetworkInterfacesCommand,
    pages: [
      {NetworkInterfaces: [{NetworkInterfaceId: 'e1', VpcId: 'v', InterfaceType: 'lambda'}], NextToken: '2'},
      {NetworkInterfaces: [{NetworkInterfaceId: 'e2', VpcId: 'v'}]},
    ],
    things: [one('e1', 'v', {kind: 'lambda'}), one('e2', 'v', {kind: 'interface'})],
  },
  {
    list: 'vpc-endpoints',
    client: EC2Client,
    command: DescribeVpcEndpointsCommand,
    pages: [
      {
        VpcEndpoints: [{VpcEndpointId: 'x1', VpcId: 'v', VpcEndpointType: 'Interface', State: 'Available'}],
        NextToken: '2',
      },
      {
        VpcEndpoints: [
          {VpcEndpointId: 'x2', VpcId: 'v', State: 'deleted'},
          {VpcEndpointId: 'x3', VpcId: 'v'},
        ],
      },
    ],
    things: [one('x1', 'v', {kind: 'Interface'}), one('x3', 'v', {kind: 'Gateway'})],
  },
  {
    list: 'instances',
    client: EC2Client,
    command: DescribeInstancesCommand,
    pages: [
      {
        Reservations: [
          {
            Instances: [
              {
                InstanceId: 'i1',
                InstanceType: 'm6i.xlarge',
                CpuOptions: {CoreCount: 2, ThreadsPerCore: 2},
                Tags: [{Key: 'aws:autoscaling:groupName', Value: 'g'}],
              },
              {
                InstanceId: 'i2',
                InstanceType: 'm6i.large',
                InstanceLifecycle: 'spot',
                CpuOptions: {CoreCount: 1, ThreadsPerCore: 2},
              },
            ],
          },
        ],
        NextToken: '2',
      },
      {Reservations: [{Instances: [{InstanceId: 'i3', InstanceType: 'g5.xlarge'}]}]},
    ],
    things: [
      ['i1', 'g', 4, {kind: 'standard'}],
      ['i2', '', 2, {kind: 'other'}],
      ['i3', '', 0, {kind: 'other'}],
    ],
  },
  {
    list: 'volumes',
    client: EC2Client,
    command: DescribeVolumesCommand,
    pages: [
      {Volumes: [{VolumeId: 'v1', VolumeType: 'gp3', Size: 512}], NextToken: '2'},
      {Volumes: [{VolumeId: 'v2', VolumeType: 'io2', Size: 1024}]},
    ],
    things: [
      ['v1', '', 0.5, {kind: 'gp3'}],
      ['v2', '', 1, {kind: 'io2'}],
    ],
  },
]
