import assert from 'node:assert/strict'
import {BackupClient, DescribeRegionSettingsCommand} from '@aws-sdk/client-backup'
import {GetAccountSettingsCommand, LambdaClient} from '@aws-sdk/client-lambda'
import {mockClient} from 'aws-sdk-client-mock'
import {createAccountFacts} from '../../src/aws/account-facts.ts'
import {clientConfig} from '../../src/aws/settings.ts'
import {fakeService} from './fake-service.ts'
import {config, saying, sdkError, settings} from './sdk.ts'

describe('facts of an account', () => {
  const backup = mockClient(BackupClient)
  const lambda = mockClient(LambdaClient)
  const facts = createAccountFacts(config)
  beforeEach(() => {
    backup.reset()
    lambda.reset()
  })
  after(() => {
    backup.restore()
    lambda.restore()
  })

  it('are how many functions may run at once', async () => {
    lambda
      .on(GetAccountSettingsCommand)
      .resolvesOnce({AccountLimit: {ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 4}})
      .resolvesOnce({})
      .rejects(sdkError('AccessDenied'))
    assert.deepEqual(await facts.concurrency(), {limit: 10, unreserved: 4})
    assert.deepEqual(await facts.concurrency(), {limit: 0, unreserved: 0})
    await assert.rejects(facts.concurrency(), saying('AccessError', 'ACCESS_DENIED', /lambda:GetAccountSettings/))
  })

  it('are what AWS Backup may save', async () => {
    backup
      .on(DescribeRegionSettingsCommand)
      .resolvesOnce({ResourceTypeOptInPreference: {EFS: true, RDS: false}})
      .resolvesOnce({})
    assert.deepEqual(await facts.backupOptIn(), {EFS: true, RDS: false})
    assert.deepEqual(await facts.backupOptIn(), {})
  })

  it('are the time of AWS, as its answer bears it', async () => {
    const service = await fakeService([
      {
        status: 200,
        headers: {date: 'Sat, 03 Jan 2026 00:00:00 GMT'},
        body: '<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>',
      },
    ])
    const asked = createAccountFacts(clientConfig({...settings, endpointUrl: service.url}))
    assert.equal((await asked.serverTime()).toISOString(), '2026-01-03T00:00:00.000Z')
    await service.close()
  })
})
