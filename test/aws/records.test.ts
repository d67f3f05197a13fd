import assert from 'node:assert/strict'
import {ACMClient, DescribeCertificateCommand} from '@aws-sdk/client-acm'
import {
  BackupClient,
  DeleteBackupVaultCommand,
  DeleteRecoveryPointCommand,
  ListRecoveryPointsByBackupVaultCommand,
} from '@aws-sdk/client-backup'
import {
  DeleteAccessPointCommand,
  DeleteFileSystemCommand,
  DescribeAccessPointsCommand,
  DescribeFileSystemsCommand,
  EFSClient,
} from '@aws-sdk/client-efs'
import {DescribeTargetHealthCommand, ElasticLoadBalancingV2Client} from '@aws-sdk/client-elastic-load-balancing-v2'
import {DescribeKeyCommand, KMSClient, ScheduleKeyDeletionCommand} from '@aws-sdk/client-kms'
import {GetHostedZoneCommand, Route53Client} from '@aws-sdk/client-route-53'
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import {mockClient} from 'aws-sdk-client-mock'
import {createCertificates} from '../../src/aws/acm.ts'
import {createBackups} from '../../src/aws/backup.ts'
import {createFileSystems} from '../../src/aws/efs.ts'
import {createKeys} from '../../src/aws/kms.ts'
import {createLoadBalancers} from '../../src/aws/elbv2.ts'
import {createHostedZones} from '../../src/aws/route53.ts'
import {createSecrets} from '../../src/aws/secrets-manager.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('target health of load balancing', () => {
  const mock = mockClient(ElasticLoadBalancingV2Client)
  const loadBalancers = createLoadBalancers(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('counts the healthy and tells once why others are not', async () => {
    const unwell = {State: 'unhealthy', Reason: 'Target.ResponseCodeMismatch', Description: 'codes: [503]'} as const
    mock.on(DescribeTargetHealthCommand, {TargetGroupArn: 'arn:tg'}).resolves({
      TargetHealthDescriptions: [
        {TargetHealth: {State: 'healthy'}},
        {TargetHealth: unwell},
        {TargetHealth: unwell},
        {TargetHealth: {State: 'initial', Reason: 'Elb.RegistrationInProgress'}},
        {TargetHealth: {State: 'draining'}},
        {},
      ],
    })
    assert.deepEqual(await loadBalancers.targetHealth('arn:tg'), {
      healthy: 1,
      total: 6,
      reasons: ['unhealthy: codes: [503]', 'initial: Elb.RegistrationInProgress', 'draining', 'unknown'],
    })
  })

  it('is no target at all where the group is gone', async () => {
    mock.rejects(sdkError('TargetGroupNotFoundException'))
    const health = await loadBalancers.targetHealth('arn:tg')
    assert.deepEqual([health.healthy, health.total, health.reasons.length], [0, 0, 1])
  })
})

