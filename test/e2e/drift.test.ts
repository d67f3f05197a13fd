import assert from 'node:assert/strict'
import {EC2Client, RevokeSecurityGroupIngressCommand} from '@aws-sdk/client-ec2'
import {ECSClient, UpdateServiceCommand} from '@aws-sdk/client-ecs'
import {ModifyDBInstanceCommand, RDSClient} from '@aws-sdk/client-rds'
import type {DeployJson} from '../helpers/e2e-results.ts'
import {Embedded} from '../helpers/e2e.ts'

interface DriftJson {
  readonly verdict: string
  readonly stacks: readonly {
    readonly stack: string
    readonly verdict: string
    readonly inSync: number
    readonly unknown: readonly string[]
  }[]
  readonly resources: readonly {
    readonly name: string
    readonly type: string
    readonly state: string
    readonly weight: string
    readonly differences: readonly {readonly path: string; readonly expected: string; readonly actual: string}[]
  }[]
}

describe('what was changed past CloudFormation', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let config: string
  let outputs: DeployJson['outputs']
  const on = (...args: string[]) => [...args, '--local', '--config', config]
  const drift = async (environment = 'calm') => {
    const ended = await cloud.run(on('drift', environment, '--json'))
    return {code: ended.code, result: ended.json<DriftJson>()}
  }

  before(async () => {
    cloud = await Embedded.start()
    config = cloud.config({calm: {}, never: {}})
    outputs = (await cloud.ok<DeployJson>(...on('deploy', 'calm', '--yes'))).outputs
  })
  after(() => cloud?.stop())

  it('is nothing after a deploy, nor after what scaling does', async () => {
    const service = {cluster: outputs['ClusterName'], service: outputs['RendererServiceName']}
    await cloud.client(ECSClient).send(new UpdateServiceCommand({...service, desiredCount: 2}))
    const {code, result} = await drift()
    assert.deepEqual([code, result.verdict, result.resources], [0, 'in-sync', []])
    assert.equal(result.stacks.length, 6)
    for (const stack of result.stacks) assert.ok(stack.inSync > 0 && stack.unknown.length === 0, JSON.stringify(stack))
  })

  it('is told property by property with what holds data first, and ends with 3', async () => {
    const UserIdGroupPairs = [{GroupId: outputs['ApplicationSecurityGroupId']}]
    await cloud.client(EC2Client).send(
      new RevokeSecurityGroupIngressCommand({
        GroupId: outputs['DatabaseSecurityGroupId'],
        IpPermissions: [{IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, UserIdGroupPairs}],
      }),
    )
    const DBInstanceIdentifier = outputs['DatabaseIdentifier']
    await cloud
      .client(RDSClient)
      .send(new ModifyDBInstanceCommand({DBInstanceIdentifier, BackupRetentionPeriod: 2, ApplyImmediately: true}))
    const {code, result} = await drift()
    assert.deepEqual([code, result.verdict], [3, 'drifted'])
    assert.deepEqual(
      result.resources.map(({type, state, weight}) => [type, state, weight]),
      [
        ['AWS::RDS::DBInstance', 'modified', 'data'],
        ['AWS::EC2::SecurityGroupIngress', 'deleted', 'access'],
      ],
    )
    const [difference, ...others] = result.resources[0]?.differences ?? []
    assert.deepEqual([difference?.path, difference?.actual, others], ['/BackupRetentionPeriod', '2', []])
    assert.match(result.resources[1]?.name ?? '', /^\w+\.\w+$/)
    const page = await cloud.run(on('drift', 'calm'))
    assert.equal(page.code, 3)
    assert.match(page.stdout, /drifted[^]*HOLDS DATA[^]*BackupRetentionPeriod: \d+ -> 2[^]*: gone {2}decides access/)
  })

  it('is not known of what is not there, and where the permission is missing', async () => {
    assert.equal((await cloud.fails(5, on('drift', 'never'))).code, 'NOT_DEPLOYED')
    await cloud.permissions({deny: ['cloudformation:DetectStackDrift']})
    const error = await cloud.fails(4, on('drift', 'calm'))
    await cloud.permissions({deny: []})
    assert.match(error.message, /cloudformation:DetectStackDrift/)
  })
})
