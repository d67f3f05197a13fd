import {parseCidr} from '../cidr.ts'
import {ofType, propertyAt} from '../datasheet/read.ts'
import {listOf, textOf, type TemplateValue} from '../expression.ts'
import {sumOf, target} from './amounts.ts'
import type {Demand} from './demand.ts'
import type {Amounts, Thing} from './model.ts'

/** Addresses of each subnet that AWS keeps for itself (VPC user guide, subnet CIDR blocks). */
const kept = 5
/** Free addresses that a load balancer wants in each of its subnets (Elastic Load Balancing user guide). */
const perBalancer = 8

function sizeOf(cidr: string): number {
  const range = parseCidr(cidr)
  return range === undefined ? 0 : range.last - range.first + 1 - kept
}

/** Addresses that anything may take, by subnet: of ours from the templates, of those that exist from the account. */
export function subnetSizes({all}: Demand, things: readonly Thing[]): Amounts {
  return new Map([
    ...ofType(all, 'EC2::Subnet').map(
      ({reference, properties}) => [reference, sizeOf(textOf(properties['CidrBlock']))] as const,
    ),
    ...things.map(({id, counts}) => [id, counts?.['size'] ?? 0] as const),
  ])
}

/** Addresses that are taken, by subnet. */
export function takenAddresses(things: readonly Thing[]): Amounts {
  return new Map(things.map(({id, counts}) => [id, Math.max(0, (counts?.['size'] ?? 0) - (counts?.['free'] ?? 0))]))
}

function spread(subnets: TemplateValue, amount: number): readonly (readonly [string, number])[] {
  return listOf(subnets).map((subnet) => [target(subnet), amount] as const)
}

/** What each subnet has to give: tasks spread evenly, everything else has one or more in each of its subnets. */
export function subnetAddresses({all, made, tasks}: Demand): Amounts {
  const rows = made.flatMap(({type, properties}) => {
    switch (type) {
      case 'AWS::ElasticLoadBalancingV2::LoadBalancer':
        return spread(properties['Subnets'], perBalancer)
      case 'AWS::EFS::MountTarget':
      case 'AWS::EC2::NatGateway':
        return spread(properties['SubnetId'], 1)
      case 'AWS::Lambda::Function':
        return spread(propertyAt(properties, 'VpcConfig', 'SubnetIds'), 1)
      case 'AWS::RDS::DBInstance': {
        const group = all.find(({reference}) => reference === target(properties['DBSubnetGroupName']))
        // Any of its subnets may get the instance, and the standby another.
        return spread(group?.properties['SubnetIds'], 1)
      }
      default:
        return []
    }
  })
  const [service] = tasks.services
  const subnets = service?.subnets ?? []
  const share = subnets.length === 0 ? 0 : Math.ceil(tasks.added / subnets.length)
  return sumOf([...rows, ...subnets.map((subnet) => [target(subnet), share] as const)])
}
