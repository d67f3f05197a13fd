import {RefusedError} from '../../domain/errors.ts'
import {normaliseLicence} from '../../domain/licence.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Report} from '../events.ts'
import type {Ask, Secrets} from '../ports.ts'
import type {SecretValues} from './options.ts'

/** ARNs of the two secrets that only a person can give; undefined before the foundation stands. */
export interface SecretArns {
  readonly licence: string | undefined
  readonly registry: string | undefined
}

export interface SecretRequest {
  readonly environment: EnvironmentName
  readonly given: SecretValues
  /** Make missing ones up; for the embedded AWS. */
  readonly placeholders: boolean
  /** False where tasks log in to the registry by their role: then its secret may stay empty. */
  readonly registryNeeded: boolean
}

type SecretPorts = {readonly secrets: Secrets; readonly ask: Ask}

/**
 * Gathers the secrets that a deploy has to write, before it begins: what was handed over, else what is missing from a
 * hidden prompt, else made-up values where that is allowed.
 * @returns only what is to be written; secrets that have a value already are left alone
 * @throws RefusedError SECRET_MISSING; UsageError EMPTY_LICENCE
 */
export async function collectSecrets(
  ports: SecretPorts,
  arns: SecretArns,
  request: SecretRequest,
  report: Report,
): Promise<SecretValues> {
  const {given} = request
  const licence =
    given.licence ?? ((await isSet(ports, arns.licence)) ? undefined : await missingLicence(ports.ask, request))
  const registry =
    given.registry ??
    (!request.registryNeeded || (await isSet(ports, arns.registry))
      ? undefined
      : await missingRegistry(ports.ask, request))
  return {
    ...(licence === undefined ? {} : {licence: oneLineLicence(licence, report)}),
    ...(registry === undefined ? {} : {registry}),
  }
}

async function isSet({secrets}: SecretPorts, arn: string | undefined): Promise<boolean> {
  return arn !== undefined && (await secrets.hasValue(arn))
}

function oneLineLicence(text: string, report: Report): string {
  const {value, joinedLines} = normaliseLicence(text)
  if (joinedLines > 0)
    report({type: 'note', message: `The licence had ${joinedLines + 1} lines; they were joined into one.`})
  return value
}

function missing(environment: EnvironmentName, what: string, flags: string, command: string): RefusedError {
  return new RefusedError(
    `No ${what} for ${environment}: its secret is empty and nobody can be asked. Nothing was changed.`,
    {
      code: 'SECRET_MISSING',
      suggestions: [
        `pi-aws deploy ${environment} ${flags}`,
        `Or: pi-aws deploy ${environment} --part foundation, then ${command}, then pi-aws deploy ${environment}`,
      ],
    },
  )
}

async function missingLicence(ask: Ask, {environment, placeholders}: SecretRequest): Promise<string> {
  if (placeholders) return 'licence-of-the-embedded-aws'
  if (!ask.possible)
    throw missing(
      environment,
      'licence',
      '--licence-file licence.txt',
      `pi-aws licence set ${environment} --file licence.txt`,
    )
  return ask.secret('Panintelligence licence (not shown)')
}

async function missingRegistry(
  ask: Ask,
  {environment, placeholders}: SecretRequest,
): Promise<{username: string; password: string}> {
  if (placeholders) return {username: 'embedded', password: 'embedded'}
  if (!ask.possible) {
    const flags = '--registry-username NAME --registry-password-file token.txt'
    throw missing(
      environment,
      'registry credentials',
      flags,
      `pi-aws registry login ${environment} --username NAME --password-file token.txt`,
    )
  }
  return {
    username: await ask.text('User name at the image registry'),
    password: await ask.secret('Token of the image registry (not shown)'),
  }
}

/**
 * Writes gathered secrets.
 * @param token makes a repeated call the same version
 * @returns names of the secrets that were written
 */
export async function writeSecrets(
  secrets: Secrets,
  arns: {readonly licence: string; readonly registry: string},
  values: SecretValues,
  token: (step: string) => string,
): Promise<readonly string[]> {
  const written: string[] = []
  if (values.licence !== undefined) {
    await secrets.putValue(arns.licence, values.licence, token('licence'))
    written.push('licence')
  }
  if (values.registry !== undefined) {
    await secrets.putValue(arns.registry, JSON.stringify(values.registry), token('registry'))
    written.push('registry credentials')
  }
  return written
}
