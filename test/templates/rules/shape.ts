import {at, listOf, textOf, walk, type Template} from '../load.ts'
import {carriesStackId, eachResource, finding, type Rule} from './rule.ts'

const perTemplate = (judge: (template: Template) => readonly (readonly [subject: string, what: string])[]): Rule['check'] => (templates) =>
  templates.flatMap((template) => judge(template).map(([subject, what]) => finding(template, subject, what)))

export const wellFormed: Rule = {
  name: 'well-formed',
  why: 'A duplicate key hides a whole template from the scanners, and CloudFormation takes the last one without a word.',
  check: perTemplate((template) => template.problems.map((problem) => ['YAML', problem] as const)),
}

export const noExports: Rule = {
  name: 'no-exports',
  why: 'Exports are names of a whole region: the second environment cannot be made, and no export in use can change.',
  check: perTemplate((template) => [
    ...Object.entries(template.outputs).filter(([, output]) => 'Export' in output).map(([name]) => [name, 'is exported'] as const),
    ...[...walk(template.body)].filter(({path}) => path.at(-1) === 'Fn::ImportValue').map(({path}) => [path[1] ?? '', 'imports a value'] as const),
    ...('Transform' in template.body ? [['Transform', 'a macro runs somewhere else'] as const] : []),
  ]),
}

export const sizes: Rule = {
  name: 'sizes',
  why: 'CloudFormation refuses larger ones, and nobody reads them.',
  check: perTemplate(({id, text, parameters, resources, outputs}) => {
    const bytes = Buffer.byteLength(text)
    const limits = [
      // Foundation has no bucket to come from: its body is sent inline.
      ['bytes', bytes, id === 'foundation' ? 51_200 : 1_048_576],
      ['resources', resources.length, 500],
      ['parameters', Object.keys(parameters).length, 200],
      ['outputs', Object.keys(outputs).length, 200],
      ['lines', text.split('\n').length - 1, 400],
    ] as const
    return limits.filter(([, count, limit]) => count > limit).map(([what, count, limit]) => ['size', `${count} ${what}, ${limit} at most`] as const)
  }),
}

const constraints = ['AllowedPattern', 'AllowedValues', 'MinValue', 'MaxValue', 'MinLength', 'MaxLength']
/** CloudFormation checks values of these types against what the account has. */
const checkedTypes = /^(List<)?AWS::/

export const described: Rule = {
  name: 'described',
  why: 'A value that CloudFormation does not refuse is refused minutes later by a resource, in words nobody understands.',
  check: perTemplate((template) => [
    ...Object.entries(template.parameters).flatMap(([name, parameter]) => [
      ...(textOf(parameter['Description']) === '' ? [[name, 'has no description'] as const] : []),
      ...(constraints.some((one) => one in parameter) || checkedTypes.test(textOf(parameter['Type'])) ? [] : [[name, 'takes any value'] as const]),
      ...(textOf(parameter['ConstraintDescription']) === '' ? [[name, 'does not say what it takes'] as const] : []),
      ...(at(parameter, 'Type') === 'Number' && !('AllowedValues' in parameter) && !('MinValue' in parameter && 'MaxValue' in parameter)
        ? [[name, 'has no bounds'] as const]
        : []),
    ]),
    ...Object.entries(template.outputs).filter(([, output]) => textOf(output['Description']) === '').map(([name]) => [name, 'has no description'] as const),
    ...(grouped(template) ? [] : [['Metadata', 'the groups of parameters do not name each once'] as const]),
  ]),
}

function grouped(template: Template): boolean {
  const groups = listOf(at(template.body, 'Metadata', 'AWS::CloudFormation::Interface', 'ParameterGroups'))
  const named = groups.flatMap((group) => listOf(at(group, 'Parameters')).map(textOf)).sort()
  return JSON.stringify(named) === JSON.stringify(Object.keys(template.parameters).sort())
}

export const identified: Rule = {
  name: 'identified',
  why: 'The command line compares templates by these two outputs, and people find our stacks by the description.',
  check: perTemplate((template) => {
    const [first, second] = Object.entries(template.outputs)
    const description = textOf(template.body['Description'])
    return [
      ...(first?.[0] === 'TemplateId' && first[1]['Value'] === template.id ? [] : [['Outputs', 'the first is not TemplateId with its own path'] as const]),
      ...(second?.[0] === 'TemplateVersion' && /^\d+\.\d+\.\d+$/.test(textOf(second[1]['Value'])) ? [] : [['Outputs', 'the second is not TemplateVersion'] as const]),
      ...(description.startsWith(`pi-aws: ${template.id.split('/')[0] ?? ''}`) ? [] : [['Description', 'does not say pi-aws and the part'] as const]),
    ]
  }),
}

/** Properties that give a resource its physical name, by type. A name that AWS insists on carries the stack's id. */
const nameProperties: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': 'BucketName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::RDS::DBInstance': 'DBInstanceIdentifier',
  'AWS::RDS::DBSubnetGroup': 'DBSubnetGroupName',
  'AWS::RDS::DBParameterGroup': 'DBParameterGroupName',
  'AWS::ECS::Cluster': 'ClusterName',
  'AWS::ECS::Service': 'ServiceName',
  'AWS::ECS::TaskDefinition': 'Family',
  'AWS::ECS::CapacityProvider': 'Name',
  'AWS::AutoScaling::AutoScalingGroup': 'AutoScalingGroupName',
  'AWS::EC2::LaunchTemplate': 'LaunchTemplateName',
  'AWS::EC2::SecurityGroup': 'GroupName',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'Name',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'Name',
  'AWS::WAFv2::WebACL': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::Backup::BackupVault': 'BackupVaultName',
  'AWS::ServiceDiscovery::PrivateDnsNamespace': 'Name',
}

export const noNames: Rule = {
  name: 'no-names',
  why: 'A fixed name exists once in a region: the second environment, or the next one after a retained resource, cannot be made.',
  check: eachResource(Object.keys(nameProperties), ({type, properties}) => {
    const name = properties[nameProperties[type] ?? '']
    return name === undefined || carriesStackId(name) ? undefined : `${nameProperties[type] ?? ''} is fixed`
  }),
}

export const partitions: Rule = {
  name: 'partitions',
  why: 'In GovCloud and China an ARN that begins with arn:aws: names nothing.',
  check: perTemplate((template) =>
    template.text
      .split('\n')
      .map((line, index) => [line, index + 1] as const)
      .filter(([line]) => line.includes('arn:aws:') || /\b(us|eu|ap|sa|ca|me|af)-(north|south|east|west|central)[a-z]*-\d\b/.test(line.replace(/#.*/, '')))
      .map(([, number]) => [`line ${number}`, 'partition or region written out'] as const),
  ),
}
