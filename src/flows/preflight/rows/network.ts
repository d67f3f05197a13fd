import {checkRange, checkZones, fail, ok, skip} from '../../../domain/checks.ts'
import {
  type FoundNetwork,
  networkProblems,
  type WantedNetwork,
  waysOut,
} from '../../../domain/preflight/existing-network.ts'
import {configuredParameters, wantedZones} from '../../../domain/parameters.ts'
import {type CheckRow, isToBeMade, type PreflightPorts} from '../context.ts'

const stands = 'the network stands already'

export const zones: CheckRow = {
  name: 'zones',
  what: 'the region offers the zones that are wanted',
  async run({ports, options: {configuration}, landscape}) {
    if (!isToBeMade(landscape, 'network')) return skip(stands)
    return checkZones(wantedZones(configuration), await ports.networks.zones(), configuration.region)
  },
}

/** A new VPC among those of the account and those behind their peering connections. */
export const addressRange: CheckRow = {
  name: 'address-range',
  what: 'the address range of the new VPC is private and free',
  async run({ports, options, landscape, templates}) {
    const {configuration, environment} = options
    if (!isToBeMade(landscape, 'network')) return skip(stands)
    if (configuration.network.existing !== undefined) return skip('the VPC exists already')
    const fallback = templates.models.network.Parameters['VpcCidr']?.Default
    const range = configuredParameters(environment, configuration)['VpcCidr'] ?? String(fallback ?? '')
    const [own, peers] = await Promise.all([ports.networks.vpcRanges(), ports.existingNetworks.peerRanges()])
    // A run beside this one, which is told apart by the lock, may just be making our own VPC.
    return checkRange(range, [...own.filter((vpc) => vpc.environment !== environment), ...peers])
  },
}

async function lookAt(ports: PreflightPorts, wanted: WantedNetwork): Promise<FoundNetwork> {
  const ids = [...new Set([...wanted.publicSubnets, ...wanted.applicationSubnets, ...wanted.dataSubnets])]
  const [vpc, subnets, routeTables] = await Promise.all([
    ports.existingNetworks.vpc(wanted.vpc),
    ports.existingNetworks.subnets(ids),
    ports.existingNetworks.routeTables(wanted.vpc),
  ])
  return {vpc, subnets, routeTables}
}

export const existingNetwork: CheckRow = {
  name: 'existing-network',
  what: 'the existing VPC has the subnets, routes and DNS settings that the platform needs',
  async run({ports, options: {configuration}}) {
    const wanted = configuration.network.existing
    if (wanted === undefined) return skip('pi-aws makes the VPC')
    const problems = networkProblems(wanted, await lookAt(ports, wanted))
    return problems.length === 0
      ? ok(`${wanted.vpc} fits`)
      : fail(problems.join('; '), 'Correct network.existing in pi-aws.yaml, or the VPC')
  },
}

/** Tasks fetch images from the registry and ask the licence manager: both are on the internet. */
export const wayOut: CheckRow = {
  name: 'way-out',
  what: 'tasks reach image registry, AWS and licence manager',
  async run({ports, options: {configuration}}) {
    const {existing, nat} = configuration.network
    if (existing === undefined) {
      return nat === 'none'
        ? fail(
            'network.nat: none leaves tasks without a way to images, secrets and licence manager',
            'Use nat: one, or an existing VPC with another way out',
          )
        : ok('through the NAT gateways that pi-aws makes')
    }
    const ways = waysOut(existing, await lookAt(ports, existing))
    const closed = ways.flatMap(({subnet, why}) => (why === undefined ? [] : [`${subnet}: ${why}`]))
    return closed.length === 0
      ? ok(`through ${[...new Set(ways.flatMap(({target}) => target ?? []))].join(', ')}`)
      : fail(
          `tasks reach neither image registry nor licence manager: ${closed.join('; ')}`,
          'Route 0.0.0.0/0 of the application subnets to a NAT or transit gateway',
        )
  },
}
