import {UsageError} from '../domain/errors.ts'
import {normaliseLicence} from '../domain/licence.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {mergedOutputs, neededOutput, readLandscape, recordsBucketOf} from './landscape.ts'
import type {Ports} from './ports.ts'
import type {Run} from './run.ts'

export type SecretPorts = Pick<Ports, 'stacks' | 'objects' | 'secrets' | 'machine'>

export interface SecretResult {
  readonly environment: string
  readonly secretArn: string
  readonly versionId: string
}

async function write(
  ports: SecretPorts,
  environment: EnvironmentName,
  output: string,
  value: string,
): Promise<SecretResult> {
  const landscape = await readLandscape(ports, environment)
  recordsBucketOf(landscape)
  const secretArn = neededOutput(mergedOutputs(landscape), output)
  const versionId = await ports.secrets.putValue(secretArn, value, ports.machine.randomHex(32))
  return {environment, secretArn, versionId}
}

/**
 * Writes the licence into its secret, as the one line that the platform wants.
 * @throws UsageError EMPTY_LICENCE; RefusedError NO_FOUNDATION
 */
export async function setLicence(
  options: {readonly environment: EnvironmentName; readonly licence: string},
  ports: SecretPorts,
  run: Run,
): Promise<SecretResult> {
  const {value, joinedLines} = normaliseLicence(options.licence)
  if (joinedLines > 0)
    run.report({type: 'note', message: `The licence had ${joinedLines + 1} lines; they were joined into one.`})
  return write(ports, options.environment, 'LicenceSecretArn', value)
}

/**
 * Writes user name and token of the image registry into their secret, in the form ECS reads (repositoryCredentials).
 * @throws UsageError EMPTY_CREDENTIALS; RefusedError NO_FOUNDATION
 */
export async function loginRegistry(
  options: {readonly environment: EnvironmentName; readonly username: string; readonly password: string},
  ports: SecretPorts,
): Promise<SecretResult> {
  const [username, password] = [options.username.trim(), options.password.trim()]
  if (username === '' || password === '') {
    throw new UsageError('Empty registry credentials: both a user name and a token are needed.', {
      code: 'EMPTY_CREDENTIALS',
    })
  }
  return write(ports, options.environment, 'RegistrySecretArn', JSON.stringify({username, password}))
}
