import assert from 'node:assert/strict'
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling'
import {
  BackupClient,
  DeleteRecoveryPointCommand,
  DescribeBackupJobCommand,
  DescribeBackupVaultCommand,
  DescribeRecoveryPointCommand,
  DescribeRestoreJobCommand,
  GetBackupVaultAccessPolicyCommand,
  ListBackupJobsCommand,
  StartBackupJobCommand,
  StartRestoreJobCommand,
  StopBackupJobCommand,
  DescribeCopyJobCommand,
  DescribeGlobalSettingsCommand,
  StartCopyJobCommand,
  ListRecoveryPointsByBackupVaultCommand,
} from '@aws-sdk/client-backup'
import {CloudFormationClient, DetectStackResourceDriftCommand} from '@aws-sdk/client-cloudformation'
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import {DescribeKeyCommand, KMSClient} from '@aws-sdk/client-kms'
import {
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  ModifyDBSnapshotAttributeCommand,
  DescribeDBEngineVersionsCommand,
  RDSClient,
  CopyDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
} from '@aws-sdk/client-rds'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import {DescribeSecretCommand, SecretsManagerClient} from '@aws-sdk/client-secrets-manager'
import {mockClient} from 'aws-sdk-client-mock'
import {FailedError} from '../../src/domain/errors.ts'
import {createBackups} from '../../src/aws/backup.ts'
import {createStacks} from '../../src/aws/cloudformation.ts'
import {createContainers} from '../../src/aws/ecs.ts'
import {createKeys} from '../../src/aws/kms.ts'
import {createDatabases} from '../../src/aws/rds.ts'
import {createObjects} from '../../src/aws/s3.ts'
import {createScaling} from '../../src/aws/scaling.ts'
import {createSecrets} from '../../src/aws/secrets-manager.ts'
import {config, inputs, sdkError} from './sdk.ts'

const at = new Date('2026-01-02T03:04:05Z')

