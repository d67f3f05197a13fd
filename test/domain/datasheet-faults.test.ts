import assert from 'node:assert/strict'
import {type Datasheet, datasheetOf} from '../../src/domain/datasheet.ts'
import {parts} from '../../src/domain/parts.ts'
import {parseTemplate} from '../../src/domain/template.ts'
import {demo, environmentOf, refusal} from './samples.ts'

/** A data sheet over templates of our own: all six parts in one, the others empty. */
function sheetOf(resources: string, compute = 'fargate'): Datasheet {
  const empty = parseTemplate('Resources: {}')
  const templates = new Map(parts.map((part) => [part as string, empty]))
  templates.set('foundation', parseTemplate(resources))
  return datasheetOf(demo, environmentOf({compute}), templates)
}

describe('the data sheet of faulty templates', () => {
  for (const [what, resource] of [
    ['Database', 'D: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: false, KmsKeyId: k}}'],
    ['Database', 'D: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: true}}'],
    ['File system', 'F: {Type: AWS::EFS::FileSystem}'],
    ['Buckets', 'B: {Type: AWS::S3::Bucket}'],
    ['Secrets', 'S: {Type: AWS::SecretsManager::Secret}'],
    ['Log groups', 'L: {Type: AWS::Logs::LogGroup}'],
    ['Queues', 'Q: {Type: AWS::SQS::Queue}'],
  ] as const) {
    it(`says that it is not encrypted: ${resource}`, () => {
      const row = sheetOf(`Resources: {${resource}}`).encryption.find((each) => each.what === what)
      assert.deepEqual([row?.complete, row?.how], [false, 'not encrypted'])
    })
  }

  it('says how many of several are not encrypted', () => {
    const groups = 'A: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: k}}, B: {Type: AWS::Logs::LogGroup}'
    const row = sheetOf(`Resources: {${groups}}`).encryption.find(({what}) => what === 'Log groups')
    assert.deepEqual([row?.complete, row?.how], [false, "1 at rest, the environment's own key; 1 not encrypted"])
  })

  it('says of a bucket under a key of AWS whose key it is', () => {
    const bucket =
      'B: {Type: AWS::S3::Bucket, Properties: {BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}}}'
    assert.equal(sheetOf(`Resources: {${bucket}}`).encryption[0]?.how, 'at rest, a key of AWS')
  })

  it('says which mounts are not encrypted on the way', () => {
    const task =
      'T: {Type: AWS::ECS::TaskDefinition, Properties: {Volumes: [{Name: a, EFSVolumeConfiguration: {TransitEncryption: DISABLED}}, {Name: b}]}}'
    const row = sheetOf(`Resources: {${task}}`).encryption.find(({what}) => what === 'Mounts of tasks')
    assert.deepEqual([row?.count, row?.complete, row?.how], [1, false, '1 not encrypted'])
  })

  for (const resource of [
    'X: {Type: AWS::RDS::DBInstance, Properties: {PubliclyAccessible: true}}',
    'X: {Type: AWS::EC2::Subnet, Properties: {MapPublicIpOnLaunch: "true"}}',
    'X: {Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {NetworkInterfaces: [{AssociatePublicIpAddress: true}]}}}',
    'X: {Type: AWS::ECS::Service, Properties: {NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED}}}}',
  ]) {
    it(`names what the world could reach: ${resource}`, () => {
      assert.deepEqual(sheetOf(`Resources: {${resource}}`).exposed, ['foundation/X'])
    })
  }

  it('shows a rule whose group it does not know by the id of the group', () => {
    const rule =
      'R: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: sg-1, SourceSecurityGroupId: sg-2, FromPort: 22, Description: ssh}}'
    assert.deepEqual(sheetOf(`Resources: {${rule}}`).ports, [{to: 'sg-1', port: 22, from: ['sg-2'], what: 'ssh'}])
  })

  it('shows no internal load balancer as public', () => {
    const internal =
      'L: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Scheme: internal}}, P: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref L, Port: 80, Protocol: HTTP}}'
    assert.deepEqual(sheetOf(`Resources: {${internal}}`).public, [])
  })

  it('says that nothing protects what may be deleted', () => {
    const limits = sheetOf(
      'Resources: {D: {Type: AWS::RDS::DBInstance, Properties: {DeletionProtection: false}}}',
    ).limits
    assert.equal(limits.find(({what}) => what === 'Deletion protection')?.value, 'none')
  })

  it('has no drivers of cost where there is nothing', () => {
    const {costs, backup, services, database, files} = sheetOf('Resources: {}')
    assert.deepEqual(costs, [])
    assert.deepEqual([backup, services, database.storageBytes, files.mountTargets], [undefined, [], 0, 0])
  })

  it('says which template is missing', () => {
    assert.throws(() => datasheetOf(demo, environmentOf(), new Map()), refusal('TEMPLATE_MISSING', /foundation\.yaml/))
  })

  it('puts a stand-in for what only AWS knows', () => {
    const template =
      'Parameters: {KeyArn: {Type: String}, EnvironmentName: {Type: String}}\nResources: {L: {Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !Ref KeyArn, LogGroupName: !Ref EnvironmentName}}}'
    assert.equal(sheetOf(template).encryption[0]?.complete, true)
  })
})
