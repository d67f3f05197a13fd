import assert from 'node:assert/strict'
import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr'
import {mockClient} from 'aws-sdk-client-mock'
import {createRepositories} from '../../src/aws/ecr.ts'
import {config, inputs, saying, sdkError} from './sdk.ts'

describe('repositories of ECR', () => {
  const mock = mockClient(ECRClient)
  const repositories = createRepositories(config)
  beforeEach(() => mock.reset())
  after(() => mock.restore())

  it('are made once, with tags that stay, scans, and the key of the environment', async () => {
    mock.on(DescribeRepositoriesCommand).rejects(sdkError('RepositoryNotFoundException'))
    mock
      .on(CreateRepositoryCommand)
      .resolvesOnce({repository: {repositoryUri: 'host/r'}})
      .resolves({})
    assert.equal(await repositories.make('r', {keyArn: 'arn:key', tags: {'pi:environment': 'demo'}}), 'host/r')
    assert.deepEqual(inputs(mock)[1], {
      repositoryName: 'r',
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: {scanOnPush: true},
      encryptionConfiguration: {encryptionType: 'KMS', kmsKey: 'arn:key'},
      tags: [{Key: 'pi:environment', Value: 'demo'}],
    })
    assert.equal(await repositories.make('r', {keyArn: undefined, tags: {}}), '')
    const {encryptionConfiguration} = inputs(mock)[3] as {encryptionConfiguration: object}
    assert.deepEqual(encryptionConfiguration, {encryptionType: 'AES256'})
    mock.reset()
    mock.on(DescribeRepositoriesCommand).resolves({repositories: [{repositoryUri: 'host/r'}]})
    assert.equal(await repositories.make('r', {keyArn: undefined, tags: {}}), 'host/r')
    assert.equal(inputs(mock).length, 1)
  })

  it('go with all their images, also where they are gone already', async () => {
    mock.on(DeleteRepositoryCommand).resolvesOnce({}).rejects(sdkError('RepositoryNotFoundException'))
    await repositories.remove('r')
    await repositories.remove('r')
    assert.deepEqual(inputs(mock), Array(2).fill({repositoryName: 'r', force: true}))
    mock.on(DeleteRepositoryCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(repositories.remove('r'), saying('AccessError', 'ACCESS_DENIED'))
  })

  it('that cannot be looked at are not taken for missing', async () => {
    mock.on(DescribeRepositoriesCommand).rejects(sdkError('AccessDeniedException', 'no'))
    await assert.rejects(repositories.uri('r'), saying('AccessError', 'ACCESS_DENIED'))
    mock.on(DescribeRepositoriesCommand).resolves({})
    assert.equal(await repositories.uri('r'), undefined)
  })

  it('are logged in to by a token, at ECR itself or where the embedded AWS keeps them', async () => {
    const authorizationToken = Buffer.from('AWS:se:cret').toString('base64')
    mock
      .on(GetAuthorizationTokenCommand)
      .resolves({authorizationData: [{authorizationToken, proxyEndpoint: 'https://1.dkr.ecr.x'}]})
    const credentials = {username: 'AWS', password: 'se:cret'}
    assert.deepEqual(await repositories.login(), {url: 'https://1.dkr.ecr.x', credentials})
    const local = createRepositories(config, 'http://127.0.0.1:1')
    assert.deepEqual(await local.login(), {url: 'http://127.0.0.1:1', credentials})
    for (const answer of [{}, {authorizationData: [{}]}]) {
      mock.on(GetAuthorizationTokenCommand).resolves(answer)
      await assert.rejects(repositories.login(), saying('FailedError', 'NO_ECR_LOGIN'))
    }
  })
})
