import assert from 'node:assert/strict'
import {
  CreateGrantCommand,
  DescribeKeyCommand,
  KMSClient,
  ListGrantsCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
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

  it('are lent by a grant with a name, for what RDS does with them', async () => {
    mock.on(CreateGrantCommand).resolves({GrantId: 'g'})
    await keys.lend('arn:k', {to: 'arn:aws:iam::444455556666:role/operator', name: 'loan'})
    const [{Operations: operations = [], ...grant} = {}] = inputs(mock) as {Operations?: string[]}[]
    assert.deepEqual(grant, {KeyId: 'arn:k', GranteePrincipal: 'arn:aws:iam::444455556666:role/operator', Name: 'loan'})
    for (const one of ['CreateGrant', 'Decrypt', 'DescribeKey', 'ReEncryptFrom'])
      assert.ok(operations.includes(one), one)
  })

  it('are taken back by every grant of that name, over all pages, and by none of another', async () => {
    mock
      .on(ListGrantsCommand)
      .resolvesOnce({
        Grants: [
          {Name: 'loan', GrantId: '1'},
          {Name: 'other', GrantId: '2'},
        ],
        NextMarker: 'm',
        Truncated: true,
      })
      .resolvesOnce({Grants: [{Name: 'loan', GrantId: '3'}]})
      .rejectsOnce(sdkError('NotFoundException'))
      .rejects(sdkError('Boom'))
    mock.on(RevokeGrantCommand).resolves({})
    await keys.endLoans('arn:k', 'loan')
    const revoked = mock.commandCalls(RevokeGrantCommand).map(({args}) => args[0].input.GrantId)
    assert.deepEqual(revoked, ['1', '3'])
    await keys.endLoans('arn:k', 'loan')
    await assert.rejects(keys.endLoans('arn:k', 'loan'))
  })
})
