import {
  DescribeVpcAttributeCommand,
  EC2Client,
  paginateDescribeRouteTables,
  paginateDescribeSubnets,
  paginateDescribeVpcPeeringConnections,
  paginateDescribeVpcs,
  type RouteTable,
  type VpcPeeringConnectionVpcInfo,
} from '@aws-sdk/client-ec2'
import type {KnownRouteTable, KnownSubnet} from '../../domain/preflight/existing-network.ts'
import type {ExistingNetworks} from '../../flows/preflight/ports.ts'
import {isNamed, translateErrors} from '../errors.ts'
import {present} from '../present.ts'
import type {ClientConfig} from '../settings.ts'

/** Networks that others made, by EC2's API. */
export function createExistingNetworks(config: ClientConfig): ExistingNetworks {
  const client = new EC2Client(config)

  async function cidrsOf(id: string): Promise<readonly string[]> {
    const cidrs: string[] = []
    for await (const page of paginateDescribeVpcs({client}, {VpcIds: [id]})) {
      for (const vpc of page.Vpcs ?? []) {
        const added = (vpc.CidrBlockAssociationSet ?? []).flatMap((row) => row.CidrBlock ?? [])
        cidrs.push(...new Set([...(vpc.CidrBlock === undefined ? [] : [vpc.CidrBlock]), ...added]))
      }
    }
    return cidrs
  }

  return translateErrors<ExistingNetworks>(
    {
      async vpc(id) {
        try {
          const [cidrs, support, hostnames] = await Promise.all([
            cidrsOf(id),
            client.send(new DescribeVpcAttributeCommand({VpcId: id, Attribute: 'enableDnsSupport'})),
            client.send(new DescribeVpcAttributeCommand({VpcId: id, Attribute: 'enableDnsHostnames'})),
          ])
          return {
            cidrs,
            dnsSupport: support.EnableDnsSupport?.Value ?? false,
            dnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
          }
        } catch (error) {
          if (isNamed(error, 'InvalidVpcID.NotFound')) return undefined
          throw error
        }
      },
      async subnets(ids) {
        const found: KnownSubnet[] = []
        // By filter: naming one that does not exist would fail the call for all.
        const filter = {Filters: [{Name: 'subnet-id', Values: [...ids]}]}
        for await (const page of paginateDescribeSubnets({client}, filter)) {
          for (const subnet of page.Subnets ?? []) {
            found.push({
              id: subnet.SubnetId ?? '',
              vpcId: subnet.VpcId ?? '',
              zone: subnet.AvailabilityZone ?? '',
              freeAddresses: subnet.AvailableIpAddressCount ?? 0,
            })
          }
        }
        return found
      },
      async routeTables(vpcId) {
        const tables: KnownRouteTable[] = []
        const filter = {Filters: [{Name: 'vpc-id', Values: [vpcId]}]}
        for await (const page of paginateDescribeRouteTables({client}, filter))
          tables.push(...(page.RouteTables ?? []).map(routeTable))
        return tables
      },
      async peerRanges() {
        const ranges: {vpcId: string; name: string; cidr: string}[] = []
        const filter = {Filters: [{Name: 'status-code', Values: ['active', 'pending-acceptance', 'provisioning']}]}
        for await (const page of paginateDescribeVpcPeeringConnections({client}, filter)) {
          for (const {AccepterVpcInfo: accepter, RequesterVpcInfo: requester} of page.VpcPeeringConnections ?? [])
            ranges.push(...rangesOf(accepter), ...rangesOf(requester))
        }
        return ranges
      },
    },
    {
      vpc: 'ec2:DescribeVpcAttribute',
      subnets: 'ec2:DescribeSubnets',
      routeTables: 'ec2:DescribeRouteTables',
      peerRanges: 'ec2:DescribeVpcPeeringConnections',
    },
  )
}

function routeTable(table: RouteTable): KnownRouteTable {
  const associations = table.Associations ?? []
  const route = (table.Routes ?? []).find(
    ({DestinationCidrBlock: to, State: state}) => to === '0.0.0.0/0' && state !== 'blackhole',
  )
  const target =
    route?.NatGatewayId ??
    route?.TransitGatewayId ??
    route?.GatewayId ??
    route?.NetworkInterfaceId ??
    route?.VpcPeeringConnectionId ??
    route?.InstanceId ??
    route?.LocalGatewayId
  return {
    subnetIds: associations.flatMap(({SubnetId: id}) => id ?? []),
    main: associations.some(({Main: main}) => main === true),
    ...present({defaultTarget: target}),
  }
}

function rangesOf(vpc: VpcPeeringConnectionVpcInfo | undefined): {vpcId: string; name: string; cidr: string}[] {
  if (vpc === undefined) return []
  const cidrs = [vpc.CidrBlock, ...(vpc.CidrBlockSet ?? []).map((row) => row.CidrBlock)]
  return [...new Set(cidrs.filter((cidr) => cidr !== undefined))].map((cidr) => ({
    vpcId: vpc.VpcId ?? '',
    name: 'a peered VPC',
    cidr,
  }))
}
