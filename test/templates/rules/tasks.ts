import {alternatives, at, isJsonMap, items, mapOf, references, textOf, walk, type Json, type Template} from '../load.ts'
import {eachResource, finding, resources, type Rule} from './rule.ts'

export const twoRoles: Rule = {
  name: 'two-roles',
  why: 'With one role for both, whoever gets into a container reads every secret that ECS may read.',
  check: (templates) => [
    ...eachResource(['AWS::ECS::TaskDefinition'], ({properties}, template) => {
      const execution = [...references(properties['ExecutionRoleArn'] ?? null)]
      const task = [...references(properties['TaskRoleArn'] ?? null)]
      if (execution.length === 0) return 'no execution role'
      if (task.some((role) => execution.includes(role))) return 'task and execution share a role'
      const actions = task.flatMap((id) => actionsOf(template, id))
      return actions.some((action) => action.startsWith("secretsmanager:")) ? 'the task itself may read secrets' : undefined
    })(templates),
    ...eachResource(['AWS::IAM::Role'], ({properties}) => {
      const services = new Set(
        [...walk(properties['AssumeRolePolicyDocument'] ?? null)].flatMap(({value, path}) => (path.at(-1) === 'Service' ? items(value) : [])).map((one) => JSON.stringify(one)),
      )
      if (services.size !== 1) return 'not for one service alone'
      if (properties['PermissionsBoundary'] === undefined) return 'takes no permissions boundary'
      return properties['Path'] === undefined ? 'takes no path' : undefined
    })(templates),
  ],
}

function actionsOf(template: Template, role: string): readonly string[] {
  const declaration = template.resources.find((one) => one.id === role)?.properties ?? {}
  return [...walk(declaration)].flatMap(({value, path}) => (path.at(-1) === 'Action' ? items(value).map(textOf) : []))
}

export const leastPrivilege: Rule = {
  name: 'least-privilege',
  why: 'An action or a resource that is a bare star is a role for everything.',
  check: (templates) =>
    [...resources(templates, 'AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')].flatMap(({template, resource}) =>
      [...walk(resource.properties)].flatMap(({value}) => {
        if (!isJsonMap(value) || value['Effect'] !== 'Allow' || value['Action'] === undefined) return []
        const actions = items(value['Action']).map(textOf)
        const everywhere = items(value['Resource']).includes('*')
        return [
          ...actions.filter((action) => /^\*$|:\*$/.test(action)).map((action) => finding(template, resource.id, `allows ${action}`)),
          ...(everywhere ? actions.filter((action) => !noResource.has(action)).map((action) => finding(template, resource.id, `allows ${action} on every resource`)) : []),
        ]
      }),
    ),
}

/** Actions that know no resource. */
const noResource = new Set([
  'ecr:GetAuthorizationToken',
  'logs:DescribeLogGroups',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
])

const secretLike = /PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_?KEY|LICEN[CS]E|CREDENTIAL/i

export const noPlainSecrets: Rule = {
  name: 'no-plain-secrets',
  why: 'Plain environment is shown by the console and DescribeTaskDefinition; a parameter is shown by DescribeStacks.',
  check: (templates) => [
    ...[...resources(templates, 'AWS::ECS::TaskDefinition')].flatMap(({template, resource}) =>
      items(resource.properties['ContainerDefinitions']).flatMap((container) =>
        items(at(container, 'Environment')).flatMap((variable) => {
          const name = textOf(at(variable, 'Name'))
          const value = JSON.stringify(at(variable, 'Value') ?? null)
          return secretLike.test(name) || /resolve:|Secret/.test(value) ? [finding(template, resource.id, `secret in plain variable ${name}`)] : []
        }),
      ),
    ),
    ...eachResource(['AWS::Lambda::Function'], ({properties}) => {
      const names = Object.keys(mapOf(at(properties, 'Environment', 'Variables'))).filter((name) => secretLike.test(name))
      return names.length === 0 ? undefined : `secret in plain variable ${names.join(', ')}`
    })(templates),
    ...templates.flatMap((template) =>
      Object.keys(template.parameters)
        .filter((name) => secretLike.test(name) && !name.endsWith('SecretArn'))
        .map((name) => finding(template, name, 'secret as a parameter')),
    ),
    ...[...resources(templates, 'AWS::SecretsManager::Secret')].flatMap(({template, resource}) =>
      resource.properties['SecretString'] === undefined ? [] : [finding(template, resource.id, 'secret with its value in the template')],
    ),
  ],
}

