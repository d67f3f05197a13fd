import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {CancelledError, PiError} from '../../domain/errors.ts'
import type {Choice} from '../../domain/init/questions.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {registryLogin} from '../../domain/parameters.ts'
import type {SecretValues} from '../deploy/options.ts'
import {hasLedger, mergedOutputs, readLandscape, stackOf} from '../landscape.ts'
import type {Run} from '../run.ts'
import {loginRegistry, type SecretPorts, setLicence} from '../secrets.ts'
import type {Wizard} from './ports.ts'

/** The secrets that only a person can give. */
export type GivenSecret = 'licence' | 'registry'

/** How a secret stands in Secrets Manager. */
export interface SecretStanding {
  readonly secret: GivenSecret
  /** `kept`: it has a value already. `later`: it has none yet. */
  readonly state: 'kept' | 'written' | 'later'
  /** Of one that is kept: when it was changed last (ISO 8601 UTC), where that is known. */
  readonly changedAt?: string
  /** Of one that could not be looked at or written: why, as AWS said it. */
  readonly reason?: string
}

export interface SecretsLook {
  /** Whether the foundation stands, which holds the secrets. */
  readonly foundation: boolean
  /** Those that the platform needs. */
  readonly secrets: readonly SecretStanding[]
}

export interface SecretsOf {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
}

const outputs: Readonly<Record<GivenSecret, string>> = {licence: 'LicenceSecretArn', registry: 'RegistrySecretArn'}
/** A command that writes each, for later. */
const commands: Readonly<Record<GivenSecret, string>> = {licence: 'licence set', registry: 'registry login'}

/** Licence, and credentials where the images are private and no role may pull them. */
function needed(configuration: EnvironmentConfiguration): readonly GivenSecret[] {
  return registryLogin(configuration) === 'secret' ? ['licence', 'registry'] : ['licence']
}

/** What is there of the secrets that a platform needs. Where nobody may look, all of them are for later, with the reason. */
export async function lookAtSecrets(
  {environment, configuration}: SecretsOf,
  connect: () => Promise<SecretPorts>,
): Promise<SecretsLook> {
  const wanted = needed(configuration)
  try {
    const ports = await connect()
    const landscape = await readLandscape(ports, environment)
    const foundation = hasLedger(stackOf(landscape, 'foundation'))
    const arns = mergedOutputs(landscape)
    const secrets = wanted.map(async (secret): Promise<SecretStanding> => {
      const arn = arns[outputs[secret]]
      const held = !foundation || arn === undefined ? undefined : await ports.secrets.held(arn)
      if (held === undefined) return {secret, state: 'later'}
      const {changedAt} = held
      return {secret, state: 'kept', ...(changedAt === undefined ? {} : {changedAt})}
    })
    return {foundation, secrets: await Promise.all(secrets)}
  } catch (error) {
    const reason = reasonOf(error)
    return {foundation: false, secrets: wanted.map((secret) => ({secret, state: 'later', reason}))}
  }
}

/** What went wrong, for a step that may be done later. @throws what is no answer of AWS, and CancelledError */
function reasonOf(error: unknown): string {
  if (error instanceof PiError && !(error instanceof CancelledError)) return error.message.split('\n')[0] ?? ''
  throw error
}

export interface SecretsToWrite extends SecretsOf {
  readonly look: SecretsLook
  /** Read from files that flags or variables name. */
  readonly given: SecretValues
}

export interface SecretsPorts extends SecretPorts {
  /** Undefined where nobody can be asked. */
  readonly wizard: Wizard | undefined
  /** Content of a file with a secret. @throws NotFoundError, UsageError */
  readonly readFile: (path: string) => Promise<string>
}

/**
 * Writes what is missing of the secrets: what was given, else what a person types hidden or names a file of, straight to
 * Secrets Manager. One that has a value is left alone, and one that nobody gives now is for later.
 * @throws CancelledError
 */