describe('jobs and recovery points of AWS Backup', () => {
  const mock = mockClient(BackupClient)
  const backups = createBackups(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('begin by token, with tags and the shortest window', async () => {
    mock.on(StartBackupJobCommand).resolves({BackupJobId: 'j'})
    const request = {vault: 'v', resourceArn: 'r', roleArn: 'role', token: 't', tags: {a: 'b'}}
    assert.equal(await backups.startBackup(request), 'j')
    assert.deepEqual(inputs(mock), [
      {
        BackupVaultName: 'v',
        ResourceArn: 'r',
        IamRoleArn: 'role',
        IdempotencyToken: 't',
        StartWindowMinutes: 60,
        RecoveryPointTags: {a: 'b'},
      },
    ])
  })

  it('tell how they are, and nothing of what AWS has forgotten', async () => {
    const row = {State: 'RUNNING' as const, CreationDate: at}
    mock
      .on(DescribeBackupJobCommand)
      .resolvesOnce(row)
      .resolvesOnce({State: 'COMPLETED', CreationDate: at, CompletionDate: at, RecoveryPointArn: 'p'})
      .rejectsOnce(sdkError('ResourceNotFoundException'))
    assert.deepEqual(await backups.backupJob('j'), {id: 'j', state: 'RUNNING', reason: '', createdAt: at.toISOString()})
    assert.equal((await backups.backupJob('j'))?.recoveryPointArn, 'p')
    assert.equal(await backups.backupJob('j'), undefined)
  })

  it('find the one that saves a resource, whether it waits or runs', async () => {
    mock
      .on(ListBackupJobsCommand)
      .resolvesOnce({})
      .resolvesOnce({BackupJobs: [{BackupJobId: 'j', State: 'PENDING'}]})
      .resolves({})
    assert.equal((await backups.runningBackup('r'))?.id, 'j')
    assert.equal(await backups.runningBackup('r'), undefined)
  })

  it('stop, and one that has ended is fine', async () => {
    mock
      .on(StopBackupJobCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('InvalidRequestException'))
      .rejects(sdkError('Boom'))
    await backups.stopBackup('j')
    await backups.stopBackup('j')
    await assert.rejects(backups.stopBackup('j'))
  })

  it('know until when a locked vault keeps a recovery point, which is for ever where it has no end of its own', async () => {
    const point = {Status: 'COMPLETED', ResourceArn: 'r', CreationDate: at} as const
    mock
      .on(DescribeRecoveryPointCommand)
      .resolvesOnce({...point, CalculatedLifecycle: {DeleteAt: new Date('2026-02-03T04:05:06Z')}})
      .resolves(point)
    mock.on(DescribeBackupVaultCommand).resolvesOnce({Locked: true}).resolvesOnce({Locked: true}).resolves({})
    assert.deepEqual((await backups.recoveryPoint('v', 'p'))?.lock, {until: '2026-02-03T04:05:06.000Z'})
    assert.deepEqual((await backups.recoveryPoint('v', 'p'))?.lock, {})
    assert.deepEqual(await backups.recoveryPoint('v', 'p'), {arn: 'p', status: 'COMPLETED', resourceArn: 'r', bytes: 0})
    mock.on(DescribeRecoveryPointCommand).rejects(sdkError('ResourceNotFoundException'))
    assert.equal(await backups.recoveryPoint('v', 'p'), undefined)
    mock.on(DeleteRecoveryPointCommand).rejects(sdkError('ResourceNotFoundException'))
    await backups.deleteRecoveryPoint('v', 'p')
  })

  it('restore by token, and tell how that is', async () => {
    mock.on(StartRestoreJobCommand).resolves({RestoreJobId: 'j'})
    const request = {recoveryPointArn: 'p', roleArn: 'role', token: 't', metadata: {a: 'b'}}
    assert.equal(await backups.startRestore(request), 'j')
    mock.on(DescribeRestoreJobCommand).resolves({Status: 'FAILED', StatusMessage: 'no', CreationDate: at})
    assert.deepEqual(await backups.restoreJob('j'), {
      id: 'j',
      state: 'FAILED',
      reason: 'no',
      createdAt: at.toISOString(),
    })
  })

  it('copy by token into any vault, and tell how that is', async () => {
    mock.on(StartCopyJobCommand).resolvesOnce({CopyJobId: 'c'}).resolvesOnce({})
    const request = {recoveryPointArn: 'p', vault: 'v', targetVaultArn: 'w', roleArn: 'role', token: 't'}
    assert.equal(await backups.startCopy(request), 'c')
    assert.equal(await backups.startCopy(request), '')
    assert.deepEqual(inputs(mock)[0], {
      RecoveryPointArn: 'p',
      SourceBackupVaultName: 'v',
      DestinationBackupVaultArn: 'w',
      IamRoleArn: 'role',
      IdempotencyToken: 't',
    })
    mock
      .on(DescribeCopyJobCommand)
      .resolvesOnce({CopyJob: {State: 'COMPLETED', CreationDate: at, DestinationRecoveryPointArn: 'q'}})
      .rejectsOnce(sdkError('ResourceNotFoundException'))
    assert.equal((await backups.copyJob('c'))?.recoveryPointArn, 'q')
    assert.equal(await backups.copyJob('c'), undefined)
  })

  it('know whether the organization lets copies go from account to account, and that there is none', async () => {
    mock
      .on(DescribeGlobalSettingsCommand)
      .resolvesOnce({GlobalSettings: {isCrossAccountBackupEnabled: 'true'}})
      .resolvesOnce({})
      .rejectsOnce(sdkError('InvalidRequestException'))
      .rejects(sdkError('Boom'))
    assert.equal(await backups.acrossAccounts(), true)
    assert.equal(await backups.acrossAccounts(), false)
    assert.equal(await backups.acrossAccounts(), undefined)
    await assert.rejects(backups.acrossAccounts())
  })

  it('read the policy of a vault, which may have none', async () => {
    mock
      .on(GetBackupVaultAccessPolicyCommand)
      .resolvesOnce({Policy: '{}'})
      .rejectsOnce(sdkError('ResourceNotFoundException'))
    assert.equal(await backups.vaultPolicy('v'), '{}')
    assert.equal(await backups.vaultPolicy('v'), undefined)
  })

  it('tell what was copied into a vault by hand, page by page', async () => {
    mock
      .on(ListRecoveryPointsByBackupVaultCommand)
      .resolvesOnce({
        NextToken: 'n',
        RecoveryPoints: [
          {RecoveryPointArn: 'own'},
          {RecoveryPointArn: 'copied', SourceBackupVaultArn: 'v'},
          {RecoveryPointArn: 'planned', SourceBackupVaultArn: 'v', CreatedBy: {BackupPlanId: 'plan'}},
        ],
      })
      .resolvesOnce({RecoveryPoints: [{RecoveryPointArn: 'too', SourceBackupVaultArn: 'v', CreatedBy: {}}]})
    assert.deepEqual(await backups.copiedPoints('v'), ['copied', 'too'])
  })

  it('are troubled by a vault that is gone or whose policy denies what they need', async () => {
    mock
      .on(DescribeBackupVaultCommand)
      .resolvesOnce({})
      .resolvesOnce({})
      .resolvesOnce({})
      .rejects(sdkError('ResourceNotFoundException'))
    const policy = (statement: object) => ({Policy: JSON.stringify({Statement: statement})})
    mock
      .on(GetBackupVaultAccessPolicyCommand)
      .resolvesOnce(policy([{Effect: 'Deny', Action: ['backup:StartRestore*'], Principal: '*'}]))
      .resolvesOnce(policy({Effect: 'Deny', Action: 'backup:*', Condition: {Bool: {x: 'true'}}}))
      .rejectsOnce(sdkError('ResourceNotFoundException'))
    assert.match((await backups.vaultTrouble('v')) ?? '', /denies backup:StartRestoreJob$/)
    assert.equal(await backups.vaultTrouble('v'), undefined)
    assert.equal(await backups.vaultTrouble('v'), undefined)
    assert.match((await backups.vaultTrouble('v')) ?? '', /no vault v/)
  })

  it('are troubled by a lock that keeps nothing for long, where something is to be saved', async () => {
    mock.on(DescribeBackupVaultCommand).resolves({Locked: true, MaxRetentionDays: 30})
    mock.on(GetBackupVaultAccessPolicyCommand).rejects(sdkError('ResourceNotFoundException'))
    assert.match((await backups.vaultTrouble('v', {saves: true})) ?? '', /longer than 30 days/)
    assert.equal(await backups.vaultTrouble('v'), undefined)
    mock.on(DescribeBackupVaultCommand).resolves({Locked: true, MinRetentionDays: 7})
    assert.equal(await backups.vaultTrouble('v', {saves: true}), undefined)
  })
})

describe('scaling of services', () => {
  const mock = mockClient(ApplicationAutoScalingClient)
  const scaling = createScaling(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('is told of one cluster, suspended only where nothing moves it at all', async () => {
    const all = {DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true, ScheduledScalingSuspended: true}
    const row = (ResourceId: string, SuspendedState?: object) => ({
      ResourceId,
      MinCapacity: 1,
      MaxCapacity: 4,
      ...{ServiceNamespace: 'ecs' as const, ScalableDimension: 'ecs:service:DesiredCount' as const},
      ...{RoleARN: '', CreationTime: at, ...(SuspendedState === undefined ? {} : {SuspendedState})},
    })
    mock
      .on(DescribeScalableTargetsCommand)
      .resolvesOnce({ScalableTargets: [row('service/c/a', all), row('service/other/a')], NextToken: 'n'})
      .resolvesOnce({ScalableTargets: [row('service/c/b', {...all, ScheduledScalingSuspended: false})]})
    assert.deepEqual(await scaling.services('c'), [
      {service: 'a', min: 1, max: 4, suspended: true},
      {service: 'b', min: 1, max: 4, suspended: false},
    ])
  })

  it('is held in one call: floor and suspensions together', async () => {
    mock.on(RegisterScalableTargetCommand).resolves({})
    await scaling.set('c', {service: 'a', min: 0, max: 4, suspended: true})
    const [input] = inputs(mock) as {MinCapacity: number; SuspendedState: object}[]
    assert.equal(inputs(mock).length, 1)
    assert.equal(input?.MinCapacity, 0)
    assert.deepEqual(input.SuspendedState, {
      DynamicScalingInSuspended: true,
      DynamicScalingOutSuspended: true,
      ScheduledScalingSuspended: true,
    })
  })
})

describe('services and tasks of ECS', () => {
  const mock = mockClient(ECSClient)
  const containers = createContainers(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are set to a count', async () => {
    mock.on(UpdateServiceCommand).resolves({})
    await containers.setDesired('c', 's', 0)
    assert.deepEqual(inputs(mock), [{cluster: 'c', service: 's', desiredCount: 0}])
  })

  it('name what they run, each image once', async () => {
    mock
      .on(ListTasksCommand)
      .resolvesOnce({taskArns: ['1', '2']})
      .rejectsOnce(sdkError('ClusterNotFoundException'))
    const container = {name: 'dashboard', image: 'i:1', imageDigest: 'sha256:a'}
    mock.on(DescribeTasksCommand).resolves({tasks: [{containers: [container]}, {containers: [container, {}]}]})
    assert.deepEqual(await containers.images('c'), [
      {container: 'dashboard', image: 'i:1', digest: 'sha256:a'},
      {container: '', image: '', digest: ''},
    ])
    assert.deepEqual(await containers.images('c'), [])
  })

  it('get variables besides their own', async () => {
    mock.on(ListTasksCommand).resolves({})
    mock.on(RunTaskCommand).resolves({tasks: [{taskArn: 't'}]})
    const request = {
      cluster: 'c',
      taskDefinition: 'd',
      subnetIds: [],
      securityGroupIds: [],
      capacityProvider: 'FARGATE',
    }
    const environment = {container: 'check', values: {A: 'b'}}
    await containers.runTask({...request, startedBy: 's', environment})
    const {overrides} = inputs(mock).at(-1) as {overrides?: object}
    assert.deepEqual(overrides, {containerOverrides: [{name: 'check', environment: [{name: 'A', value: 'b'}]}]})
  })
})

describe('what a restore asks of RDS, KMS, Secrets Manager and CloudFormation', () => {
  const [rds, kms, secrets, stacks] = [
    mockClient(RDSClient),
    mockClient(KMSClient),
    mockClient(SecretsManagerClient),
    mockClient(CloudFormationClient),
  ]
  const mocks = [rds, kms, secrets, stacks]
  beforeEach(() => mocks.forEach((mock) => mock.reset()))
  after(() => mocks.forEach((mock) => mock.restore()))

  it('tells quotas, and no limit where none is told', async () => {
    const row = {AccountQuotaName: 'ManualSnapshots', Used: 3, Max: 100}
    rds.on(DescribeAccountAttributesCommand).resolves({AccountQuotas: [row]})
    const {snapshots, instances} = await createDatabases(config).quotas()
    assert.deepEqual([snapshots, instances.used < instances.max], [{used: 3, max: 100}, true])
  })

  it('tells whether a major version is still made', async () => {
    rds
      .on(DescribeDBEngineVersionsCommand)
      .resolvesOnce({DBEngineVersions: [{EngineVersion: '11.4.1'}], Marker: 'm'})
      .resolvesOnce({DBEngineVersions: [{EngineVersion: '10.11.9'}]})
      .resolvesOnce({DBEngineVersions: [{EngineVersion: '10.110.1'}]})
      .resolvesOnce({})
    const databases = createDatabases(config)
    assert.deepEqual(
      [await databases.offers('10.11'), await databases.offers('10.11'), await databases.offers('10.11')],
      [true, false, undefined],
    )
  })

  it('says that a snapshot which is being made cannot go yet', async () => {
    rds.on(DeleteDBSnapshotCommand).rejects(sdkError('InvalidDBSnapshotStateFault'))
    await assert.rejects(createDatabases(config).deleteSnapshot('s'), {code: 'SNAPSHOT_BUSY'})
  })

  it('tells the state of a key, the version of a secret and the drift of a resource', async () => {
    kms
      .on(DescribeKeyCommand)
      .resolvesOnce({KeyMetadata: {KeyId: 'k', KeyState: 'Disabled'}})
      .rejects(sdkError('NotFoundException'))
    assert.equal(await createKeys(config).state('k'), 'Disabled')
    assert.equal(await createKeys(config).state('k'), undefined)
    secrets
      .on(DescribeSecretCommand)
      .resolvesOnce({VersionIdsToStages: {old: ['AWSPREVIOUS'], now: ['AWSCURRENT']}})
      .rejects(sdkError('ResourceNotFoundException'))
    assert.equal(await createSecrets(config).currentVersion('s'), 'now')
    assert.equal(await createSecrets(config).currentVersion('s'), undefined)
    const drift = (
      StackResourceDriftStatus: 'MODIFIED' | 'DELETED' | 'NOT_CHECKED',
      PropertyDifferences?: never[],
    ) => ({
      StackResourceDrift: {
        ...{StackId: 's', LogicalResourceId: 'l', ResourceType: 't', Timestamp: at, StackResourceDriftStatus},
        ...(PropertyDifferences === undefined ? {} : {PropertyDifferences}),
      },
    })
    stacks
      .on(DetectStackResourceDriftCommand)
      .resolvesOnce(drift('MODIFIED', [{PropertyPath: '/A'}] as never[]))
      .resolvesOnce(drift('DELETED'))
      .resolvesOnce(drift('NOT_CHECKED'))
    const port = createStacks(config)
    assert.deepEqual(await port.drift('s', 'l'), {deleted: false, properties: ['/A']})
    assert.deepEqual(await port.drift('s', 'l'), {deleted: true, properties: []})
    assert.equal(await port.drift('s', 'l'), undefined)
  })
})

describe('copies of database snapshots', () => {
  const mock = mockClient(RDSClient)
  const databases = createDatabases(config)
  const source = 'arn:aws:rds:eu-west-1:111122223333:snapshot:s'
  const as = {keyArn: 'key', tags: {a: 'b'}}
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are made under the key of the other side, and one that is there already is adopted when it is ours', async () => {
    mock
      .on(CopyDBSnapshotCommand)
      .resolvesOnce({})
      .rejectsOnce(sdkError('DBSnapshotAlreadyExists'))
      .rejectsOnce(sdkError('DBSnapshotAlreadyExists'))
      .rejects(sdkError('KMSKeyNotAccessibleFault'))
    await databases.copySnapshot(source, 't', as)
    assert.deepEqual(inputs(mock)[0], {
      SourceDBSnapshotIdentifier: source,
      TargetDBSnapshotIdentifier: 't',
      KmsKeyId: 'key',
      Tags: [{Key: 'a', Value: 'b'}],
    })
    mock
      .on(DescribeDBSnapshotsCommand)
      .resolvesOnce({DBSnapshots: [{SourceDBSnapshotIdentifier: source}]})
      .resolvesOnce({DBSnapshots: [{DBInstanceIdentifier: 'strange'}]})
    await databases.copySnapshot(source, 't', as)
    await assert.rejects(databases.copySnapshot(source, 't', as), {code: 'SNAPSHOT_NAME_TAKEN', message: /strange/})
    await assert.rejects(databases.copySnapshot(source, 't', as))
  })

  it('may be made by another account as long as that is said, and no longer', async () => {
    mock
      .on(ModifyDBSnapshotAttributeCommand)
      .resolvesOnce({})
      .resolvesOnce({})
      .rejectsOnce(sdkError('DBSnapshotNotFoundFault'))
      .rejects(sdkError('Boom'))
    await databases.share('s', '444455556666')
    await databases.unshare('s', '444455556666')
    await databases.unshare('s', '444455556666')
    await assert.rejects(databases.unshare('s', '444455556666'))
    const attribute = {DBSnapshotIdentifier: 's', AttributeName: 'restore'}
    assert.deepEqual(inputs(mock).slice(0, 2), [
      {...attribute, ValuesToAdd: ['444455556666']},
      {...attribute, ValuesToRemove: ['444455556666']},
    ])
  })

  it('say what to do where the account has no room for one more', async () => {
    mock.on(CopyDBSnapshotCommand).rejects(sdkError('SnapshotQuotaExceededFault'))
    mock.on(CreateDBSnapshotCommand).rejects(sdkError('SnapshotQuotaExceededFault'))
    const full = {code: 'SNAPSHOT_QUOTA_FULL', suggestions: /snapshot prune/}
    for (const call of [databases.copySnapshot(source, 't', as), databases.createSnapshot('i', 't', {})]) {
      await assert.rejects(call, (error: unknown) => {
        assert.ok(error instanceof FailedError)
        assert.equal(error.code, full.code)
        assert.match(error.suggestions.join(), full.suggestions)
        return true
      })
    }
  })
})

