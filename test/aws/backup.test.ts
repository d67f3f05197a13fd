import assert from 'node:assert/strict'
import {
  BackupClient,
  DeleteBackupVaultCommand,
  DeleteRecoveryPointCommand,
  ListBackupJobsCommand,
  ListRecoveryPointsByBackupVaultCommand,
} from '@aws-sdk/client-backup'
import {mockClient} from 'aws-sdk-client-mock'
import {createBackups} from '../../src/aws/backup.ts'
import {config, saying, sdkError} from './sdk.ts'

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

describe('jobs of AWS Backup', () => {
  const mock = mockClient(BackupClient)
  const backups = createBackups(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('of a vault are told oldest first, over all pages', async () => {
    const at = (day: number) => new Date(Date.UTC(2026, 0, day))
    mock
      .on(ListBackupJobsCommand, {ByBackupVaultName: 'v', ByCreatedAfter: at(1)})
      .resolvesOnce({
        BackupJobs: [
          {BackupJobId: 'j2', State: 'FAILED', ResourceArn: 'arn:r', CreationDate: at(3), StatusMessage: 'no'},
        ],
        NextToken: 'n',
      })
      .resolvesOnce({
        BackupJobs: [
          {BackupJobId: 'j1', State: 'COMPLETED', CreationDate: at(2), CompletionDate: at(4)},
          {CreationDate: at(5)},
        ],
      })
    assert.deepEqual(await backups.jobs('v', '2026-01-01T00:00:00.000Z'), [
      {
        id: 'j1',
        state: 'COMPLETED',
        resourceArn: '',
        createdAt: '2026-01-02T00:00:00.000Z',
        completedAt: '2026-01-04T00:00:00.000Z',
      },
      {id: 'j2', state: 'FAILED', resourceArn: 'arn:r', createdAt: '2026-01-03T00:00:00.000Z', message: 'no'},
      {id: '', state: '', resourceArn: '', createdAt: '2026-01-05T00:00:00.000Z'},
    ])
  })

  it('are none of a vault that is not there', async () => {
    mock
      .on(ListBackupJobsCommand)
      .rejectsOnce(sdkError('ResourceNotFoundException'))
      .rejects(sdkError('AccessDenied', 'no'))
    assert.deepEqual(await backups.jobs('v', '2026-01-01T00:00:00.000Z'), [])
    await assert.rejects(backups.jobs('v', '2026-01-01T00:00:00.000Z'), saying('AccessError', 'ACCESS_DENIED'))
  })
})