describe('certificates of ACM', () => {
  const mock = mockClient(ACMClient)
  const certificates = createCertificates(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('name each of their domains once, and their end when it is known', async () => {
    const found = {
      CertificateArn: 'arn:c',
      Status: 'ISSUED' as const,
      DomainName: 'pi.example.com',
      SubjectAlternativeNames: ['pi.example.com', '*.example.com'],
    }
    mock
      .on(DescribeCertificateCommand, {CertificateArn: 'arn:c'})
      .resolvesOnce({Certificate: {...found, NotAfter: new Date('2027-01-01T00:00:00Z')}})
      .resolvesOnce({Certificate: {...found, Status: 'PENDING_VALIDATION'}})
    const names = ['pi.example.com', '*.example.com']
    assert.deepEqual(await certificates.describe('arn:c'), {
      arn: 'arn:c',
      status: 'ISSUED',
      names,
      notAfter: '2027-01-01T00:00:00.000Z',
    })
    assert.deepEqual(await certificates.describe('arn:c'), {arn: 'arn:c', status: 'PENDING_VALIDATION', names})
  })

  it('are nothing where there is none', async () => {
    mock.rejects(sdkError('ResourceNotFoundException'))
    assert.equal(await certificates.describe('arn:c'), undefined)
  })
})

describe('hosted zones of Route 53', () => {
  const mock = mockClient(Route53Client)
  const zones = createHostedZones(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('have a bare id and a domain without the last dot', async () => {
    mock.on(GetHostedZoneCommand, {Id: 'Z1'}).resolves({
      HostedZone: {Id: '/hostedzone/Z1', Name: 'example.com.', CallerReference: 'x', Config: {PrivateZone: true}},
    })
    assert.deepEqual(await zones.zone('Z1'), {id: 'Z1', domain: 'example.com', private: true})
  })

  it('are nothing where there is none', async () => {
    mock.rejects(sdkError('NoSuchHostedZone'))
    assert.equal(await zones.zone('Z1'), undefined)
  })
})

describe('secrets of Secrets Manager', () => {
  const mock = mockClient(SecretsManagerClient)
  const secrets = createSecrets(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  const values = [
    ['a current version', {VersionIdsToStages: {v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT']}}, true],
    ['an old version only', {VersionIdsToStages: {v1: ['AWSPREVIOUS']}}, false],
    ['no version', {}, false],
    ['a deletion under way', {DeletedDate: new Date(0), VersionIdsToStages: {v2: ['AWSCURRENT']}}, false],
  ] as const
  for (const [what, answer, expected] of values) {
    it(`with ${what} ${expected ? 'have' : 'have no'} value`, async () => {
      // A copy, since the mock wants lists it may change.
      mock.on(DescribeSecretCommand).resolves(structuredClone<object>(answer))
      assert.equal(await secrets.hasValue('arn:s'), expected)
    })
  }

  it('that do not exist have no value and take none', async () => {
    mock.rejects(sdkError('ResourceNotFoundException', "can't find the specified secret"))
    assert.equal(await secrets.hasValue('arn:s'), false)
    await assert.rejects(secrets.putValue('arn:s', 'v', 't'), saying('FailedError', 'AWS_RESOURCE_NOT_FOUND'))
  })

  it('are deleted with a month to repent, and may be gone or on their way already', async () => {
    const busy = sdkError('InvalidRequestException', 'already scheduled')
    mock.on(DeleteSecretCommand).resolvesOnce({}).rejectsOnce(sdkError('ResourceNotFoundException')).rejects(busy)
    mock
      .on(DescribeSecretCommand)
      .resolvesOnce({DeletedDate: new Date(0)})
      .resolvesOnce({})
    await secrets.delete('arn:s')
    await secrets.delete('arn:s')
    await secrets.delete('arn:s')
    await assert.rejects(secrets.delete('arn:s'), saying('FailedError', 'AWS_INVALID_REQUEST'))
    assert.deepEqual(inputs(mock)[0], {SecretId: 'arn:s', RecoveryWindowInDays: 30})
  })

  it('are written under a version id that the token decides', async () => {
    mock
      .on(PutSecretValueCommand)
      .callsFake((input: {ClientRequestToken: string}) => ({VersionId: input.ClientRequestToken}))
    const first = await secrets.putValue('arn:s', 'hush', 'op-1-licence')
    assert.equal(await secrets.putValue('arn:s', 'hush', 'op-1-licence'), first)
    assert.notEqual(await secrets.putValue('arn:s', 'hush', 'op-2-licence'), first)
    assert.ok(first.length >= 32 && first.length <= 64)
    assert.deepEqual(inputs(mock)[0], {SecretId: 'arn:s', SecretString: 'hush', ClientRequestToken: first})
  })
})

describe('recovery points of AWS Backup', () => {
  const mock = mockClient(BackupClient)
  const backups = createBackups(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('tell the end of the newest that is complete, over all pages', async () => {
    const point = (Status: 'COMPLETED' | 'PARTIAL', day: number) => ({
      Status,
      CompletionDate: new Date(Date.UTC(2026, 0, day)),
    })
    mock
      .on(ListRecoveryPointsByBackupVaultCommand)
      .resolvesOnce({
        RecoveryPoints: [point('COMPLETED', 3), point('COMPLETED', 5), point('PARTIAL', 9)],
        NextToken: 'more',
      })
      .resolvesOnce({RecoveryPoints: [point('COMPLETED', 4), {Status: 'COMPLETED'}]})
    assert.equal(await backups.lastRecoveryPoint('v'), '2026-01-05T00:00:00.000Z')
    assert.equal(mock.calls().length, 2)
  })

  it('tell nothing of an empty or a missing vault', async () => {
    mock.on(ListRecoveryPointsByBackupVaultCommand).resolvesOnce({}).rejectsOnce(sdkError('ResourceNotFoundException'))
    assert.equal(await backups.lastRecoveryPoint('v'), undefined)
    assert.equal(await backups.lastRecoveryPoint('v'), undefined)
  })
})

describe('a backup vault', () => {
  const mock = mockClient(BackupClient)
  const waits: number[] = []
  const backups = createBackups(config, (ms) => Promise.resolve(waits.push(ms)))
  const holding = sdkError(
    'InvalidRequestException',
    'Backup vault cannot be deleted because it contains recovery points.',
  )
  beforeEach(() => {
    mock.reset()
    waits.length = 0
  })
  after(() => mock.restore())

  it('goes after its recovery points, and waits until AWS has done with them', async () => {
    mock
      .on(ListRecoveryPointsByBackupVaultCommand)
      .resolvesOnce({RecoveryPoints: [{RecoveryPointArn: 'p1', Status: 'COMPLETED'}], NextToken: 'more'})
      .resolvesOnce({
        RecoveryPoints: [
          {RecoveryPointArn: 'p2', Status: 'DELETING'},
          {RecoveryPointArn: 'p3', Status: 'PARTIAL'},
        ],
      })
    mock.on(DeleteRecoveryPointCommand).resolvesOnce({}).rejectsOnce(sdkError('ResourceNotFoundException'))
    mock.on(DeleteBackupVaultCommand).rejectsOnce(holding).rejectsOnce(holding).resolvesOnce({})
    await backups.deleteVault('v')
    assert.deepEqual(
      mock.commandCalls(DeleteRecoveryPointCommand).map(({args}) => args[0].input),
      [
        {BackupVaultName: 'v', RecoveryPointArn: 'p1'},
        {BackupVaultName: 'v', RecoveryPointArn: 'p3'},
      ],
    )
    assert.equal(waits.length, 2)
  })

  it('is left to AWS, and said so, when that takes long', async () => {
    mock.on(ListRecoveryPointsByBackupVaultCommand).resolves({})
    mock.on(DeleteBackupVaultCommand).rejects(holding)
    await assert.rejects(backups.deleteVault('v'), saying('PendingError', 'VAULT_NOT_EMPTY', /vault v/))
    assert.ok(waits.reduce((sum, ms) => sum + ms, 0) >= 30_000)
  })

  it('may be gone already', async () => {
    mock.rejects(sdkError('ResourceNotFoundException'))
    await backups.deleteVault('v')
    assert.deepEqual(waits, [])
  })
})

describe('keys of KMS', () => {
  const mock = mockClient(KMSClient)
  const keys = createKeys(config)
  const date = new Date('2026-02-01T00:00:00Z')
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are deleted in 30 days', async () => {
    mock.on(ScheduleKeyDeletionCommand).resolves({DeletionDate: date})
    assert.equal(await keys.scheduleDeletion('arn:k'), '2026-02-01T00:00:00.000Z')
    assert.deepEqual(inputs(mock), [{KeyId: 'arn:k', PendingWindowInDays: 30}])
  })

  it('tell their date when they wait for it already, and fail when they do not', async () => {
    mock.on(ScheduleKeyDeletionCommand).rejects(sdkError('KMSInvalidStateException', 'is pending deletion'))
    mock
      .on(DescribeKeyCommand)
      .resolvesOnce({KeyMetadata: {KeyId: 'k', DeletionDate: date}})
      .resolvesOnce({KeyMetadata: {KeyId: 'k'}})
    assert.equal(await keys.scheduleDeletion('arn:k'), '2026-02-01T00:00:00.000Z')
    await assert.rejects(keys.scheduleDeletion('arn:k'), saying('FailedError', 'KEY_NOT_SCHEDULED'))
  })
})

describe('file systems of EFS', () => {
  const mock = mockClient(EFSClient)
  const fileSystems = createFileSystems(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('tell their state and size', async () => {
    mock.on(DescribeFileSystemsCommand, {FileSystemId: 'fs-1'}).resolves({
      FileSystems: [
        {
          FileSystemId: 'fs-1',
          LifeCycleState: 'available',
          SizeInBytes: {Value: 6144},
          OwnerId: 'o',
          CreationToken: 'c',
          CreationTime: new Date(0),
          NumberOfMountTargets: 2,
          PerformanceMode: 'generalPurpose',
          Tags: [],
        },
      ],
    })
    assert.deepEqual(await fileSystems.describe('fs-1'), {id: 'fs-1', state: 'available', sizeBytes: 6144})
  })

  it('are deleted after their access points', async () => {
    mock
      .on(DescribeAccessPointsCommand)
      .resolvesOnce({AccessPoints: [{AccessPointId: 'ap-1'}], NextToken: 'more'})
      .resolvesOnce({AccessPoints: [{AccessPointId: 'ap-2'}]})
    mock.on(DeleteAccessPointCommand).resolvesOnce({}).rejectsOnce(sdkError('AccessPointNotFound'))
    mock.on(DeleteFileSystemCommand).resolves({})
    await fileSystems.delete('fs-1')
    assert.deepEqual(inputs(mock).slice(2), [{AccessPointId: 'ap-1'}, {AccessPointId: 'ap-2'}, {FileSystemId: 'fs-1'}])
  })

  it('may be gone already, but are not taken from their mount targets', async () => {
    mock.on(DescribeAccessPointsCommand).rejectsOnce(sdkError('FileSystemNotFound')).resolves({})
    mock.on(DeleteFileSystemCommand).rejects(sdkError('FileSystemInUse', 'has mount targets'))
    await fileSystems.delete('fs-1')
    await assert.rejects(fileSystems.delete('fs-1'), saying('FailedError', 'AWS_FILE_SYSTEM_IN_USE', /mount targets/))
  })

  it('are nothing where there is none', async () => {
    mock.on(DescribeFileSystemsCommand).resolvesOnce({FileSystems: []}).rejectsOnce(sdkError('FileSystemNotFound'))
    assert.equal(await fileSystems.describe('fs-1'), undefined)
    assert.equal(await fileSystems.describe('fs-1'), undefined)
  })
})
