import assert from 'node:assert/strict'
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import {mockClient} from 'aws-sdk-client-mock'
import {createSecrets} from '../../src/aws/secrets-manager.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

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

  it('are told with the moment of their last change, where AWS knows it', async () => {
    const VersionIdsToStages = {v2: ['AWSCURRENT']}
    mock.on(DescribeSecretCommand).resolves({VersionIdsToStages, LastChangedDate: new Date('2026-11-20T10:00:00Z')})
    assert.deepEqual(await secrets.held('arn:s'), {changedAt: '2026-11-20T10:00:00.000Z'})
    mock.on(DescribeSecretCommand).resolves({VersionIdsToStages})
    assert.deepEqual(await secrets.held('arn:s'), {changedAt: undefined})
  })

  it('get a former version back by its id alone, once', async () => {
    const versions = {VersionIdsToStages: {v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT']}}
    mock.on(DescribeSecretCommand).resolves(versions)
    assert.equal(await secrets.makeCurrent('arn:s', 'v2'), false)
    assert.equal(await secrets.makeCurrent('arn:s', 'v1'), true)
    assert.deepEqual(inputs(mock).at(-1), {
      SecretId: 'arn:s',
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: 'v1',
      RemoveFromVersionId: 'v2',
    })
    mock.on(DescribeSecretCommand).resolves({})
    assert.equal(await secrets.makeCurrent('arn:s', 'v1'), true)
    assert.deepEqual(inputs(mock).at(-1), {SecretId: 'arn:s', VersionStage: 'AWSCURRENT', MoveToVersionId: 'v1'})
  })

  it('that do not exist have no value and take none', async () => {
    mock.rejects(sdkError('ResourceNotFoundException', "can't find the specified secret"))
    assert.equal(await secrets.hasValue('arn:s'), false)
    await assert.rejects(secrets.putValue('arn:s', 'v', 't'), saying('FailedError', 'AWS_RESOURCE_NOT_FOUND'))
  })

  it('are read as they are, and nothing while they have no value', async () => {
    mock
      .on(GetSecretValueCommand)
      .resolvesOnce({SecretString: 'LICENCE'})
      .rejectsOnce(sdkError('ResourceNotFoundException'))
      .rejectsOnce(sdkError('AccessDeniedException'))
    assert.equal(await secrets.value('arn:s'), 'LICENCE')
    assert.equal(await secrets.value('arn:s'), undefined)
    await assert.rejects(secrets.value('arn:s'), saying('AccessError', 'ACCESS_DENIED'))
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

  it('are found by the tag of their environment, over all pages', async () => {
    const tagged = (arn: string, key: string, value: string) => ({ARN: arn, Tags: [{Key: key, Value: value}]})
    mock
      .on(ListSecretsCommand)
      .resolvesOnce({SecretList: [tagged('arn:a', 'pi:environment', 'demo')], NextToken: 'more'})
      .resolves({
        SecretList: [tagged('arn:b', 'team', 'demo'), tagged('arn:c', 'pi:environment', 'demo'), {ARN: 'arn:d'}],
      })
    assert.deepEqual(await secrets.ownedBy('demo'), ['arn:a', 'arn:c'])
    assert.deepEqual(inputs(mock)[1], {
      Filters: [
        {Key: 'tag-key', Values: ['pi:environment']},
        {Key: 'tag-value', Values: ['demo']},
      ],
      NextToken: 'more',
    })
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
