import {BackupClient, DescribeRegionSettingsCommand} from '@aws-sdk/client-backup'
import {GetAccountSettingsCommand, LambdaClient} from '@aws-sdk/client-lambda'
import type {S3Client} from '@aws-sdk/client-s3'
import {GetCallerIdentityCommand, STSClient} from '@aws-sdk/client-sts'
import type {AccountFacts} from '../flows/preflight/ports.ts'
import {translateErrors} from './errors.ts'
import {readServerTimes} from './server-time.ts'
import type {ClientConfig} from './settings.ts'

/** What services tell of the account itself; each is asked once. */
export function createAccountFacts(config: ClientConfig): AccountFacts {
  return translateErrors<AccountFacts>(
    {
      async concurrency() {
        const {AccountLimit: limit} = await new LambdaClient(config).send(new GetAccountSettingsCommand({}))
        return {
          limit: limit?.ConcurrentExecutions ?? 0,
          unreserved: limit?.UnreservedConcurrentExecutions ?? 0,
        }
      },
      async backupOptIn() {
        const answer = await new BackupClient(config).send(new DescribeRegionSettingsCommand({}))
        return answer.ResourceTypeOptInPreference ?? {}
      },
      async serverTime() {
        const client = new STSClient(config)
        // Of a client it takes only the stack of middleware, which all have alike.
        const timeOf = readServerTimes(client as unknown as S3Client)
        return timeOf(await client.send(new GetCallerIdentityCommand({})))
      },
    },
    {
      concurrency: 'lambda:GetAccountSettings',
      backupOptIn: 'backup:DescribeRegionSettings',
      serverTime: 'sts:GetCallerIdentity',
    },
  )
}
