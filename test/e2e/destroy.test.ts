import assert from 'node:assert/strict'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {BackupClient, ListBackupVaultsCommand} from '@aws-sdk/client-backup'
import {CloudFormationClient, DescribeStacksCommand} from '@aws-sdk/client-cloudformation'
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {ECSClient, ListClustersCommand} from '@aws-sdk/client-ecs'
import {
  DescribeAccessPointsCommand,
  DescribeFileSystemsCommand,
  DescribeMountTargetsCommand,
  EFSClient,
} from '@aws-sdk/client-efs'
import {DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client} from '@aws-sdk/client-elastic-load-balancing-v2'
import {DescribeKeyCommand, KMSClient, ListKeysCommand} from '@aws-sdk/client-kms'
import {LambdaClient, ListFunctionsCommand} from '@aws-sdk/client-lambda'
import {DescribeDBInstancesCommand, DescribeDBSnapshotsCommand, RDSClient} from '@aws-sdk/client-rds'
import {ListBucketsCommand, S3Client} from '@aws-sdk/client-s3'
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import {Embedded} from '../helpers/e2e.ts'
import type {DeployJson, DestroyJson, StatusJson} from '../helpers/e2e-results.ts'

interface Operation {
  readonly opId: string
  readonly kind: string
  readonly state: string
}

/** Ids of the operations on stacks, newest first. */
const ofStacks = (operations: readonly Operation[]): string[] =>
  operations.flatMap(({opId, kind}) => (kind === 'deploy' || kind === 'destroy' ? [opId] : []))

