import {ACMClient, paginateListCertificates} from '@aws-sdk/client-acm'
import {
  DescribeAvailabilityZonesCommand,
  DescribeRegionsCommand,
  EC2Client,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
  type Tag,
} from '@aws-sdk/client-ec2'
import {paginateListHostedZones, Route53Client} from '@aws-sdk/client-route-53'
import type {Nearby} from '../flows/init/ports.ts'
import {type Actions, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

const actions: Actions = {
  regions: 'ec2:DescribeRegions',
  zones: 'ec2:DescribeAvailabilityZones',
  vpcs: 'ec2:DescribeVpcs',
  subnets: 'ec2:DescribeSubnets',
  hostedZones: 'route53:ListHostedZones',
  certificates: 'acm:ListCertificates',
}

function nameOf(tags: readonly Tag[] | undefined): string {
  return tags?.find(({Key}) => Key === 'Name')?.Value ?? ''
}

async function all<T, I>(pages: AsyncIterable<T>, items: (page: T) => readonly I[] | undefined): Promise<readonly I[]> {
  const found: I[] = []
  for await (const page of pages) found.push(...(items(page) ?? []))
  return found
}

/** Lists of what is there, for people who choose. Nothing is tried twice: whoever waits at a question may type instead. */
export function createNearby(shared: ClientConfig): Nearby {
  const requestHandler = {...shared.requestHandler, connectionTimeout: 2000, requestTimeout: 8000}
  const config = {...shared, maxAttempts: 2, requestHandler}
  const ec2 = new EC2Client(config)

  return translateErrors<Nearby>(
    {
      async regions() {
        const {Regions: regions = []} = await ec2.send(new DescribeRegionsCommand({}))
        return regions.flatMap(({RegionName: name}) => name ?? []).toSorted()
      },
      async zones() {
        const answer = await ec2.send(
          new DescribeAvailabilityZonesCommand({
            Filters: [
              {Name: 'zone-type', Values: ['availability-zone']},
              {Name: 'state', Values: ['available']},
            ],
          }),
        )
        return (answer.AvailabilityZones ?? []).flatMap(({ZoneName: name}) => name ?? []).toSorted()
      },
      async vpcs() {
        const found = await all(paginateDescribeVpcs({client: ec2}, {}), ({Vpcs: vpcs}) => vpcs)
        return found.map((vpc) => ({id: vpc.VpcId ?? '', name: nameOf(vpc.Tags), cidr: vpc.CidrBlock ?? ''}))
      },
      async subnets(vpcId) {
        const filter = {Filters: [{Name: 'vpc-id', Values: [vpcId]}]}
        const found = await all(paginateDescribeSubnets({client: ec2}, filter), ({Subnets: subnets}) => subnets)
        return found
          .map((subnet) => ({
            id: subnet.SubnetId ?? '',
            name: nameOf(subnet.Tags),
            zone: subnet.AvailabilityZone ?? '',
            cidr: subnet.CidrBlock ?? '',
            public: subnet.MapPublicIpOnLaunch ?? false,
          }))
          .toSorted((a, b) => `${a.zone} ${a.cidr}`.localeCompare(`${b.zone} ${b.cidr}`))
      },
      async hostedZones() {
        const client = new Route53Client(config)
        const found = await all(paginateListHostedZones({client}, {}), ({HostedZones: zones}) => zones)
        return found
          .filter(({Config: settings}) => settings?.PrivateZone !== true)
          .map(({Id: id = '', Name: name = ''}) => ({
            id: id.replace(/^\/hostedzone\//, ''),
            domain: name.replace(/\.$/, ''),
          }))
      },
      async certificates() {
        const client = new ACMClient(config)
        const input = {CertificateStatuses: ['ISSUED' as const]}
        const found = await all(
          paginateListCertificates({client}, input),
          ({CertificateSummaryList: certificates}) => certificates,
        )
        return found.map((one) => ({
          arn: one.CertificateArn ?? '',
          names: [...new Set([one.DomainName ?? '', ...(one.SubjectAlternativeNameSummaries ?? [])])],
        }))
      },
    },
    actions,
  )
}
