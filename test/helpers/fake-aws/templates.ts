/** Templates as small as they can be and still have every parameter, condition and type that flows know of. */
export function smallTemplates(): Map<string, string> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, text.trimStart()]))
}

const common = `EnvironmentName: {Type: String}`

function outputs(id: string, own = ''): string {
  return `Outputs:${own}
  TemplateId: {Value: ${id}}
  TemplateVersion: {Value: 1.0.0}
`
}

const texts = {
  'foundation.yaml': `
Parameters:
  ${common}
  NotificationEmail: {Type: String, Default: ''}
Resources:
  Key: {Type: 'AWS::KMS::Key'}
  RecordsBucket: {Type: 'AWS::S3::Bucket'}
  AlarmTopic: {Type: 'AWS::SNS::Topic', Properties: {Mail: !Ref NotificationEmail}}
${outputs('foundation')}`,
  'network.yaml': `
Parameters:
  ${common}
  KeyArn: {Type: String}
  VpcCidr: {Type: String, Default: 10.20.0.0/16}
  AvailabilityZones: {Type: CommaDelimitedList}
  ZoneCount: {Type: Number, Default: 2}
  NatMode: {Type: String, Default: one}
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {Range: !Ref VpcCidr, Zones: !Ref AvailabilityZones}}
  Nat: {Type: 'AWS::EC2::NatGateway', Properties: {Mode: !Ref NatMode}}
${outputs('network')}`,
  'files.yaml': `
Parameters:
  ${common}
  KeyArn: {Type: String}
  ApplicationSubnetIds: {Type: String}
  FunctionKey: {Type: String}
  Attached: {Type: String, Default: 'true'}
  DataUid: {Type: Number, Default: 0}
  ThroughputMode: {Type: String, Default: elastic}
Resources:
  FileSystem: {Type: 'AWS::EFS::FileSystem', Properties: {Mode: !Ref ThroughputMode}}
  MountTarget: {Type: 'AWS::EFS::MountTarget', Condition: IsAttached}
  SideloadFunction: {Type: 'AWS::Lambda::Function', Condition: IsAttached, Properties: {Key: !Ref FunctionKey}}
${outputs('files')}`,
  'database.yaml': `
Parameters:
  ${common}
  KeyArn: {Type: String}
  DataSubnetIds: {Type: String}
  Generation: {Type: Number}
  SnapshotIdentifier: {Type: String, Default: ''}
  Active: {Type: String, Default: 'true'}
  DeletionProtection: {Type: String, Default: 'true'}
  EngineVersion: {Type: String, Default: '10.11'}
  ParameterGroupFamily: {Type: String, Default: mariadb10.11}
  MasterUsername: {Type: String, Default: pi_master}
  InstanceClass: {Type: String, Default: db.t4g.medium}
  AllocatedStorage: {Type: Number, Default: 20}
Resources:
  Instance: {Type: 'AWS::RDS::DBInstance', Properties: {Class: !Ref InstanceClass, Keep: !Ref DeletionProtection}}
  UserSecret: {Type: 'AWS::SecretsManager::Secret'}
  CheckTask: {Type: 'AWS::ECS::TaskDefinition'}
${outputs('database', '\n  DatabaseIdentifier: {Value: !Ref Instance}')}`,
  'app.yaml': `
Parameters:
  ${common}
  KeyArn: {Type: String}
  VpcId: {Type: String}
  DatabaseEndpoint: {Type: String}
  DatabaseGeneration: {Type: Number}
  FileSystemId: {Type: String}
  TemplatesUrl: {Type: String}
  FilesGeneration: {Type: Number, Default: 1}
  Quiesced: {Type: String, Default: 'false'}
  DeletionProtection: {Type: String, Default: 'true'}
  Compute: {Type: String, Default: fargate}
  ImageRegistry: {Type: String, Default: ghcr.io/pi-cr}
  ImageTag: {Type: String, Default: '2026_01'}
  DashboardStartCount: {Type: Number, Default: 1}
  DashboardEnvironmentFile: {Type: String, Default: ''}
  RendererStartCount: {Type: Number, Default: 1}
  RendererEnvironmentFile: {Type: String, Default: ''}
Resources:
  LoadBalancer: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {Keep: !Ref DeletionProtection}}
  Seed:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - {Image: !Sub '\${ImageRegistry}/server:\${ImageTag}', RepositoryCredentials: {CredentialsParameter: secret}}
  DashboardLogs: {Type: 'AWS::Logs::LogGroup'}
  DashboardService: {Type: 'AWS::ECS::Service', Properties: {Tag: !Ref ImageTag, Quiet: !Ref Quiesced, Env: !Ref DashboardEnvironmentFile}}
  RendererService: {Type: 'AWS::ECS::Service', Properties: {Tag: !Ref ImageTag, Quiet: !Ref Quiesced}}
${outputs('app')}`,
  'app/service.yaml': `
Parameters: {}
Resources:
  Task: {Type: 'AWS::ECS::TaskDefinition', Properties: {ContainerDefinitions: [{Environment: [{Name: PI_DB_HOST, Value: there}]}]}}
`,
  'operations.yaml': `
Parameters:
  ${common}
  ClusterName: {Type: String}
  DatabaseIdentifier: {Type: String}
  BackupSchedule: {Type: String, Default: 'cron(0 3 * * ? *)'}
Resources:
  Plan: {Type: 'AWS::Backup::BackupPlan', Properties: {Schedule: !Ref BackupSchedule, Database: !Ref DatabaseIdentifier}}
${outputs('operations')}`,
}
