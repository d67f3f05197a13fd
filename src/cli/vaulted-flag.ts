import {Flags} from '@oclif/core'
import type {EnvironmentConfiguration} from '../domain/configuration.ts'

/** Said, unsaid (`--no-vaulted`), or left to the configuration. */
export const vaultedFlag = Flags.boolean({
  description: 'Whether AWS Backup takes the database into the vault too [default: recovery.vaulted]',
  allowNo: true,
  env: 'PI_AWS_VAULTED',
})

interface Parsed {
  readonly flags: {readonly vaulted: boolean}
  readonly metadata: {readonly flags: Readonly<Record<string, {readonly setFromDefault?: boolean} | undefined>>}
}

/** What the command line says of the vault; where it says nothing, what the environment's configuration says. */
export function isVaulted({flags, metadata}: Parsed, {recovery}: Pick<EnvironmentConfiguration, 'recovery'>): boolean {
  // A switch that nobody gave is false all the same.
  const unsaid = metadata.flags['vaulted']?.setFromDefault === true
  return unsaid ? (recovery?.vaulted ?? false) : flags.vaulted
}