export async function writeSecretsOf(
  options: SecretsToWrite,
  ports: SecretsPorts,
  run: Run,
): Promise<readonly SecretStanding[]> {
  const {look, given} = options
  const {wizard} = ports
  // Between questions nothing else may paint: what there is to say is said by whoever asks.
  const aside: Run =
    wizard === undefined
      ? run
      : {...run, report: (event) => (event.type === 'note' ? wizard.say(event.message) : run.report(event))}
  const standing: SecretStanding[] = []
  for (const before of look.secrets) {
    const {secret, state} = before
    const value = given[secret]
    if (state === 'kept' || !look.foundation) standing.push(before)
    else if (value !== undefined) standing.push(await tried(options, secret, {[secret]: value}, ports, aside))
    else standing.push(await asked(options, secret, ports, aside))
  }
  return standing
}

/** Writes one; where that fails it is for later. */
async function tried(
  {environment}: SecretsOf,
  secret: GivenSecret,
  {licence, registry}: SecretValues,
  ports: SecretsPorts,
  run: Run,
): Promise<SecretStanding> {
  try {
    if (licence !== undefined) await setLicence({environment, licence}, ports, run)
    if (registry !== undefined) await loginRegistry({environment, ...registry}, ports)
    return {secret, state: 'written'}
  } catch (error) {
    return {secret, state: 'later', reason: reasonOf(error)}
  }
}

/** Asks until something could be written, or nobody wants to any more. */
async function asked(options: SecretsOf, secret: GivenSecret, ports: SecretsPorts, run: Run): Promise<SecretStanding> {
  const {wizard} = ports
  if (wizard === undefined) return {secret, state: 'later'}
  for (;;) {
    const way = await wizard.choose({
      message: secret === 'licence' ? 'Licence' : 'Credentials of the image registry',
      why: 'Straight to Secrets Manager: never shown, and kept nowhere else.',
      proposed: 'later',
      problem: () => undefined,
      choices: waysOf(options.environment, secret),
      free: false,
    })
    if (way === 'later') return {secret, state: 'later'}
    const value = await valueBy(way, secret, wizard, ports)
    if (value === undefined) continue
    const ended = await tried(options, secret, value, ports, run)
    if (ended.reason === undefined) return ended
    wizard.say(`Not written: ${ended.reason}`)
  }
}

function waysOf(environment: EnvironmentName, secret: GivenSecret): readonly Choice[] {
  return [
    {value: 'type', about: 'type or paste it now, not shown'},
    {value: 'file', about: 'name a file that holds it'},
    {value: 'later', about: `deploy asks for it, or pi-aws ${commands[secret]} ${environment}`},
  ]
}

/** What was typed or read; undefined where that was nothing. */
async function valueBy(
  way: string,
  secret: GivenSecret,
  wizard: Wizard,
  {readFile}: SecretsPorts,
): Promise<SecretValues | undefined> {
  const text = async (message: string, why: string): Promise<string> =>
    (await wizard.text({message, why, proposed: undefined, problem: needsText})).trim()
  const username = secret === 'registry' ? await text('User name at the image registry', 'Not a secret.') : ''
  const what = secret === 'licence' ? 'Panintelligence licence' : 'Token of the image registry'
  let value: string
  if (way === 'type') {
    value = await wizard.secret({message: `${what} (not shown)`, why: 'Nothing is shown while you type; then Enter.'})
  } else {
    const path = await text('File', `It holds nothing but this: ${what}.`)
    try {
      value = await readFile(path)
    } catch (error) {
      wizard.say(reasonOf(error))
      return undefined
    }
  }
  if (value.trim() === '') {
    wizard.say('Nothing was given.')
    return undefined
  }
  return secret === 'licence' ? {licence: value} : {registry: {username, password: value.trim()}}
}

function needsText(text: string): string | undefined {
  return text.trim() === '' ? 'an answer is needed' : undefined
}
