import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import {isOn, ofType, propertyAt} from '../datasheet/read.ts'
import {anywhere, at, largest, made, ofKind, oneWay, perWithin, sumOf, target} from './amounts.ts'
import {takenAddresses, subnetAddresses, subnetSizes} from './addresses.ts'
import type {Demand} from './demand.ts'
import type {Amounts, QuotaRow, Thing} from './model.ts'

const vpcPage = 'Amazon VPC quotas (VPC user guide)'
const asOf = '2026-11'

/** Rules count for each range, group and prefix list; those of a group's own list and those that stand alone. */
function groupRules({all, made: missing}: Demand): Amounts {
  const rows = (['Ingress', 'Egress'] as const).map((direction) => {
    const inside = ofType(missing, 'EC2::SecurityGroup').map((group): readonly [string, number] => [
      group.reference,
      listOf(group.properties[`SecurityGroup${direction}`]).length,
    ])
    const alone = ofType(missing, `EC2::SecurityGroup${direction}`).map((rule): readonly [string, number] => [
      target(rule.properties['GroupId']),
      1,
    ])
    return sumOf([...inside, ...alone])
  })
  const groups = ofType(all, 'EC2::SecurityGroup').map(({reference}) => reference)
  return new Map(groups.map((group) => [group, Math.max(...rows.map((row) => row.get(group) ?? 0))] as const))
}

/** Entries of a network ACL each way, and the refusal at their end where the ACL itself is new. */
function aclRules({all, made: missing}: Demand): Amounts {
  const entries = ofType(missing, 'EC2::NetworkAclEntry')
  const acls = ofType(all, 'EC2::NetworkAcl')
  return new Map(
    acls.map((acl) => {
      const own = entries.filter(({properties}) => target(properties['NetworkAclId']) === acl.reference)
      const out = own.filter(({properties}) => isOn(properties, 'Egress')).length
      const least = missing.includes(acl) ? 1 : 0
      return [acl.reference, Math.max(out, own.length - out) + least] as const
    }),
  )
}

const groupLists: readonly (readonly (string | number)[])[] = [
  ['SecurityGroups'],
  ['VPCSecurityGroups'],
  ['VpcConfig', 'SecurityGroupIds'],
  ['NetworkConfiguration', 'AwsvpcConfiguration', 'SecurityGroups'],
  ['LaunchTemplateData', 'NetworkInterfaces', 0, 'Groups'],
]

function attachedGroups({properties}: ExpandedResource): number {
  return Math.max(...groupLists.map((way) => listOf(propertyAt(properties, ...way)).length))
}

/** Interfaces that services put into subnets; tasks come on top, each with one. */
function interfaces(demand: Demand): Amounts {
  const subnets =
    (...way: readonly string[]) =>
    ({properties}: ExpandedResource): number =>
      listOf(propertyAt(properties, ...way)).length
  const fixed = made({
    'ElasticLoadBalancingV2::LoadBalancer': subnets('Subnets'),
    'EFS::MountTarget': 1,
    'EC2::NatGateway': 1,
    'RDS::DBInstance': ({properties}) => (isOn(properties, 'MultiAZ') ? 2 : 1),
    'Lambda::Function': subnets('VpcConfig', 'SubnetIds'),
    'EC2::VPCEndpoint': subnets('SubnetIds'),
  })(demand)
  return anywhere((fixed.get('') ?? 0) + demand.tasks.added)
}

function natZone({all}: Demand, gateway: ExpandedResource): string {
  const subnet = all.find(({reference}) => reference === target(gateway.properties['SubnetId']))
  return textOf(subnet?.properties['AvailabilityZone'])
}

function gatewaysByZone(things: readonly Thing[], subnets: readonly Thing[]): Amounts {
  const zones = new Map(subnets.map(({id, kind}) => [id, kind ?? '']))
  return sumOf(things.map(({within, amount}) => [zones.get(within) ?? '', amount]))
}

function endpoints(kind: 'Gateway' | 'Interface', where: (resource: ExpandedResource) => string) {
  // CloudFormation makes a gateway endpoint where a template names no type.
  const typeOf = ({properties}: ExpandedResource): string => textOf(properties['VpcEndpointType'] ?? 'Gateway')
  return made({'EC2::VPCEndpoint': (endpoint) => (typeOf(endpoint) === kind ? 1 : 0)}, where)
}

function vpc(row: Omit<QuotaRow, 'service' | 'source' | 'asOf' | 'adjustable'>): QuotaRow {
  return {...row, service: 'vpc', source: vpcPage, asOf, adjustable: true}
}

