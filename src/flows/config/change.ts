import {parse} from 'yaml'
import {parseKey, withoutKey, withValue} from '../../domain/configuration-edit.ts'
import {migrated} from '../../domain/configuration-migrate.ts'
import {parseConfiguration} from '../../domain/configuration-text.ts'
import {NotFoundError, UsageError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {dotted, isPlain} from '../../domain/shared-defaults.ts'
import {noConfiguration} from './no-configuration.ts'
import type {ConfigurationFiles} from './ports.ts'

/** What scripts get from `config set --json`. */
export interface ConfigSetResult {
  readonly path: string
  /** Whether the file was written; false also with --dry-run. */
  readonly changed: boolean
  /** Where the key stands, `environments.prod.preset` or `defaults.preset`. */
  readonly key: string
  /** What stood there before, and what stands there now; absent where nothing does. */
  readonly was?: unknown
  readonly is?: unknown
}

export interface ConfigSetOptions {
  readonly path: string
  /** The environment that is changed; undefined for what all share. */
  readonly environment: EnvironmentName | undefined
  readonly key: string
  /** As typed; undefined takes the key out. */
  readonly value: string | undefined
  readonly dryRun: boolean
}

/**
 * Changes one key of a pi-aws.yaml. Nothing is written unless the whole file is in order afterwards.
 * @throws NotFoundError CONFIGURATION_NOT_FOUND, UNKNOWN_ENVIRONMENT; UsageError for the file, the key or the value
 */
export async function configSet(
  {path, environment, key, value, dryRun}: ConfigSetOptions,
  {configurationFiles}: {readonly configurationFiles: ConfigurationFiles},
): Promise<ConfigSetResult> {
  const inside = environment === undefined ? ['defaults'] : ['environments', environment]
  const place = [...inside, ...parseKey(key)]
  let was: unknown
  const edit = (present: string | undefined): string => {
    if (present === undefined) throw noConfiguration(path)
    const {configuration, written} = parseConfiguration(path, present)
    if (environment !== undefined && !Object.hasOwn(configuration.environments, environment)) {
      throw new NotFoundError(`Unknown environment: ${path} has no ${environment}.`, {
        code: 'UNKNOWN_ENVIRONMENT',
        suggestions: [`pi-aws init ${environment}`],
      })
    }
    was = valueAt(written, place)
    if (value !== undefined) return withValue(present, place, value)
    // Leaving out what is not there changes nothing, not even how the file is laid out.
    return was === undefined ? present : withoutKey(present, place)
  }
  const {changed, text} = await write(configurationFiles, path, edit, dryRun)
  const is = valueAt(parse(text), place)
  return {
    path,
    changed,
    key: dotted(place),
    ...(was === undefined ? {} : {was}),
    ...(is === undefined ? {} : {is}),
  }
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce(
    (value: unknown, name) => (isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    values,
  )
}

async function write(
  files: ConfigurationFiles,
  path: string,
  edit: (text: string | undefined) => string,
  dryRun: boolean,
): Promise<{readonly changed: boolean; readonly text: string}> {
  if (!dryRun) return files.update(path, edit)
  return {changed: false, text: edit(await files.read(path))}
}

/** What scripts get from `config migrate --json`. */
export interface ConfigMigrateResult {
  readonly path: string
  readonly changed: boolean
  readonly from: number
  readonly to: number
  /** What was done, step by step. */
  readonly notes: readonly string[]
}

/**
 * Brings a pi-aws.yaml to the format of this version.
 * @throws NotFoundError CONFIGURATION_NOT_FOUND; UsageError where it is not in order afterwards, a newer file included
 */
export async function configMigrate(
  {path, dryRun}: {readonly path: string; readonly dryRun: boolean},
  {configurationFiles}: {readonly configurationFiles: ConfigurationFiles},
): Promise<ConfigMigrateResult> {
  let result: Omit<ConfigMigrateResult, 'changed' | 'path'> | undefined
  const {changed} = await write(
    configurationFiles,
    path,
    (present) => {
      if (present === undefined) throw noConfiguration(path)
      const {text, ...rest} = migrated(present)
      parseConfiguration(path, text)
      result = rest
      return text
    },
    dryRun,
  )
  if (result === undefined) throw new UsageError(`Nothing to migrate: ${path}.`, {code: 'NOTHING_TO_MIGRATE'})
  return {path, changed, ...result}
}
