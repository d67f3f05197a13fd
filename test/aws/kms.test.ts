import assert from 'node:assert/strict'
import {DescribeKeyCommand, KMSClient, ScheduleKeyDeletionCommand} from '@aws-sdk/client-kms'
import {mockClient} from 'aws-sdk-client-mock'
import {createKeys} from '../../src/aws/kms.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

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