/** Quotas of networks. What AWS makes with a VPC counts too: a group, a route table and a network ACL. */
export const networkRows: readonly QuotaRow[] = [
  vpc({
    key: 'vpcs',
    title: 'VPCs',
    code: 'L-F678F1CE',
    scope: 'region',
    fallback: 5,
    list: 'vpcs',
    need: made({'EC2::VPC': 1}),
  }),
  vpc({
    ...{key: 'internet-gateways', title: 'Internet gateways', code: 'L-A4707A72', scope: 'region', fallback: 5},
    list: 'internet-gateways',
    need: made({'EC2::InternetGateway': 1}),
  }),
  vpc({
    ...{key: 'nat-gateways', title: 'NAT gateways in a zone', code: 'L-FE5A380F', scope: 'zone', fallback: 5},
    list: 'nat-gateways',
    beside: 'subnets',
    counts: gatewaysByZone,
    need: (demand) => made({'EC2::NatGateway': 1}, (gateway) => natZone(demand, gateway))(demand),
  }),
  {
    ...{key: 'elastic-ips', title: 'Elastic IP addresses', service: 'ec2', code: 'L-0263D0A3', scope: 'region'},
    ...{fallback: 5, adjustable: true, source: vpcPage, asOf},
    list: 'addresses',
    need: made({'EC2::EIP': 1}),
  },
  vpc({
    ...{key: 'subnets', title: 'Subnets of a VPC', code: 'L-407747CB', scope: 'VPC', fallback: 200},
    list: 'subnets',
    counts: perWithin,
    need: made({'EC2::Subnet': 1}, at('VpcId')),
  }),
  vpc({
    ...{key: 'route-tables', title: 'Route tables of a VPC', code: 'L-589F43AA', scope: 'VPC', fallback: 200},
    list: 'route-tables',
    counts: perWithin,
    need: made({'EC2::RouteTable': 1, 'EC2::VPC': 1}, vpcOf),
  }),
  vpc({
    ...{key: 'network-acls', title: 'Network ACLs of a VPC', code: 'L-B4A6D682', scope: 'VPC', fallback: 200},
    list: 'network-acls',
    counts: perWithin,
    need: made({'EC2::NetworkAcl': 1, 'EC2::VPC': 1}, vpcOf),
  }),
  vpc({
    ...{key: 'acl-rules', title: 'Rules of a network ACL, each way', code: 'L-2AEEBF1A', scope: 'network ACL'},
    fallback: 20,
    list: 'network-acls',
    counts: oneWay,
    need: aclRules,
  }),
  vpc({
    ...{key: 'security-groups', title: 'Security groups', code: 'L-E79EC296', scope: 'region', fallback: 2500},
    list: 'security-groups',
    need: made({'EC2::SecurityGroup': 1, 'EC2::VPC': 1}),
  }),
  vpc({
    ...{key: 'group-rules', title: 'Rules of a security group, each way', code: 'L-0EA8095F', scope: 'security group'},
    fallback: 60,
    list: 'security-groups',
    counts: oneWay,
    need: groupRules,
  }),
  vpc({
    ...{key: 'interface-groups', title: 'Security groups of an interface', code: 'L-2AFB9258', scope: 'interface'},
    fallback: 5,
    need: ({all}) => largest(all, attachedGroups),
  }),
  vpc({
    ...{key: 'network-interfaces', title: 'Network interfaces', code: 'L-DF5E4CA3', scope: 'region', fallback: 5000},
    list: 'network-interfaces',
    need: interfaces,
  }),
  {
    ...{key: 'lambda-interfaces', title: 'Interfaces of functions in a VPC', service: 'lambda', code: 'L-9FEE3D26'},
    ...{scope: 'VPC', fallback: 250, adjustable: true, source: 'AWS Lambda quotas (Lambda developer guide)', asOf},
    list: 'network-interfaces',
    counts: (things) => perWithin(things.filter(({kind}) => kind === 'lambda')),
    need: (demand) =>
      made(
        {'Lambda::Function': ({properties}) => listOf(propertyAt(properties, 'VpcConfig', 'SubnetIds')).length},
        () => ownVpc(demand),
      )(demand),
  },
  vpc({
    ...{key: 'gateway-endpoints', title: 'Gateway endpoints', code: 'L-1B52E74A', scope: 'region', fallback: 20},
    list: 'vpc-endpoints',
    counts: ofKind('Gateway'),
    need: endpoints('Gateway', () => ''),
  }),
  vpc({
    ...{
      key: 'interface-endpoints',
      title: 'Interface endpoints of a VPC',
      code: 'L-29B6F2EB',
      scope: 'VPC',
      fallback: 50,
    },
    list: 'vpc-endpoints',
    counts: (things) => perWithin(things.filter(({kind}) => kind === 'Interface')),
    need: endpoints('Interface', at('VpcId')),
  }),
  {
    ...{key: 'subnet-addresses', title: 'Addresses of a subnet', service: 'vpc', code: '', scope: 'subnet'},
    ...{fallback: undefined, adjustable: false, source: 'Size of the subnet less the five that AWS keeps', asOf},
    list: 'subnets',
    counts: takenAddresses,
    limits: subnetSizes,
    need: subnetAddresses,
  },
]

function vpcOf(resource: ExpandedResource): string {
  return resource.type === 'AWS::EC2::VPC' ? resource.reference : at('VpcId')(resource)
}

/** The VPC that the environment lives in: its own, or the existing one. */
function ownVpc({all}: Demand): string {
  const [own] = ofType(all, 'EC2::VPC')
  if (own !== undefined) return own.reference
  return target(ofType(all, 'EC2::SecurityGroup')[0]?.properties['VpcId'])
}