describe('destroy, and deploy after it', function () {
  this.timeout(120_000)
  let cloud: Embedded
  let first: DeployJson
  let destroyed: DestroyJson
  const of = (name: string, from = first): string => from.outputs[name] ?? ''
  const picture = () => join(cloud.stateDir, 'efs', of('FileSystemId'), 'gen', '1', 'images', 'our logo – ü.png')
  const stacks = async () => {
    const {Stacks = []} = await cloud.client(CloudFormationClient).send(new DescribeStacksCommand({}))
    return Stacks.filter(({ParentId}) => ParentId === undefined)
      .map(({StackName}) => StackName)
      .sort()
  }
  const snapshots = async () =>
    (await cloud.client(RDSClient).send(new DescribeDBSnapshotsCommand({SnapshotType: 'manual'}))).DBSnapshots ?? []
  const finalSnapshot = async () =>
    (await snapshots()).find(({DBSnapshotIdentifier}) => DBSnapshotIdentifier?.includes('-final-'))

  before(async () => {
    cloud = await Embedded.start()
    first = await cloud.ok<DeployJson>('deploy', 'demo', '--local', '--yes')
  })
  after(() => cloud?.stop())

  it('wants the name typed, and does nothing without it', async () => {
    const before = await stacks()
    assert.equal((await cloud.fails(2, ['destroy', 'demo', '--local'])).code.length > 0, true)
    await cloud.fails(2, ['destroy', 'demo', '--local', '--confirm', 'prod'])
    await cloud.fails(2, ['destroy', 'demo', '--local', '--yes', '--with-data'])
    await cloud.fails(2, ['destroy', 'demo', '--local', '--confirm', 'demo', '--with-data', '--confirm-data', 'dem'])
    assert.deepEqual(await stacks(), before)
  })

  it('takes the environment down and names what stays', async () => {
    mkdirSync(join(picture(), '..'), {recursive: true})
    writeFileSync(picture(), 'a picture')
    const secrets = cloud.client(SecretsManagerClient)
    await secrets.send(new PutSecretValueCommand({SecretId: of('LicenceSecretArn'), SecretString: 'the-real-licence'}))
    destroyed = await cloud.ok<DestroyJson>('destroy', 'demo', '--local', '--confirm', 'demo')
    assert.equal(destroyed.environment, 'demo')
    assert.deepEqual(destroyed.removed, ['pi-demo-operations', 'pi-demo-app', 'pi-demo-database-1', 'pi-demo-network'])
    const final = (await finalSnapshot())?.DBSnapshotIdentifier
    for (const id of ['pi-demo-foundation', 'pi-demo-files', of('FileSystemId'), final]) {
      assert.ok(destroyed.kept.includes(id ?? 'nothing'), `${id} is not among ${destroyed.kept.join(', ')}`)
    }
  })

  it('leaves nothing running and nothing of the network', async () => {
    assert.deepEqual(await stacks(), ['pi-demo-files', 'pi-demo-foundation'])
    const ec2 = cloud.client(EC2Client)
    const {Vpcs = []} = await ec2.send(new DescribeVpcsCommand({VpcIds: []}))
    assert.ok(Vpcs.every(({VpcId, IsDefault}) => VpcId !== of('VpcId') || IsDefault))
    const {NatGateways = []} = await ec2.send(new DescribeNatGatewaysCommand({}))
    assert.deepEqual(
      NatGateways.filter(({State}) => State !== 'deleted'),
      [],
    )
    assert.deepEqual((await ec2.send(new DescribeAddressesCommand({}))).Addresses ?? [], [])
    assert.deepEqual((await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces ?? [], [])
    assert.deepEqual((await cloud.client(ECSClient).send(new ListClustersCommand({}))).clusterArns, [])
    assert.deepEqual((await cloud.client(LambdaClient).send(new ListFunctionsCommand({}))).Functions, [])
    assert.deepEqual((await cloud.client(RDSClient).send(new DescribeDBInstancesCommand({}))).DBInstances ?? [], [])
    const {LoadBalancers = []} = await cloud
      .client(ElasticLoadBalancingV2Client)
      .send(new DescribeLoadBalancersCommand({}))
    assert.deepEqual(LoadBalancers, [])
    const {MountTargets = []} = await cloud
      .client(EFSClient)
      .send(new DescribeMountTargetsCommand({FileSystemId: of('FileSystemId')}))
    assert.deepEqual(MountTargets, [])
    assert.deepEqual(
      (await cloud.client(EFSClient).send(new DescribeAccessPointsCommand({FileSystemId: of('FileSystemId')})))
        .AccessPoints ?? [],
      [],
    )
  })

  it('keeps file system, final snapshot, buckets, secrets and the ledger', async () => {
    const {FileSystems = []} = await cloud.client(EFSClient).send(new DescribeFileSystemsCommand({}))
    assert.deepEqual(
      FileSystems.map(({FileSystemId}) => FileSystemId),
      [of('FileSystemId')],
    )
    assert.equal(readFileSync(picture(), 'utf8'), 'a picture')
    // Beside the named one CloudFormation's own, which the deletion policy makes.
    const found = await snapshots()
    for (const {Status, DBInstanceIdentifier, Encrypted} of found) {
      assert.deepEqual([Status, DBInstanceIdentifier, Encrypted], ['available', of('DatabaseIdentifier'), true])
    }
    assert.deepEqual(found.map(({DBSnapshotIdentifier: id = ''}) => id.startsWith('pi-demo-1-final-')).sort(), [
      false,
      true,
    ])
    const ids = found.map(({DBSnapshotIdentifier}) => DBSnapshotIdentifier ?? '')
    assert.ok(
      ids.every((id) => destroyed.kept.includes(id)),
      'both are named among what stays',
    )
    const {Buckets = []} = await cloud.client(S3Client).send(new ListBucketsCommand({}))
    assert.equal(Buckets.length, 4)
    const {operations} = await cloud.ok<{operations: Operation[]}>('ops', 'list', 'demo', '--local')
    assert.deepEqual(ofStacks(operations), [destroyed.opId, first.opId])
    // The example's assets went the way of every upload.
    assert.deepEqual(operations.map(({kind, state}) => `${kind} ${state}`).sort(), [
      'deploy done',
      'destroy done',
      'sideload done',
      'upload done',
    ])
  })

  it('status of what was taken down says so, and a second destroy finds nothing to do', async () => {
    const status = await cloud.run(['status', 'demo', '--local', '--json'])
    assert.equal(status.code, 3)
    assert.match(status.json<StatusJson>().problems.join(), /app is not deployed/)
    const before = await snapshots()
    const again = await cloud.ok<DestroyJson>('destroy', 'demo', '--local', '--confirm', 'demo')
    assert.deepEqual(again.removed, [])
    assert.deepEqual(await snapshots(), before)
  })

  it('deploy brings the same data back: file system, files, database from its snapshot, licence, ledger', async () => {
    const second = await cloud.ok<DeployJson>('deploy', 'demo', '--local', '--yes')
    for (const name of [
      'FileSystemId',
      'RecordsBucket',
      'AssetsBucket',
      'KeyArn',
      'LicenceSecretArn',
      'FilesGeneration',
    ]) {
      assert.equal(of(name, second), of(name), name)
    }
    assert.equal(of('DatabaseGeneration', second), '2')
    assert.notEqual(of('DatabaseIdentifier', second), of('DatabaseIdentifier'))
    assert.equal(readFileSync(picture(), 'utf8'), 'a picture')
    const {Stacks = []} = await cloud
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand({StackName: 'pi-demo-database-2'}))
    const snapshot = Stacks[0]?.Parameters?.find(
      ({ParameterKey}) => ParameterKey === 'SnapshotIdentifier',
    )?.ParameterValue
    assert.equal(snapshot, (await finalSnapshot())?.DBSnapshotIdentifier)
    const licence = await cloud
      .client(SecretsManagerClient)
      .send(new GetSecretValueCommand({SecretId: of('LicenceSecretArn')}))
    assert.equal(licence.SecretString, 'the-real-licence')
    const status = await cloud.ok<StatusJson>('status', 'demo', '--local')
    assert.deepEqual([status.healthy, status.generations.database, status.generations.files], [true, 2, 1])
    const {operations} = await cloud.ok<{operations: Operation[]}>('ops', 'list', 'demo', '--local')
    assert.deepEqual(ofStacks(operations).slice(-2), [destroyed.opId, first.opId])
    assert.equal((await cloud.ok<DeployJson>('deploy', 'demo', '--local', '--yes')).changed, false)
  })

  it('--with-data removes everything but a key that waits for its deletion', async () => {
    const gone = await cloud.ok<DestroyJson>(
      'destroy',
      'demo',
      '--local',
      '--confirm',
      'demo',
      '--with-data',
      '--confirm-data',
      'demo',
    )
    assert.deepEqual(gone.kept, [])
    assert.deepEqual(await stacks(), [])
    assert.deepEqual((await cloud.client(S3Client).send(new ListBucketsCommand({}))).Buckets ?? [], [])
    assert.deepEqual((await cloud.client(EFSClient).send(new DescribeFileSystemsCommand({}))).FileSystems ?? [], [])
    assert.equal(existsSync(picture()), false)
    assert.deepEqual(readdirSync(join(cloud.stateDir, 'efs')), [])
    assert.deepEqual(await snapshots(), [])
    assert.deepEqual((await cloud.client(RDSClient).send(new DescribeDBInstancesCommand({}))).DBInstances ?? [], [])
    const {SecretList = []} = await cloud.client(SecretsManagerClient).send(new ListSecretsCommand({}))
    assert.deepEqual(
      SecretList.map(({Name}) => Name),
      [],
    )
    const {BackupVaultList = []} = await cloud.client(BackupClient).send(new ListBackupVaultsCommand({}))
    assert.deepEqual(
      BackupVaultList.map(({BackupVaultName}) => BackupVaultName).filter((name) => name !== 'Default'),
      [],
    )
    const kms = cloud.client(KMSClient)
    const {Keys = []} = await kms.send(new ListKeysCommand({}))
    const states = await Promise.all(
      Keys.map(async ({KeyId}) => (await kms.send(new DescribeKeyCommand({KeyId}))).KeyMetadata),
    )
    const ours = states.find((key) => key?.Arn === of('KeyArn'))
    assert.equal(ours?.KeyState, 'PendingDeletion')
    assert.ok(states.every((key) => key?.KeyState === 'PendingDeletion' || key?.KeyManager === 'AWS'))
    const nothing = await cloud.fails(12, ['destroy', 'demo', '--local', '--confirm', 'demo'])
    assert.equal(nothing.code, 'NO_FOUNDATION')
  })
})
