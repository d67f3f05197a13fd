import type {ExpandedResource} from '../expansion.ts'
import {listOf, type TemplateValue, textOf} from '../expression.ts'
import {isOn, numberAt, ofType, propertyAt} from './read.ts'

/** Who may open connections to what. */
export interface PortFacts {
  readonly to: string
  readonly port: number
  /** Address ranges and security groups, by their purpose. */
  readonly from: readonly string[]
  readonly what: string
}

/** What may be reached outside of the network. */
export interface OutboundFacts {
  readonly from: string
  readonly port: number
  readonly to: string
  readonly what: string
}

/** A door to the internet. */
export interface PublicFacts {
  readonly what: string
  readonly port: number
  readonly protocol: string
  /** Names that it answers to; empty where it has only the name that AWS gives. */
  readonly hosts: readonly string[]
  readonly does: 'forwards' | 'redirects'
}

/** Stands in templates for "no address at all": a group without any rule could call everywhere. */
const nowhere = '127.0.0.1/32'

/** What a security group is for, from its description; for one that the templates do not make, its id. */
function purpose(groups: readonly ExpandedResource[], reference: string): string {
  const group = groups.find((candidate) => [candidate.reference, `${candidate.reference}.GroupId`].includes(reference))
  return group === undefined
    ? reference
    : textOf(group.properties['GroupDescription']).replace(/^pi-aws: (the )?|,.*$/g, '')
}

interface Rule {
  readonly group: string
  readonly values: TemplateValue
}

/** Rules inside of groups and rules that stand alone. */
function rules(
  resources: readonly ExpandedResource[],
  groups: readonly ExpandedResource[],
  direction: 'Ingress' | 'Egress',
): readonly Rule[] {
  const inside = groups.flatMap((group) =>
    listOf(group.properties[`SecurityGroup${direction}`]).map((values) => ({group: group.reference, values})),
  )
  const alone = ofType(resources, `EC2::SecurityGroup${direction}`).map(({properties}) => ({
    group: textOf(properties['GroupId']),
    values: properties,
  }))
  return [...inside, ...alone]
}

/** All rules that let something in, one row for each port of a tier, tier by tier. */
export function portsOf(resources: readonly ExpandedResource[]): readonly PortFacts[] {
  const groups = ofType(resources, 'EC2::SecurityGroup')
  const rows = new Map<string, {to: string; port: number; from: string[]; what: string}>()
  for (const {group, values} of rules(resources, groups, 'Ingress')) {
    const to = purpose(groups, group)
    const port = numberAt(values, 'FromPort')
    const source = textOf(propertyAt(values, 'CidrIp') ?? '')
    const from = source === '' ? purpose(groups, textOf(propertyAt(values, 'SourceSecurityGroupId'))) : source
    const key = `${to} ${port}`
    const row = rows.get(key) ?? {to, port, from: [], what: textOf(propertyAt(values, 'Description'))}
    if (!row.from.includes(from)) row.from.push(from)
    rows.set(key, row)
  }
  const order = [...rows.values()].map(({to}) => to)
  return [...rows.values()].toSorted((a, b) => order.indexOf(a.to) - order.indexOf(b.to) || a.port - b.port)
}

/** All rules that let something out of the network. */
export function outboundOf(resources: readonly ExpandedResource[]): readonly OutboundFacts[] {
  const groups = ofType(resources, 'EC2::SecurityGroup')
  return rules(resources, groups, 'Egress').flatMap(({group, values}) => {
    const range = textOf(propertyAt(values, 'CidrIp') ?? '')
    const toPrefixList = propertyAt(values, 'DestinationPrefixListId') !== undefined
    if (range === nowhere || (range === '' && !toPrefixList)) return []
    const what = textOf(propertyAt(values, 'Description'))
    return [{from: purpose(groups, group), port: numberAt(values, 'FromPort'), to: toPrefixList ? what : range, what}]
  })
}

/** Listeners of internet-facing load balancers, with the host names that lead to them. */
export function publicOf(resources: readonly ExpandedResource[]): readonly PublicFacts[] {
  const balancers = ofType(resources, 'ElasticLoadBalancingV2::LoadBalancer').filter(
    ({properties}) => properties['Scheme'] === 'internet-facing',
  )
  const hostRules = ofType(resources, 'ElasticLoadBalancingV2::ListenerRule')
  return ofType(resources, 'ElasticLoadBalancingV2::Listener')
    .filter(({properties}) => balancers.some(({reference}) => reference === properties['LoadBalancerArn']))
    .map(({properties, reference}) => ({
      what: 'load balancer',
      port: numberAt(properties, 'Port'),
      protocol: textOf(properties['Protocol']),
      hosts: hostRules
        .filter(({properties: rule}) => rule['ListenerArn'] === reference)
        .flatMap(({properties: rule}) =>
          listOf(propertyAt(rule, 'Conditions', 0, 'HostHeaderConfig', 'Values')).map(textOf),
        ),
      does: propertyAt(properties, 'DefaultActions', 0, 'Type') === 'redirect' ? 'redirects' : 'forwards',
    }))
}

/** Everything else that would have a public address; nothing should. */
export function exposedOf(resources: readonly ExpandedResource[]): readonly string[] {
  const exposed = resources.filter(
    ({properties}) =>
      isOn(properties, 'PubliclyAccessible') ||
      isOn(properties, 'MapPublicIpOnLaunch') ||
      isOn(properties, 'LaunchTemplateData', 'NetworkInterfaces', 0, 'AssociatePublicIpAddress') ||
      propertyAt(properties, 'NetworkConfiguration', 'AwsvpcConfiguration', 'AssignPublicIp') === 'ENABLED',
  )
  return exposed.map(({reference}) => reference)
}
