import {alternatives, at, items, mapOf, references, textOf, type Template} from '../load.ts'
import {eachResource, finding, resources, type Rule} from './rule.ts'

const associations = (templates: readonly Template[]) => [...resources(templates, 'AWS::EC2::SubnetNetworkAclAssociation')]

/** The ids of child templates and the parameters that carry a network ACL into them. */
function* handedDown(template: Template, acl: string): Generator<{child: string; parameter: string}> {
  for (const {resource} of resources([template], 'AWS::CloudFormation::Stack')) {
    const url = textOf(at(resource.properties, 'TemplateURL', 'Fn::Sub'))
    for (const [parameter, value] of Object.entries(mapOf(resource.properties['Parameters']))) {
      if (references(value).has(acl)) yield {child: url.replace(/^\$\{TemplatesUrl\}\/|\.yaml$/g, ''), parameter}
    }
  }
}

export const aclBound: Rule = {
  name: 'acl-bound',
  why: 'A network ACL that no subnet is bound to filters nothing, and the default one lets everything through.',
  check(templates) {
    const bound = associations(templates)
    const loose = [...resources(templates, 'AWS::EC2::Subnet')].filter(
      ({template, resource}) =>
        !bound.some((one) => one.template === template && references(one.resource.properties['SubnetId'] ?? null).has(resource.id)),
    )
    const acls = [...resources(templates, 'AWS::EC2::NetworkAcl')]
    const uses = ({template, resource}: (typeof acls)[number]) =>
      bound.some((one) => one.template === template && references(one.resource.properties['NetworkAclId'] ?? null).has(resource.id)) ||
      [...handedDown(template, resource.id)].some(({child, parameter}) =>
        bound.some((one) => one.template.id === child && references(one.resource.properties['NetworkAclId'] ?? null).has(parameter)),
      )
    const entries = [...resources(templates, 'AWS::EC2::NetworkAclEntry')]
    const oneWay = acls.filter(({template, resource}) =>
      [true, false].some(
        (egress) =>
          !entries.some(
            (entry) =>
              entry.template === template &&
              entry.resource.properties['Egress'] === egress &&
              references(entry.resource.properties['NetworkAclId'] ?? null).has(resource.id),
          ),
      ),
    )
    return [
      ...loose.map(({template, resource}) => finding(template, resource.id, 'subnet without a network ACL')),
      ...acls.filter((acl) => !uses(acl)).map(({template, resource}) => finding(template, resource.id, 'network ACL that no subnet is bound to')),
      ...oneWay.map(({template, resource}) => finding(template, resource.id, 'network ACL without entries in both directions')),
    ]
  },
}

export const natPerZone: Rule = {
  name: 'nat-per-zone',
  why: 'With all zones on one NAT gateway, the second one that is paid for saves nobody when the first zone fails.',
  check(templates) {
    return [...resources(templates, 'AWS::EC2::Route')].flatMap(({template, resource}) => {
      const nat = resource.properties['NatGatewayId']
      if (nat === undefined) return []
      const own = [...resources([template], 'AWS::EC2::NatGateway')].map((one) => one.resource.id)
      return own.some((id) => references(nat).has(id)) && alternatives(nat).length > 1
        ? []
        : [finding(template, resource.id, 'default route that cannot take a NAT gateway of its own zone')]
    })
  },
}

export const noPublicTasks: Rule = {
  name: 'no-public-tasks',
  why: 'A task with a public address can be reached past the load balancer, and its calls do not come from the NAT gateway.',
  check: (templates) => [
    ...eachResource(['AWS::ECS::Service'], ({properties}) =>
      at(properties, 'NetworkConfiguration', 'AwsvpcConfiguration', 'AssignPublicIp') === 'DISABLED'
        ? undefined
        : 'tasks may get a public address',
    )(templates),
    ...eachResource(['AWS::EC2::LaunchTemplate'], ({properties}) =>
      items(at(properties, 'LaunchTemplateData', 'NetworkInterfaces')).some((one) => at(one, 'AssociatePublicIpAddress') === false)
        ? undefined
        : 'instances may get a public address',
    )(templates),
    ...eachResource(['AWS::EC2::Subnet'], ({properties}) =>
      properties['MapPublicIpOnLaunch'] === false ? undefined : 'subnet that gives public addresses',
    )(templates),
  ],
}

export const groupsByReference: Rule = {
  name: 'groups-by-reference',
  why: 'Rules by address let in whatever gets that address next; between tiers only the other tier\'s group is meant.',
  check(templates) {
    const open = ['AWS::EC2::SecurityGroupIngress']
    return [
      ...eachResource(open, ({properties}) => {
        const port = Number(properties['FromPort'])
        const publicPort = [80, 443, 9918].includes(port) && references(properties['CidrIp'] ?? null).size > 0
        return properties['SourceSecurityGroupId'] !== undefined || publicPort ? undefined : 'source is not a security group'
      })(templates),
      ...eachResource(['AWS::EC2::SecurityGroup'], ({properties}) =>
        items(properties['SecurityGroupIngress']).some((rule) => references(at(rule, 'CidrIp') ?? null).size === 0)
          ? 'fixed address as a source'
          : undefined,
      )(templates),
      ...eachResource(['AWS::EC2::SecurityGroup'], ({properties}) =>
        items(properties['SecurityGroupEgress']).length === 0 ? 'no egress of its own, so that everything may go out' : undefined,
      )(templates),
    ]
  },
}

/** 11.0.0.0/8 belongs to somebody; so do the neighbours of the private ranges. */
const publicRanges = ['11.0.0.0/16', '172.15.0.0/16', '172.32.0.0/16', '192.169.0.0/16', '100.0.0.0/16', '8.8.0.0/16']
const privateRanges = ['10.20.0.0/16', '172.16.0.0/20', '172.31.0.0/22', '192.168.0.0/16']

export const privateRange: Rule = {
  name: 'private-range',
  why: 'A VPC on public address space cuts its tasks off from whoever owns those addresses.',
  check: (templates) =>
    templates.flatMap((template) =>
      Object.entries(template.parameters)
        .filter(([name]) => name === 'VpcCidr')
        .flatMap(([name, parameter]) => {
          const pattern = new RegExp(`^(?:${textOf(parameter['AllowedPattern'])})$`)
          const wrong = [
            ...publicRanges.filter((range) => pattern.test(range)).map((range) => `accepts ${range}`),
            ...privateRanges.filter((range) => !pattern.test(range)).map((range) => `refuses ${range}`),
            ...(pattern.test(textOf(parameter['Default'])) ? [] : ['its default does not fit']),
          ]
          return wrong.map((what) => finding(template, name, what))
        }),
    ),
}
