import {withoutKey} from '../../domain/configuration-edit.ts'
import {parseConfiguration} from '../../domain/configuration-text.ts'
import {ownStacks} from '../../domain/environments.ts'
import {CancelledError, NotFoundError, PiError, RefusedError, UsageError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {ConfigurationFiles} from '../config/ports.ts'
import {noConfiguration} from '../config/no-configuration.ts'
import type {Ask} from '../ports.ts'
import type {CurrentEnvironment, Place} from './ports.ts'

export interface EnvRemoveOptions {
  readonly path: string
  readonly environment: EnvironmentName
  /** Also while stacks of it stand, or nobody can tell. */
  readonly forget: boolean
  /** `--yes`. */
  readonly confirmed: boolean
}

/** What scripts get from `env remove --json`. */
export interface EnvRemoveResult {
  readonly path: string
  readonly environment: string
  /** Stacks that were left standing; nothing in AWS is ever removed. */
  readonly left: readonly string[]
}

export interface EnvRemovePorts {
  readonly configurationFiles: ConfigurationFiles
  readonly currentEnvironment: CurrentEnvironment
  readonly ask: Ask
  /** AWS where the environment lives. */
  readonly place: () => Promise<Place>
}

/**
 * Takes an environment out of a pi-aws.yaml and leaves AWS as it is.
 * @throws NotFoundError CONFIGURATION_NOT_FOUND, UNKNOWN_ENVIRONMENT; RefusedError STACKS_STAND, STACKS_UNKNOWN,
 * CONFIGURATION_UNWRITABLE; UsageError CONFIRMATION_MISSING; CancelledError
 */
export async function removeEnvironment(options: EnvRemoveOptions, ports: EnvRemovePorts): Promise<EnvRemoveResult> {
  const {path, environment, forget} = options
  const left = await standing(options, ports)
  if (left.length > 0 && !forget) {
    throw new RefusedError(
      `Environment ${environment} still stands: ${left.join(', ')}. Without its lines in ${path} nothing looks after it. Nothing was changed.`,
      {
        code: 'STACKS_STAND',
        suggestions: [
          `pi-aws destroy ${environment}`,
          `Forget it all the same: pi-aws env remove ${environment} --forget`,
        ],
      },
    )
  }
  await requireYes(options, ports.ask)
  await ports.configurationFiles.update(path, (text) => {
    if (text === undefined) throw noConfiguration(path)
    const {configuration} = parseConfiguration(path, text)
    if (!Object.hasOwn(configuration.environments, environment)) {
      throw new NotFoundError(`Unknown environment: ${path} has no ${environment}.`, {code: 'UNKNOWN_ENVIRONMENT'})
    }
    return withoutKey(text, ['environments', environment])
  })
  if ((await ports.currentEnvironment.read(path)) === environment) await ports.currentEnvironment.write(path, undefined)
  return {path, environment, left}
}

async function standing({environment, forget}: EnvRemoveOptions, ports: EnvRemovePorts): Promise<readonly string[]> {
  try {
    const {stacks} = await ports.place()
    return ownStacks(environment, await stacks.list(`pi-${environment}-`)).map(({name}) => name)
  } catch (error) {
    if (!(error instanceof PiError)) throw error
    if (forget) return []
    throw new RefusedError(
      `Nobody can tell whether ${environment} still stands: ${error.message} Nothing was changed.`,
      {
        code: 'STACKS_UNKNOWN',
        suggestions: [...error.suggestions, `Forget it all the same: pi-aws env remove ${environment} --forget`],
        cause: error,
      },
    )
  }
}

async function requireYes({path, environment, confirmed}: EnvRemoveOptions, ask: Ask): Promise<void> {
  if (confirmed) return
  const question = `This takes ${environment} out of ${path}; nothing in AWS is removed.`
  if (!ask.possible) {
    throw new UsageError(`Confirmation missing: ${question} Nobody can be asked.`, {
      code: 'CONFIRMATION_MISSING',
      suggestions: ['--yes'],
    })
  }
  if (!(await ask.confirm(`${question} Go on?`)))
    throw new CancelledError('Cancelled. Nothing was changed.', {code: 'CANCELLED'})
}