export const logsEnd: Rule = {
  name: 'logs-end',
  why: 'A log group without retention is paid for for ever, and one that nobody declared has none.',
  check: (templates) => [
    ...eachResource(['AWS::Logs::LogGroup'], ({properties}) => (properties['RetentionInDays'] === undefined ? 'never expires' : undefined))(templates),
    ...eachResource(['AWS::ECS::TaskDefinition', 'AWS::Lambda::Function'], ({properties, type}, template) => {
      const groups = type.startsWith('AWS::Lambda')
        ? [at(properties, 'LoggingConfig', 'LogGroup')]
        : items(properties['ContainerDefinitions']).map((one) => at(one, 'LogConfiguration', 'Options', 'awslogs-group'))
      const declared = new Set(template.resources.filter((one) => one.type === 'AWS::Logs::LogGroup').map((one) => one.id))
      return groups.every((group) => declared.has(textOf(at(group, 'Ref')))) ? undefined : 'logs into a group that this template does not declare'
    })(templates),
    ...eachResource(['AWS::RDS::DBInstance'], ({properties}, template) => {
      const exports = items(properties['EnableCloudwatchLogsExports']).map(textOf)
      const names = template.resources.filter((one) => one.type === 'AWS::Logs::LogGroup').map((one) => JSON.stringify(one.properties['LogGroupName'] ?? null))
      const lost = exports.filter((name) => !names.some((group) => group.includes(`/aws/rds/instance/`) && group.includes(`/${name}"`)))
      return lost.length === 0 ? undefined : `exports ${lost.join(', ')} into a group that never expires`
    })(templates),
  ],
}

export const alarmsHeard: Rule = {
  name: 'alarms-heard',
  why: 'An alarm without a listener or a sentence wakes nobody who knows what to do.',
  check: eachResource(['AWS::CloudWatch::Alarm'], ({properties}) => {
    if (items(properties['AlarmActions']).length === 0) return 'tells nobody'
    const sentence = textOf(at(properties, 'AlarmDescription', 'Fn::Sub'))
    return sentence.startsWith('pi-aws ${EnvironmentName}: ') ? undefined : 'does not say what it means'
  }),
}

export const dashboardReads: Rule = {
  name: 'dashboard-reads',
  why: 'CloudWatch takes a broken dashboard body only at the deploy, with a message about a byte.',
  check: eachResource(['AWS::CloudWatch::Dashboard'], ({properties}) => {
    const sub = at(properties, 'DashboardBody', 'Fn::Sub')
    try {
      JSON.parse(textOf(Array.isArray(sub) ? sub[0] : sub))
      return undefined
    } catch {
      return 'its body is not JSON'
    }
  }),
}

export const insightsOn: Rule = {
  name: 'insights-on',
  why: 'Without Container Insights there is no count of running tasks to alarm on.',
  check: eachResource(['AWS::ECS::Cluster'], ({properties}) =>
    items(properties['ClusterSettings']).some((one) => at(one, 'Name') === 'containerInsights' && textOf(at(one, 'Value')).startsWith("en"))
      ? undefined
      : 'Container Insights is off',
  ),
}

export const tlsOnly: Rule = {
  name: 'tls-only',
  why: 'What may be called in plain will be, by the one client nobody looked at.',
  check: (templates) => [
    ...[...resources(templates, 'AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::SNS::Topic')].flatMap(({template, resource}) => {
      const policies = [...resources([template], 'AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy')].filter(({resource: policy}) =>
        ['Bucket', 'Queues', 'Topics'].some((key) => references(policy.properties[key] ?? null).has(resource.id)),
      )
      const denies = (policy: Json) => [...walk(policy)].some(({value}) => at(value, 'aws:SecureTransport') === 'false')
      return policies.some(({resource: policy}) => denies(policy.properties)) ? [] : [finding(template, resource.id, 'may be called without TLS')]
    }),
    ...eachResource(['AWS::ElasticLoadBalancingV2::Listener'], ({properties}) => {
      const secure = alternatives(properties['Protocol']).includes('HTTPS')
      const policies = alternatives(properties['SslPolicy']).map(textOf)
      return secure && !policies.every((policy) => /^ELBSecurityPolicy-TLS13-1-[23]-/.test(policy) && policies.length > 0)
        ? 'takes TLS older than 1.2'
        : undefined
    })(templates),
  ],
}
