import assert from 'node:assert/strict'
import {
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {mockClient} from 'aws-sdk-client-mock'
import {createExistingNetworks} from '../../src/aws/ec2/existing-networks.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('existing networks of EC2', () => {
  const mock = mockClient(EC2Client)
  const networks = createExistingNetworks(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are VPCs with all their ranges and their two settings of DNS', async () => {
    mock.on(DescribeVpcsCommand).resolves({
      Vpcs: [
        {CidrBlock: '10.0.0.0/16', CidrBlockAssociationSet: [{CidrBlock: '10.0.0.0/16'}, {CidrBlock: '10.1.0.0/16'}]},
      ],
    })
    mock.on(DescribeVpcAttributeCommand, {Attribute: 'enableDnsSupport'}).resolves({EnableDnsSupport: {Value: true}})
    mock.on(DescribeVpcAttributeCommand, {Attribute: 'enableDnsHostnames'}).resolves({})
    assert.deepEqual(await networks.vpc('vpc-1'), {
      cidrs: ['10.0.0.0/16', '10.1.0.0/16'],
      dnsSupport: true,
      dnsHostnames: false,
    })
  })

  it('are nothing where there is none, and unknown where one may not look', async () => {
    mock.on(DescribeVpcsCommand).rejectsOnce(sdkError('InvalidVpcID.NotFound'))
    mock.on(DescribeVpcAttributeCommand).resolves({})
    assert.equal(await networks.vpc('vpc-1'), undefined)
    mock.on(DescribeVpcsCommand).rejects(sdkError('UnauthorizedOperation'))
    await assert.rejects(networks.vpc('vpc-1'), saying('AccessError', 'ACCESS_DENIED', /ec2:DescribeVpcAttribute/))
  })

  it('have subnets, asked for by filter so that a missing one fails nothing', async () => {
    mock
      .on(DescribeSubnetsCommand)
      .resolvesOnce({
        Subnets: [{SubnetId: 's-1', VpcId: 'vpc-1', AvailabilityZone: 'eu-west-1a', AvailableIpAddressCount: 9}],
        NextToken: 'more',
      })
      .resolvesOnce({Subnets: [{}]})
    assert.deepEqual(await networks.subnets(['s-1', 's-2']), [
      {id: 's-1', vpcId: 'vpc-1', zone: 'eu-west-1a', freeAddresses: 9},
      {id: '', vpcId: '', zone: '', freeAddresses: 0},
    ])
    assert.deepEqual((inputs(mock)[0] as {Filters: unknown}).Filters, [{Name: 'subnet-id', Values: ['s-1', 's-2']}])
  })

  it('have route tables, whose way out is where 0.0.0.0/0 goes unless it leads nowhere', async () => {
    const to = {DestinationCidrBlock: '0.0.0.0/0'}
    const targets = [
      {NatGatewayId: 'nat-1'},
      {TransitGatewayId: 'tgw-1'},
      {GatewayId: 'igw-1'},
      {NetworkInterfaceId: 'eni-1'},
      {VpcPeeringConnectionId: 'pcx-1'},
      {InstanceId: 'i-1'},
      {LocalGatewayId: 'lgw-1'},
    ]
    mock
      .on(DescribeRouteTablesCommand)
      .resolvesOnce({
        RouteTables: targets.map((target) => ({Routes: [{DestinationCidrBlock: '10.0.0.0/16'}, {...to, ...target}]})),
        NextToken: 'more',
      })
      .resolvesOnce({
        RouteTables: [
          {Associations: [{Main: true}], Routes: [{...to, NatGatewayId: 'nat-2', State: 'blackhole'}]},
          {Associations: [{SubnetId: 's-1'}, {SubnetId: 's-2', Main: false}]},
        ],
      })
    const tables = await networks.routeTables('vpc-1')
    assert.deepEqual(
      tables.map(({defaultTarget}) => defaultTarget),
      ['nat-1', 'tgw-1', 'igw-1', 'eni-1', 'pcx-1', 'i-1', 'lgw-1', undefined, undefined],
    )
    assert.deepEqual(
      tables.slice(7).map(({subnetIds, main}) => [subnetIds, main]),
      [
        [[], true],
        [['s-1', 's-2'], false],
      ],
    )
  })

  it('have peers, whose ranges are those of both sides', async () => {
    mock
      .on(DescribeVpcPeeringConnectionsCommand)
      .resolvesOnce({
        VpcPeeringConnections: [
          {
            AccepterVpcInfo: {
              VpcId: 'vpc-far',
              CidrBlock: '10.8.0.0/16',
              CidrBlockSet: [{CidrBlock: '10.8.0.0/16'}, {CidrBlock: '10.9.0.0/16'}],
            },
            RequesterVpcInfo: {VpcId: 'vpc-near', CidrBlock: '10.7.0.0/16'},
          },
        ],
        NextToken: 'more',
      })
      .resolvesOnce({VpcPeeringConnections: [{}]})
    assert.deepEqual(
      (await networks.peerRanges()).map(({vpcId, cidr}) => `${vpcId} ${cidr}`),
      ['vpc-far 10.8.0.0/16', 'vpc-far 10.9.0.0/16', 'vpc-near 10.7.0.0/16'],
    )
  })
})