describe('copies between buckets', () => {
  const mock = mockClient(S3Client)
  const objects = createObjects(config)
  const from = {bucket: 'assets', key: 'themes/a b+ü.css', versionId: 'v1', size: 3}
  const to = {bucket: 'records', key: 'objects/x', sha256: Buffer.from('hash').toString('hex')}
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are of one version, only where nothing lies, and compared by hash', async () => {
    const hash = Buffer.from('hash').toString('base64')
    mock
      .on(CopyObjectCommand)
      .resolvesOnce({CopyObjectResult: {ChecksumSHA256: hash}})
      .resolvesOnce({CopyObjectResult: {ChecksumSHA256: 'of parts-2'}})
      .resolvesOnce({CopyObjectResult: {ChecksumSHA256: 'b3RoZXI='}})
    await objects.copy(from, to)
    await objects.copy(from, to)
    await assert.rejects(objects.copy(from, to), {code: 'CHECKSUM_DIFFERS'})
    const [input] = inputs(mock) as {CopySource: string; IfNoneMatch: string}[]
    assert.deepEqual([input?.CopySource, input?.IfNoneMatch], ['assets/themes/a%20b%2B%C3%BC.css?versionId=v1', '*'])
  })

  it('are done already where the content lies, and impossible where the version is gone', async () => {
    const there = Object.assign(sdkError('PreconditionFailed'), {$metadata: {httpStatusCode: 412}})
    mock.on(CopyObjectCommand).rejectsOnce(there).rejectsOnce(sdkError('NoSuchVersion')).rejects(sdkError('Boom'))
    await objects.copy(from, to)
    await assert.rejects(objects.copy(from, to), {code: 'OBJECT_GONE'})
    await assert.rejects(objects.copy(from, to))
  })

  it('over what lies there name the version that they made, and want a bucket that keeps versions', async () => {
    mock.on(CopyObjectCommand).resolvesOnce({VersionId: 'v2'}).resolvesOnce({}).rejects(sdkError('NoSuchKey'))
    const {versionId: _, ...source} = from
    assert.equal(await objects.copyOver(source, to), 'v2')
    const [input] = inputs(mock) as {CopySource: string; IfNoneMatch?: string}[]
    assert.deepEqual([input?.CopySource, input?.IfNoneMatch], ['assets/themes/a%20b%2B%C3%BC.css', undefined])
    await assert.rejects(objects.copyOver(source, to), {code: 'BUCKET_NOT_VERSIONED'})
    await assert.rejects(objects.copyOver(source, to), {code: 'OBJECT_GONE', message: /^Object s3:/})
    mock.on(CreateMultipartUploadCommand).resolves({UploadId: 'u'})
    mock.on(UploadPartCopyCommand).resolves({CopyPartResult: {ETag: 'e'}})
    mock.on(CompleteMultipartUploadCommand).resolves({VersionId: 'v3'})
    assert.equal(await objects.copyOver({...source, size: 6 * 1024 ** 3}, to), 'v3')
  })

  it('of more than 5 GiB go in parts, and give the parts up when one fails', async () => {
    const size = 6 * 1024 ** 3
    mock.on(CreateMultipartUploadCommand).resolves({UploadId: 'u'})
    mock.on(UploadPartCopyCommand).resolves({CopyPartResult: {ETag: 'e'}})
    mock.on(CompleteMultipartUploadCommand).resolves({})
    await objects.copy({...from, size}, to)
    const ranges = mock.commandCalls(UploadPartCopyCommand).map(({args}) => args[0].input.CopySourceRange)
    assert.equal(ranges.length, 12)
    assert.deepEqual([ranges[0], ranges.at(-1)], ['bytes=0-536870911', `bytes=${11 * 512 * 1024 ** 2}-${size - 1}`])
    mock.on(UploadPartCopyCommand).rejects(sdkError('InternalError'))
    mock.on(AbortMultipartUploadCommand).resolves({})
    await assert.rejects(objects.copy({...from, size}, to))
    assert.equal(mock.commandCalls(AbortMultipartUploadCommand).length, 1)
  })
})
