import type {Configuration, EnvironmentConfiguration} from '../../domain/configuration.ts'
import {idleVariables} from '../../domain/container-environment.ts'
import {type Origin, originsOf} from '../../domain/shared-defaults.ts'
import {type EnvironmentName, parseEnvironmentName} from '../../domain/names.ts'
import {parameterProblems} from '../../domain/parameter-rules.ts'
import {configuredParameters} from '../../domain/parameters.ts'
import {parseTemplate} from '../../domain/template.ts'
import type {PackageFiles} from '../ports.ts'

/** A value of the file that reads well and that a template would refuse. */
export interface ConfigurationFault {
  readonly environment: string
  readonly message: string
}

/** What scripts get from `config validate --json`. */
export interface ConfigValidateResult {
  readonly path: string
  readonly ok: boolean
  readonly version: number
  readonly environments: readonly string[]
  readonly faults: readonly ConfigurationFault[]
}

/** Holds every environment of a file that reads well against the templates of this version. No AWS is asked. */
export async function configValidate(
  {path, configuration}: {readonly path: string; readonly configuration: Configuration},
  {packageFiles}: {readonly packageFiles: PackageFiles},
): Promise<ConfigValidateResult> {
  const templates = new Map([...(await packageFiles.templates())].map(([name, text]) => [name, parseTemplate(text)]))
  const service = templates.get('app/service.yaml')
  const faults = Object.entries(configuration.environments).flatMap(([name, environment]) => {
    const values = configuredParameters(parseEnvironmentName(name), environment)
    const problems = parameterProblems([...templates.values()], values, Object.keys(environment.parameters))
    const idle = service === undefined ? [] : idleVariables(environment, service)
    return [
      ...problems.map((problem) => `${problem.name}: ${problem.message}`),
      ...idle.map((one) => `services.${one.service}.environment.${one.name}: pi-aws sets it itself`),
    ].map((message) => ({environment: name, message}))
  })
  return {
    path,
    ok: faults.length === 0,
    version: configuration.version,
    environments: Object.keys(configuration.environments),
    faults,
  }
}

/** What scripts get from `config show --json`. */
export interface ConfigShowResult {
  readonly path: string
  readonly environment: string
  /** The environment as it is understood: shared and built-in values filled in. */
  readonly configuration: EnvironmentConfiguration
  /** Who says each value, by its dotted path. */
  readonly origins: Readonly<Record<string, Origin>>
}

/** An environment as it is understood, and who says what of it. */
export function configShow(options: {
  readonly path: string
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  readonly written: unknown
}): ConfigShowResult {
  const {path, environment, configuration, written} = options
  return {path, environment, configuration, origins: originsOf(written, environment, configuration)}
}
