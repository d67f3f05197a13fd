import {Flags} from '@oclif/core'
import {readSecretFile} from './secret-input.ts'
import type {SecretValues} from '../flows/deploy/options.ts'

/** What an operator may say about the checks that come before a deploy. */
export const preflightFlags = {
  skip: Flags.string({
    description: 'Pass over this check, such as registry (may be repeated)',
    env: 'PI_AWS_SKIP',
    helpValue: 'CHECK',
    multiple: true,
    multipleNonGreedy: true,
  }),
  strict: Flags.boolean({
    description: 'Refuse also where a check could not be made',
    env: 'PI_AWS_STRICT',
  }),
  'create-service-linked-roles': Flags.boolean({
    description: 'Make the service-linked roles that the account lacks',
    env: 'PI_AWS_CREATE_SERVICE_LINKED_ROLES',
  }),
}

/** Secrets that a deploy writes, and that a preflight tries. */
export const secretFlags = {
  'licence-file': Flags.string({
    description: 'File with the licence, - for stdin',
    env: 'PI_AWS_LICENCE_FILE',
    helpValue: 'FILE',
  }),
  'registry-username': Flags.string({
    description: 'User name at the image registry',
    env: 'PI_AWS_REGISTRY_USERNAME',
    dependsOn: ['registry-password-file'],
  }),
  'registry-password-file': Flags.string({
    description: 'File with the token of the image registry, - for stdin',
    env: 'PI_AWS_REGISTRY_PASSWORD_FILE',
    helpValue: 'FILE',
    dependsOn: ['registry-username'],
  }),
}

interface GivenSecrets {
  readonly 'licence-file'?: string | undefined
  readonly 'registry-username'?: string | undefined
  readonly 'registry-password-file'?: string | undefined
}

/** Reads the files that the flags name. */
export async function readSecrets(flags: GivenSecrets): Promise<SecretValues> {
  const licence = flags['licence-file'] === undefined ? undefined : await readSecretFile(flags['licence-file'])
  const password =
    flags['registry-password-file'] === undefined ? undefined : await readSecretFile(flags['registry-password-file'])
  return {
    ...(licence === undefined ? {} : {licence}),
    ...(password === undefined
      ? {}
      : {registry: {username: flags['registry-username'] ?? '', password: password.trim()}}),
  }
}
