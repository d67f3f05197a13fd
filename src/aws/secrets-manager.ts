import {createHash} from 'node:crypto'
import {
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  paginateListSecrets,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import type {Secrets} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

const recoveryWindowDays = 30

/** Secrets Manager by its API. Values are read for checks alone, and go nowhere else. */
export function createSecrets(config: ClientConfig): Secrets {
  const client = new SecretsManagerClient(config)
  return translateErrors<Secrets>({
    hasValue: async (secretArn) => (await held(client, secretArn)) !== undefined,
    held: (secretArn) => held(client, secretArn),
    async value(secretArn) {
      try {
        return (await client.send(new GetSecretValueCommand({SecretId: secretArn}))).SecretString
      } catch (error) {
        // A secret without a value, and one that is going away.
        if (isNamed(error, 'ResourceNotFound', 'InvalidRequest')) return undefined
        throw error
      }
    },
    async putValue(secretArn, value, token) {
      // The token becomes the version's id and must have 32 to 64 characters: a SHA-256 in hex has 64.
      const version = createHash('sha256').update(token).digest('hex')
      const answer = await client.send(
        new PutSecretValueCommand({SecretId: secretArn, SecretString: value, ClientRequestToken: version}),
      )
      return answer.VersionId ?? version
    },
    async currentVersion(secretArn) {
      try {
        const {VersionIdsToStages: versions = {}} = await client.send(new DescribeSecretCommand({SecretId: secretArn}))
        return Object.entries(versions).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0]
      } catch (error) {
        if (isNamed(error, 'ResourceNotFound')) return undefined
        throw error
      }
    },
    async makeCurrent(secretArn, versionId) {
      const {VersionIdsToStages: versions = {}} = await client.send(new DescribeSecretCommand({SecretId: secretArn}))
      const current = Object.entries(versions).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0]
      if (current === versionId) return false
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId: secretArn,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: versionId,
          RemoveFromVersionId: current,
        }),
      )
      return true
    },
    async ownedBy(environment) {
      // The two filters are joined by AND, but not to one tag: the tag itself is compared once more.
      const filters = {
        Filters: [
          {Key: 'tag-key' as const, Values: ['pi:environment']},
          {Key: 'tag-value' as const, Values: [environment]},
        ],
      }
      const owned: string[] = []
      for await (const page of paginateListSecrets({client}, filters)) {
        for (const {ARN: arn, Tags: tags = []} of page.SecretList ?? []) {
          if (arn !== undefined && tags.some((tag) => tag.Key === 'pi:environment' && tag.Value === environment))
            owned.push(arn)
        }
      }
      return owned
    },
    async delete(secretArn) {
      try {
        await client.send(new DeleteSecretCommand({SecretId: secretArn, RecoveryWindowInDays: recoveryWindowDays}))
      } catch (error) {
        if (isNamed(error, 'ResourceNotFound')) return
        // So it answers for a secret that waits for its deletion already, among other things.
        if (!isNamed(error, 'InvalidRequest') || !(await waitsForDeletion(client, secretArn))) throw error
      }
    },
  })
}

/** Undefined for one without a value, one that is going away, and one that is not there. */
async function held(
  client: SecretsManagerClient,
  secretArn: string,
): Promise<{readonly changedAt: string | undefined} | undefined> {
  try {
    const secret = await client.send(new DescribeSecretCommand({SecretId: secretArn}))
    const {DeletedDate: deleted, LastChangedDate: changed, VersionIdsToStages: versions = {}} = secret
    const isCurrent = Object.values(versions).some((stages) => stages.includes('AWSCURRENT'))
    return deleted === undefined && isCurrent ? {changedAt: changed?.toISOString()} : undefined
  } catch (error) {
    if (isNamed(error, 'ResourceNotFound')) return undefined
    throw error
  }
}

async function waitsForDeletion(client: SecretsManagerClient, secretArn: string): Promise<boolean> {
  const secret = await client.send(new DescribeSecretCommand({SecretId: secretArn}))
  return secret.DeletedDate !== undefined
}
