import assert from 'node:assert/strict'
import {
  DescribeAvailabilityZonesCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {mockClient} from 'aws-sdk-client-mock'
import {createNetworks} from '../../src/aws/ec2.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('networks of EC2', () => {
  const mock = mockClient(EC2Client)
  const networks = createNetworks(config)

  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('names the zones one may work in, ascending', async () => {
    mock
      .on(DescribeAvailabilityZonesCommand)
      .resolves({AvailabilityZones: [{ZoneName: 'eu-west-1b'}, {ZoneName: 'eu-west-1a'}, {}]})
    assert.deepEqual(await networks.zones(), ['eu-west-1a', 'eu-west-1b'])
    assert.deepEqual(inputs(mock), [
      {
        Filters: [
          {Name: 'zone-type', Values: ['availability-zone']},
          {Name: 'state', Values: ['available']},
        ],
      },
    ])
  })

  it("finds the prefix list of the region's S3", async () => {
    const name = 'com.amazonaws.eu-west-1.s3'
    mock
      .on(DescribeManagedPrefixListsCommand, {Filters: [{Name: 'prefix-list-name', Values: [name]}]})
      .resolvesOnce({PrefixLists: [{PrefixListName: name, PrefixListId: 'pl-1'}]})
      .resolvesOnce({PrefixLists: []})
    assert.equal(await networks.s3PrefixListId(), 'pl-1')
    await assert.rejects(
      networks.s3PrefixListId(),
      saying('NotFoundError', 'S3_PREFIX_LIST_NOT_FOUND', /com\.amazonaws/),
    )
  })

  it('lists every range of every VPC, those that were taken away left out', async () => {
    mock
      .on(DescribeVpcsCommand)
      .resolvesOnce({
        Vpcs: [
          {
            VpcId: 'vpc-1',
            CidrBlock: '10.0.0.0/16',
            Tags: [{Key: 'Name', Value: 'prod'}],
            CidrBlockAssociationSet: [
              {CidrBlock: '10.0.0.0/16', CidrBlockState: {State: 'associated'}},
              {CidrBlock: '10.1.0.0/16', CidrBlockState: {State: 'associating'}},
              {CidrBlock: '10.2.0.0/16', CidrBlockState: {State: 'disassociated'}},
            ],
          },
        ],
        NextToken: 'more',
      })
      .resolvesOnce({Vpcs: [{VpcId: 'vpc-2', CidrBlock: '172.31.0.0/16'}]})
    assert.deepEqual(await networks.vpcRanges(), [
      {vpcId: 'vpc-1', name: 'prod', cidr: '10.0.0.0/16'},
      {vpcId: 'vpc-1', name: 'prod', cidr: '10.1.0.0/16'},
      {vpcId: 'vpc-2', name: '', cidr: '172.31.0.0/16'},
    ])
  })

  it('tells the VPCs of our environments by their tag', async () => {
    const Tags = [{Key: 'pi:environment', Value: 'prod'}]
    mock.on(DescribeVpcsCommand).resolves({Vpcs: [{VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16', Tags}]})
    assert.deepEqual(await networks.vpcRanges(), [{vpcId: 'vpc-1', name: '', environment: 'prod', cidr: '10.0.0.0/16'}])
  })

  it('counts the interfaces in any of the groups, over all pages', async () => {
    mock
      .on(DescribeNetworkInterfacesCommand)
      .resolvesOnce({NetworkInterfaces: [{}, {}], NextToken: 'more'})
      .resolvesOnce({NetworkInterfaces: [{}]})
    assert.equal(await networks.interfacesUsing(['sg-1', 'sg-2']), 3)
    const [input] = inputs(mock) as [{Filters: unknown}]
    assert.deepEqual(input.Filters, [{Name: 'group-id', Values: ['sg-1', 'sg-2']}])
  })

  it('does not ask for interfaces without a group, since that would mean all of them', async () => {
    assert.equal(await networks.interfacesUsing([]), 0)
    assert.equal(mock.calls().length, 0)
  })

  it('names the action that EC2 leaves out of its refusal', async () => {
    mock.rejects(sdkError('UnauthorizedOperation', 'You are not authorized to perform this operation.'))
    await assert.rejects(networks.vpcRanges(), saying('AccessError', 'ACCESS_DENIED', /ec2:DescribeVpcs/))
  })
})
