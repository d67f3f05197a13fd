/** A VPC that somebody else made, as far as it matters to us. */
export interface KnownVpc {
  readonly cidrs: readonly string[]
  /** Whether the resolver of the VPC answers, and whether its machines get names: EFS and Cloud Map need both. */
  readonly dnsSupport: boolean
  readonly dnsHostnames: boolean
}

export interface KnownSubnet {
  readonly id: string
  readonly vpcId: string
  readonly zone: string
  readonly freeAddresses: number
}

export interface KnownRouteTable {
  /** Subnets that are bound to it; every other one follows the main table. */
  readonly subnetIds: readonly string[]
  readonly main: boolean
  /** Target of the route to 0.0.0.0/0 (`igw-...`, `nat-...`, `tgw-...`), absent without one or where it leads nowhere. */
  readonly defaultTarget?: string
}

/** The network that a configuration names. */
export interface WantedNetwork {
  readonly vpc: string
  readonly cidr: string
  readonly publicSubnets: readonly string[]
  readonly applicationSubnets: readonly string[]
  readonly dataSubnets: readonly string[]
}

/** What AWS says of it. */
export interface FoundNetwork {
  readonly vpc: KnownVpc | undefined
  readonly subnets: readonly KnownSubnet[]
  readonly routeTables: readonly KnownRouteTable[]
}

/** Addresses that a tier's subnet must have free: a load balancer alone asks for eight (ELB guide, subnets). */
const fewestFree = 8

/** Everything about an existing VPC that the platform would trip over; nothing when it fits. */
export function networkProblems(wanted: WantedNetwork, found: FoundNetwork): readonly string[] {
  if (found.vpc === undefined) return [`${wanted.vpc} does not exist in this account and region`]
  const {vpc} = found
  return [
    ...(vpc.cidrs.includes(wanted.cidr) ? [] : [`${wanted.vpc} has ${vpc.cidrs.join(', ')}, not ${wanted.cidr}`]),
    ...(vpc.dnsSupport ? [] : [`${wanted.vpc} has DNS resolution off (enableDnsSupport)`]),
    ...(vpc.dnsHostnames ? [] : [`${wanted.vpc} gives no DNS names (enableDnsHostnames)`]),
    ...tierProblems('public', wanted.publicSubnets, wanted, found),
    ...tierProblems('application', wanted.applicationSubnets, wanted, found),
    ...tierProblems('data', wanted.dataSubnets, wanted, found),
    ...zoneProblems(wanted, found),
    ...wanted.publicSubnets
      .filter((id) => subnetOf(id, found) !== undefined && !isInternet(defaultTargetOf(id, found)))
      .map((id) => `public subnet ${id} has no route to an internet gateway`),
  ]
}

function subnetOf(id: string, {subnets}: FoundNetwork): KnownSubnet | undefined {
  return subnets.find((subnet) => subnet.id === id)
}

function tierProblems(
  tier: string,
  ids: readonly string[],
  {vpc}: WantedNetwork,
  found: FoundNetwork,
): readonly string[] {
  const problems = ids.flatMap((id): readonly string[] => {
    const subnet = subnetOf(id, found)
    if (subnet === undefined) return [`${tier} subnet ${id} does not exist`]
    if (subnet.vpcId !== vpc) return [`${tier} subnet ${id} lies in ${subnet.vpcId}`]
    if (subnet.freeAddresses >= fewestFree) return []
    return [`${tier} subnet ${id} has ${subnet.freeAddresses} free addresses, ${fewestFree} are needed`]
  })
  const zones = ids.flatMap((id) => subnetOf(id, found)?.zone ?? [])
  const twice = zones.filter((zone, index) => zones.indexOf(zone) !== index)
  return twice.length === 0 ? problems : [...problems, `two ${tier} subnets lie in ${twice.join(', ')}`]
}

/** Tasks mount files through a target in their own zone, and the load balancer reaches only zones it has a subnet in. */
function zoneProblems(
  {publicSubnets, applicationSubnets, dataSubnets}: WantedNetwork,
  found: FoundNetwork,
): readonly string[] {
  const zonesOf = (ids: readonly string[]): readonly string[] => ids.flatMap((id) => subnetOf(id, found)?.zone ?? [])
  const [open, data] = [zonesOf(publicSubnets), zonesOf(dataSubnets)]
  return zonesOf(applicationSubnets).flatMap((zone) => [
    ...(open.includes(zone) ? [] : [`${zone} has an application subnet and no public one`]),
    ...(data.includes(zone) ? [] : [`${zone} has an application subnet and no data subnet`]),
  ])
}

function isInternet(target: string | undefined): boolean {
  return target?.startsWith('igw-') === true
}

/** Where a subnet's packets for the world go. */
function defaultTargetOf(subnetId: string, {routeTables}: FoundNetwork): string | undefined {
  const bound = routeTables.find((table) => table.subnetIds.includes(subnetId)) ?? routeTables.find(({main}) => main)
  return bound?.defaultTarget
}

/** A subnet of tasks and how it reaches the world. */
export interface WayOut {
  readonly subnet: string
  /** Absent: none. An internet gateway is none for tasks, which have no public address. */
  readonly target?: string
  readonly why?: string
}

/** How tasks reach image registry and licence manager, subnet by subnet. */
export function waysOut({applicationSubnets}: WantedNetwork, found: FoundNetwork): readonly WayOut[] {
  return applicationSubnets.map((subnet) => {
    const target = defaultTargetOf(subnet, found)
    if (target === undefined) return {subnet, why: 'no route to 0.0.0.0/0'}
    if (isInternet(target)) return {subnet, why: `${target} is of no use to tasks, which have no public address`}
    return {subnet, target}
  })
}
