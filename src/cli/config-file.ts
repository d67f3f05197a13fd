import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import type {EnvironmentConfiguration} from '../domain/configuration.ts'
import {type ConfigurationFile, parseConfiguration} from '../domain/configuration-text.ts'
import {NotFoundError, UsageError} from '../domain/errors.ts'
import {type EnvironmentName, parseEnvironmentName} from '../domain/names.ts'
import {nearest} from '../domain/nearest.ts'
import {noConfiguration} from '../flows/config/no-configuration.ts'
import {chosenEnvironment} from './chosen-environment.ts'

/** The file that is read where none is named. */
const usual = 'pi-aws.yaml'

/** @throws NotFoundError CONFIGURATION_NOT_FOUND; UsageError as `parseConfiguration` */
export async function readConfiguration(path: string): Promise<ConfigurationFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw noConfiguration(path)
    }
    throw new UsageError(
      `Configuration unreadable: ${path}: ${error instanceof Error ? error.message : String(error)}`,
      {
        code: 'CONFIGURATION_UNREADABLE',
        cause: error,
      },
    )
  }
  return parseConfiguration(path, text)
}

/**
 * Picks an environment: the named one, the chosen one where there is such a one, or the only one.
 * @param chosen by `env use`; heeded where nobody named one
 * @throws NotFoundError UNKNOWN_ENVIRONMENT; UsageError ENVIRONMENT_MISSING when there are several and none is named
 */
export function pickEnvironment(
  file: ConfigurationFile,
  name: EnvironmentName | undefined,
  chosen?: string,
): {readonly name: EnvironmentName; readonly configuration: EnvironmentConfiguration} {
  const {environments} = file.configuration
  const names = Object.keys(environments)
  if (name === undefined) {
    if (chosen !== undefined && names.includes(chosen)) return pickEnvironment(file, parseEnvironmentName(chosen))
    const [only, ...others] = names
    if (only === undefined || others.length > 0) {
      throw new UsageError(`Environment missing: ${file.path} has ${names.length === 0 ? 'none' : names.join(', ')}.`, {
        code: 'ENVIRONMENT_MISSING',
        suggestions: [
          'Name one with --environment, in PI_AWS_ENVIRONMENT, or as the argument where the command takes one',
          'Or choose one for this terminal: pi-aws env use NAME',
        ],
      })
    }
    return pickEnvironment(file, parseEnvironmentName(only))
  }
  const configuration = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (configuration === undefined) {
    const near = nearest(name, names)
    throw new NotFoundError(`Unknown environment: ${file.path} has no ${name}.`, {
      code: 'UNKNOWN_ENVIRONMENT',
      suggestions: [near === undefined ? `It has: ${names.join(', ') || 'none'}` : `Did you mean ${near}?`],
    })
  }
  return {name, configuration}
}

/**
 * Where the configuration is: --config, else pi-aws.yaml of the working directory, with --local and without such a file the
 * package's example.
 */
export function configurationPath(
  flags: {readonly config?: string | undefined; readonly local?: boolean},
  root: string,
): string {
  if (flags.config !== undefined) return flags.config
  return flags.local === true && !existsSync(usual) ? join(root, 'examples', 'pi-aws.yaml') : usual
}

/** As `configurationPath`; undefined where it is the package's example, into which nothing is written. */
export function ownConfigurationPath(flags: Parameters<typeof configurationPath>[0], root: string): string | undefined {
  const path = configurationPath(flags, root)
  return path === usual || flags.config !== undefined ? path : undefined
}

/**
 * Reads the configuration that the flags name and picks the environment in it. Without --config it is pi-aws.yaml of
 * the working directory, with --local and without such a file the example of the package.
 * @param named the environment given as an argument
 * @param root folder of the package
 * @throws UsageError TWO_ENVIRONMENTS; as `readConfiguration` and `pickEnvironment`
 */
export async function openConfiguration(
  flags: {
    readonly environment?: EnvironmentName | undefined
    readonly config?: string | undefined
    readonly local: boolean
  },
  named: EnvironmentName | undefined,
  root: string,
): Promise<{
  readonly name: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** The folder that `assets.folder` means: it is written as seen from the file. */
  readonly assetsFolder: string | undefined
  /** Whether `env use` chose it, among several. */
  readonly chosen: boolean
}> {
  if (named !== undefined && flags.environment !== undefined && named !== flags.environment) {
    throw new UsageError(`Two environments: the argument says ${named}, --environment says ${flags.environment}.`, {
      code: 'TWO_ENVIRONMENTS',
    })
  }
  const path = configurationPath(flags, root)
  const file = await readConfiguration(path)
  const asked = named ?? flags.environment
  const choice = asked === undefined ? await chosenEnvironment(path) : undefined
  const picked = pickEnvironment(file, asked, choice)
  const {folder} = picked.configuration.assets
  return {
    ...picked,
    assetsFolder: folder === undefined ? undefined : resolve(dirname(path), folder),
    chosen: picked.name === choice && Object.keys(file.configuration.environments).length > 1,
  }
}
