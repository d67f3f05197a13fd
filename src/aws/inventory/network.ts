import {
  DescribeAddressesCommand,
  EC2Client,
  type IpPermission,
  paginateDescribeInstances,
  paginateDescribeInternetGateways,
  paginateDescribeNatGateways,
  paginateDescribeNetworkAcls,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVolumes,
  paginateDescribeVpcEndpoints,
  paginateDescribeVpcs,
  type Instance,
  type NetworkAclEntry,
} from '@aws-sdk/client-ec2'
import type {Thing} from '../../domain/quotas/model.ts'
import {isStandard} from '../../domain/quotas/instances.ts'
import {type Attach, limitedClient} from '../rate-limit.ts'
import type {ClientConfig} from '../settings.ts'
import {folded, type Listers, one} from './lists.ts'

const pageSize = 1000
const tebibyte = 1024 // GiB

/** Everything of EC2 and its networks that quotas count. */
export function networkLists(config: ClientConfig, attach: Attach): Listers {
  const client = limitedClient(new EC2Client(config), attach)
  const paged = {client, pageSize}
  return {
    vpcs: () => folded(paginateDescribeVpcs(paged, {}), ({Vpcs = []}) => Vpcs.map(({VpcId}) => one(VpcId))),
    'internet-gateways': () =>
      folded(paginateDescribeInternetGateways(paged, {}), ({InternetGateways = []}) =>
        InternetGateways.map(({InternetGatewayId}) => one(InternetGatewayId)),
      ),
    'nat-gateways': () =>
      folded(
        // A gateway that failed or is gone is listed for an hour and does not count.
        paginateDescribeNatGateways(paged, {Filter: [{Name: 'state', Values: ['pending', 'available', 'deleting']}]}),
        ({NatGateways = []}) => NatGateways.map(({NatGatewayId, SubnetId}) => one(NatGatewayId, SubnetId)),
      ),
    async addresses() {
      // This list has no pages.
      const {Addresses = []} = await client.send(new DescribeAddressesCommand({}))
      return Addresses.filter(({Domain}) => Domain !== 'standard').map(({AllocationId}) => one(AllocationId))
    },
    subnets: () =>
      folded(paginateDescribeSubnets(paged, {}), ({Subnets = []}) =>
        Subnets.map(({SubnetId, VpcId, AvailabilityZone = '', CidrBlock = '', AvailableIpAddressCount: free = 0}) =>
          one(SubnetId, VpcId, {kind: AvailabilityZone, counts: {size: usable(CidrBlock), free}}),
        ),
      ),
    'route-tables': () =>
      folded(paginateDescribeRouteTables({client, pageSize: 100}, {}), ({RouteTables = []}) =>
        RouteTables.map(({RouteTableId, VpcId}) => one(RouteTableId, VpcId)),
      ),
    'network-acls': () =>
      folded(paginateDescribeNetworkAcls(paged, {}), ({NetworkAcls = []}) =>
        NetworkAcls.map(({NetworkAclId, VpcId, Entries = []}) =>
          one(NetworkAclId, VpcId, {counts: entryCounts(Entries)}),
        ),
      ),
    'security-groups': () =>
      folded(paginateDescribeSecurityGroups(paged, {}), ({SecurityGroups = []}) =>
        SecurityGroups.map(({GroupId, VpcId, IpPermissions = [], IpPermissionsEgress = []}) =>
          one(GroupId, VpcId, {counts: {inbound: ruleCount(IpPermissions), outbound: ruleCount(IpPermissionsEgress)}}),
        ),
      ),
    'network-interfaces': () =>
      folded(paginateDescribeNetworkInterfaces(paged, {}), ({NetworkInterfaces = []}) =>
        NetworkInterfaces.map(({NetworkInterfaceId, VpcId, InterfaceType}) =>
          one(NetworkInterfaceId, VpcId, {kind: InterfaceType ?? 'interface'}),
        ),
      ),
    'vpc-endpoints': () =>
      folded(paginateDescribeVpcEndpoints(paged, {}), ({VpcEndpoints = []}) =>
        VpcEndpoints.filter(({State}) => !/^(deleted|failed|rejected|expired)$/i.test(State ?? '')).map(
          ({VpcEndpointId, VpcId, VpcEndpointType}) => one(VpcEndpointId, VpcId, {kind: VpcEndpointType ?? 'Gateway'}),
        ),
      ),
    instances: () =>
      folded(
        paginateDescribeInstances(paged, {Filters: [{Name: 'instance-state-name', Values: ['pending', 'running']}]}),
        ({Reservations = []}) => Reservations.flatMap(({Instances = []}) => Instances.map(instance)),
      ),
    volumes: () =>
      folded(paginateDescribeVolumes({client, pageSize: 500}, {}), ({Volumes = []}) =>
        Volumes.map(({VolumeId, VolumeType = '', Size = 0}) =>
          one(VolumeId, '', {kind: VolumeType, amount: Size / tebibyte}),
        ),
      ),
  }
}

/** Addresses of a range that anything may take: AWS keeps five of each subnet. */
function usable(cidr: string): number {
  const prefix = Number(cidr.split('/')[1])
  return Number.isInteger(prefix) ? 2 ** (32 - prefix) - 5 : 0
}

/** Entries each way; the two address families have limits of their own, so the larger one counts. */
function entryCounts(entries: readonly NetworkAclEntry[]): Readonly<Record<string, number>> {
  const most = (egress: boolean): number => {
    const way = entries.filter(({Egress}) => Egress === egress)
    const sixth = way.filter(({Ipv6CidrBlock}) => Ipv6CidrBlock !== undefined).length
    return Math.max(sixth, way.length - sixth)
  }
  return {inbound: most(false), outbound: most(true)}
}

/** Each range, group and prefix list of a permission is a rule of its own. */
function ruleCount(permissions: readonly IpPermission[]): number {
  return permissions.reduce(
    (sum, {IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = []}) =>
      sum + IpRanges.length + Ipv6Ranges.length + UserIdGroupPairs.length + PrefixListIds.length,
    0,
  )
}

function instance({InstanceId, InstanceType, InstanceLifecycle, CpuOptions, Tags = []}: Instance): Thing {
  const group = Tags.find(({Key}) => Key === 'aws:autoscaling:groupName')?.Value ?? ''
  const onDemand = InstanceLifecycle === undefined
  return one(InstanceId, group, {
    // The quota counts vCPU and not instances.
    amount: (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1),
    kind: onDemand && isStandard(InstanceType ?? '') ? 'standard' : 'other',
  })
}
