import {
  CreateGrantCommand,
  DescribeKeyCommand,
  type GrantOperation,
  KMSClient,
  paginateListGrants,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {FailedError} from '../domain/errors.ts'
import type {Keys} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

const waitingDays = 30
/**
 * What RDS does with the key of a snapshot while it copies it for somebody of another account: it gives itself a grant
 * (RDS user guide, sharing of encrypted snapshots), and a grant gives no more than the one it comes from holds.
 */
const forCopies: GrantOperation[] = [
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'RetireGrant',
]

/** KMS by its API. */
export function createKeys(config: ClientConfig): Keys {
  const client = new KMSClient(config)
  return translateErrors<Keys>({
    async state(keyArn) {
      try {
        return (await client.send(new DescribeKeyCommand({KeyId: keyArn}))).KeyMetadata?.KeyState
      } catch (error) {
        if (isNamed(error, 'NotFound')) return undefined
        throw error
      }
    },
    async scheduleDeletion(keyArn) {
      const date = (await schedule(client, keyArn)) ?? (await scheduledDate(client, keyArn))
      if (date !== undefined) return date.toISOString()
      throw new FailedError(`KMS does not say when it will delete the key ${keyArn}.`, {code: 'KEY_NOT_SCHEDULED'})
    },
    async lend(keyArn, {to, name}) {
      await client.send(
        new CreateGrantCommand({KeyId: keyArn, GranteePrincipal: to, Operations: forCopies, Name: name}),
      )
    },
    async endLoans(keyArn, name) {
      try {
        const ids: string[] = []
        for await (const {Grants: grants = []} of paginateListGrants({client}, {KeyId: keyArn}))
          for (const grant of grants) if (grant.Name === name && grant.GrantId !== undefined) ids.push(grant.GrantId)
        for (const id of ids) await client.send(new RevokeGrantCommand({KeyId: keyArn, GrantId: id}))
      } catch (error) {
        if (!isNamed(error, 'NotFound')) throw error
      }
    },
  })
}

/** Undefined when the key's state does not allow it, as that of a key which waits for its deletion already. */
async function schedule(client: KMSClient, keyArn: string): Promise<Date | undefined> {
  try {
    const answer = await client.send(new ScheduleKeyDeletionCommand({KeyId: keyArn, PendingWindowInDays: waitingDays}))
    return answer.DeletionDate
  } catch (error) {
    if (isNamed(error, 'KMSInvalidState')) return undefined
    throw error
  }
}

async function scheduledDate(client: KMSClient, keyArn: string): Promise<Date | undefined> {
  const {KeyMetadata: key} = await client.send(new DescribeKeyCommand({KeyId: keyArn}))
  return key?.DeletionDate
}
