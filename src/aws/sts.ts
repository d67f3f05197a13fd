import {GetCallerIdentityCommand, STSClient} from '@aws-sdk/client-sts'
import {parseAccountId, parseRegion} from '../domain/names.ts'
import type {Identity} from '../flows/ports.ts'
import {translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** Whose credentials these are, by STS. */
export function createIdentity(config: ClientConfig): Identity {
  const client = new STSClient(config)
  return translateErrors<Identity>({
    async caller() {
      const {Account: account = '', Arn: arn = ''} = await client.send(new GetCallerIdentityCommand({}))
      return {
        account: parseAccountId(account),
        arn,
        region: parseRegion(config.region),
        partition: arn.split(':')[1] ?? 'aws',
      }
    },
  })
}
