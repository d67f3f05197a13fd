import {RefusedError} from '../../domain/errors.ts'
import {normaliseLicence} from '../../domain/licence.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Report} from '../events.ts'
import type {Ask, Secrets} from '../ports.ts'
import type {SecretValues} from './options.ts'

export interface SecretArns {
  readonly licence: string
  readonly registry: string
}

/** The two secrets that only a person can give, and the command that sets each. */
const commands = {
  licence: (environment: EnvironmentName) => `pi-aws licence set ${environment} --file licence.txt`,
  registry: (environment: EnvironmentName) => `pi-aws registry login ${environment} --username NAME --password-file token.txt`,
} as const

/**
 * Makes sure that both secrets have a value before tasks start: from what was handed over, else from a hidden prompt,
 * else made up where that is allowed.
 * @returns names of the secrets that were written
 * @throws RefusedError SECRET_MISSING
 */
export async function ensureSecrets(
  {secrets, ask}: {readonly secrets: Secrets; readonly ask: Ask},
  arns: SecretArns,
  request: {
    readonly environment: EnvironmentName
    readonly given: SecretValues
    readonly placeholders: boolean
    readonly token: (step: string) => string
  },
  report: Report,
): Promise<readonly string[]> {
  const written: string[] = []
  const {given, environment, placeholders, token} = request
  const licence = given.licence ?? ((await secrets.hasValue(arns.licence)) ? undefined : await missingLicence(ask, environment, placeholders))
  if (licence !== undefined) {
    const {value, joinedLines} = normaliseLicence(licence)
    if (joinedLines > 0) report({type: 'note', message: `The licence had ${joinedLines + 1} lines; they were joined into one.`})
    await secrets.putValue(arns.licence, value, token('licence'))
    written.push('licence')
  }
  const registry = given.registry ?? ((await secrets.hasValue(arns.registry)) ? undefined : await missingRegistry(ask, environment, placeholders))
  if (registry !== undefined) {
    await secrets.putValue(arns.registry, JSON.stringify(registry), token('registry'))
    written.push('registry credentials')
  }
  return written
}

function missing(what: keyof typeof commands, environment: EnvironmentName): RefusedError {
  return new RefusedError(`No ${what === 'licence' ? 'licence' : 'registry credentials'} for ${environment}: its secret is empty and nobody can be asked.`, {
    code: 'SECRET_MISSING',
    suggestions: [commands[what](environment), `then: pi-aws deploy ${environment}`],
  })
}

async function missingLicence(ask: Ask, environment: EnvironmentName, placeholders: boolean): Promise<string> {
  if (placeholders) return 'licence-of-the-embedded-aws'
  if (!ask.possible) throw missing('licence', environment)
  return ask.secret('Panintelligence licence (not shown)')
}

async function missingRegistry(ask: Ask, environment: EnvironmentName, placeholders: boolean): Promise<{username: string; password: string}> {
  if (placeholders) return {username: 'embedded', password: 'embedded'}
  if (!ask.possible) throw missing('registry', environment)
  return {username: await ask.text('User name at the image registry'), password: await ask.secret('Token of the image registry (not shown)')}
}
