import assert from 'node:assert/strict'
import {ACMClient, ListCertificatesCommand} from '@aws-sdk/client-acm'
import {
  DescribeAvailabilityZonesCommand,
  DescribeRegionsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {ListHostedZonesCommand, Route53Client} from '@aws-sdk/client-route-53'
import {mockClient} from 'aws-sdk-client-mock'
import {createNearby} from '../../src/aws/nearby.ts'
import {refusal} from '../domain/samples.ts'
import {config, sdkError} from './sdk.ts'

describe('what an account has nearby', () => {
  const [ec2, route53, acm] = [mockClient(EC2Client), mockClient(Route53Client), mockClient(ACMClient)]
  const nearby = createNearby(config)
  beforeEach(() => {
    for (const mock of [ec2, route53, acm]) mock.reset()
  })
  after(() => {
    for (const mock of [ec2, route53, acm]) mock.restore()
  })

  it('are regions and zones by name', async () => {
    ec2.on(DescribeRegionsCommand).resolves({Regions: [{RegionName: 'us-east-1'}, {RegionName: 'eu-west-1'}, {}]})
    assert.deepEqual(await nearby.regions(), ['eu-west-1', 'us-east-1'])
    ec2.on(DescribeAvailabilityZonesCommand).resolves({AvailabilityZones: [{ZoneName: 'b'}, {ZoneName: 'a'}]})
    assert.deepEqual(await nearby.zones(), ['a', 'b'])
  })

  it('are networks of all pages, and their subnets by zone', async () => {
    ec2.on(DescribeVpcsCommand).resolvesOnce({
      Vpcs: [{VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16', Tags: [{Key: 'Name', Value: 'office'}]}],
      NextToken: 'more',
    })
    ec2.on(DescribeVpcsCommand, {NextToken: 'more'}).resolves({Vpcs: [{VpcId: 'vpc-2'}]})
    assert.deepEqual(await nearby.vpcs(), [
      {id: 'vpc-1', name: 'office', cidr: '10.0.0.0/16'},
      {id: 'vpc-2', name: '', cidr: ''},
    ])
    ec2.on(DescribeSubnetsCommand, {Filters: [{Name: 'vpc-id', Values: ['vpc-1']}]}).resolves({
      Subnets: [
        {SubnetId: 'subnet-2', AvailabilityZone: 'b', CidrBlock: '10.0.1.0/24', MapPublicIpOnLaunch: true},
        {SubnetId: 'subnet-1', AvailabilityZone: 'a', CidrBlock: '10.0.0.0/24'},
      ],
    })
    assert.deepEqual(
      (await nearby.subnets('vpc-1')).map((subnet) => [subnet.id, subnet.public]),
      [
        ['subnet-1', false],
        ['subnet-2', true],
      ],
    )
  })

  it('are public hosted zones and issued certificates with all of their names', async () => {
    route53.on(ListHostedZonesCommand).resolves({
      HostedZones: [
        {Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: 'x'},
        {Id: 'Z2', Name: 'home.', CallerReference: 'x', Config: {PrivateZone: true}},
      ],
    })
    assert.deepEqual(await nearby.hostedZones(), [{id: 'Z1', domain: 'example.com'}])
    acm.on(ListCertificatesCommand, {CertificateStatuses: ['ISSUED']}).resolves({
      CertificateSummaryList: [
        {
          CertificateArn: 'arn',
          DomainName: 'a.example.com',
          SubjectAlternativeNameSummaries: ['a.example.com', 'b.example.com'],
        },
      ],
    })
    assert.deepEqual(await nearby.certificates(), [{arn: 'arn', names: ['a.example.com', 'b.example.com']}])
  })

  it('says by its permission what may not be looked up', async () => {
    ec2.on(DescribeRegionsCommand).rejects(sdkError('UnauthorizedOperation'))
    await assert.rejects(nearby.regions(), refusal('ACCESS_DENIED', /ec2:DescribeRegions/))
  })
})
