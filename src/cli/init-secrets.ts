import {homedir} from 'node:os'
import {join} from 'node:path'
import {UsageError} from '../domain/errors.ts'
import type {SecretValues} from '../flows/deploy/options.ts'
import type {Wizard} from '../flows/init/ports.ts'
import type {SecretsLook, SecretsOf, SecretStanding} from '../flows/init/secrets.ts'
import type {SecretPorts} from '../flows/secrets.ts'
import type {Run} from '../flows/run.ts'
import {secretLine} from '../ui/format/init.ts'
import {readSecrets} from './preflight-flags.ts'
import {readSecretFile} from './secret-input.ts'

export interface SecretFlags {
  readonly 'licence-file'?: string | undefined
  readonly 'registry-username'?: string | undefined
  readonly 'registry-password-file'?: string | undefined
}

/**
 * What the files hold that flags name, before any question is asked in vain.
 * @throws UsageError STDIN_ASKED where stdin is the keyboard that answers; as `readSecretFile`
 */
export async function secretsBeforeQuestions(flags: SecretFlags, asks: boolean): Promise<SecretValues> {
  const fromStdin = (['licence-file', 'registry-password-file'] as const).find((name) => flags[name] === '-')
  if (asks && fromStdin !== undefined) {
    throw new UsageError(`Stdin is in use: --${fromStdin} - would read it, and it answers the questions.`, {
      code: 'STDIN_ASKED',
      suggestions: [`Name a file: --${fromStdin} FILE`, 'Or leave it away: init asks for it, and does not show it'],
    })
  }
  return readSecrets(flags)
}

/** The flags that a later command needs, for secrets that are not written yet. */
export function secretWords(flags: SecretFlags, standing: readonly SecretStanding[]): readonly string[] {
  const isOpen = (wanted: string): boolean => standing.some(({secret, state}) => secret === wanted && state === 'later')
  const of = (names: readonly (keyof SecretFlags)[]): readonly string[] =>
    names.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}`, flags[name]]))
  return [
    ...(isOpen('licence') ? of(['licence-file']) : []),
    ...(isOpen('registry') ? of(['registry-username', 'registry-password-file']) : []),
  ]
}

/** The secrets of one environment: looked at, and written. */
export interface SecretStage {
  look(): Promise<SecretsLook>
  write(
    look: SecretsLook,
    given: SecretValues,
    wizard: Wizard | undefined,
    run: Run,
  ): Promise<readonly SecretStanding[]>
}

/** @param connect finds AWS, where that is needed */
export async function secretStage(of: SecretsOf, connect: () => Promise<SecretPorts>): Promise<SecretStage> {
  const {lookAtSecrets, writeSecretsOf} = await import('../flows/init/secrets.ts')
  return {
    look: () => lookAtSecrets(of, connect),
    async write(look, given, wizard, run) {
      // Without a foundation nothing can be written, and AWS may not even be there.
      if (!look.foundation) return look.secrets
      return writeSecretsOf({...of, look, given}, {...(await connect()), wizard, readFile: readAtHome}, run)
    },
  }
}

/** No shell was there to read the `~`. */
function readAtHome(path: string): Promise<string> {
  return readSecretFile(/^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path)
}

export interface AskForSecrets {
  readonly environment: string
  readonly wizard: Wizard
  readonly look: () => Promise<SecretsLook>
  /** False where it could not be made. */
  readonly makeFoundation: () => Promise<boolean>
  readonly write: (look: SecretsLook) => Promise<readonly SecretStanding[]>
}

/**
 * Leads through the secrets: says which are there, and asks for the others once the foundation that holds them stands.
 * @returns how they stand; undefined where the foundation was wanted and could not be made
 */
export async function askForSecrets(asking: AskForSecrets): Promise<readonly SecretStanding[] | undefined> {
  const {environment, wizard, write} = asking
  const tell = (standing: readonly SecretStanding[]): void => {
    for (const one of standing) wizard.say(secretLine(one, environment, new Date()))
  }
  let look = await asking.look()
  const isRefused = look.secrets.some(({reason}) => reason !== undefined)
  if (!look.foundation && !isRefused) {
    wizard.say(
      'Licence and registry credentials go straight to Secrets Manager, into secrets of the foundation: a key, buckets, some two minutes.',
    )
    if (await wizard.confirm('Make the foundation now, to write them', false)) {
      if (!(await asking.makeFoundation())) return undefined
      look = await asking.look()
    }
  }
  tell(look.secrets.filter(({state}) => state === 'kept' || !look.foundation))
  const standing = await write(look)
  if (look.foundation) tell(standing.filter(({state}) => state !== 'kept'))
  return standing
}
