import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr'
import {FailedError} from '../domain/errors.ts'
import type {Repositories} from '../flows/mirror/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/**
 * Repositories of ECR by its API.
 * @param registryUrl where images are pushed to instead of ECR's own host: the embedded AWS has none
 */
export function createRepositories(config: ClientConfig, registryUrl?: string): Repositories {
  const client = new ECRClient(config)
  const uri = async (name: string): Promise<string | undefined> => {
    try {
      const {repositories = []} = await client.send(new DescribeRepositoriesCommand({repositoryNames: [name]}))
      return repositories[0]?.repositoryUri
    } catch (error) {
      if (isNamed(error, 'RepositoryNotFound')) return undefined
      throw error
    }
  }
  return translateErrors<Repositories>({
    uri,
    async make(repositoryName, {keyArn, tags}) {
      const there = await uri(repositoryName)
      if (there !== undefined) return there
      const {repository} = await client.send(
        new CreateRepositoryCommand({
          repositoryName,
          imageTagMutability: 'IMMUTABLE',
          imageScanningConfiguration: {scanOnPush: true},
          encryptionConfiguration:
            keyArn === undefined ? {encryptionType: 'AES256'} : {encryptionType: 'KMS', kmsKey: keyArn},
          tags: Object.entries(tags).map(([Key, Value]) => ({Key, Value})),
        }),
      )
      return repository?.repositoryUri ?? ''
    },
    async remove(repositoryName) {
      try {
        await client.send(new DeleteRepositoryCommand({repositoryName, force: true}))
      } catch (error) {
        if (!isNamed(error, 'RepositoryNotFound')) throw error
      }
    },
    async login() {
      const {authorizationData = []} = await client.send(new GetAuthorizationTokenCommand({}))
      const [{authorizationToken = '', proxyEndpoint = ''} = {}] = authorizationData
      const text = Buffer.from(authorizationToken, 'base64').toString()
      const colon = text.indexOf(':')
      if (colon < 1) throw new FailedError('ECR gave no login.', {code: 'NO_ECR_LOGIN'})
      const credentials = {username: text.slice(0, colon), password: text.slice(colon + 1)}
      return {url: registryUrl ?? proxyEndpoint, credentials}
    },
  })
}
