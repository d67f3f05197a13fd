import type {EnvironmentConfiguration} from '../domain/configuration.ts'
import {type Datasheet, datasheetOf} from '../domain/datasheet.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {parseTemplate} from '../domain/template.ts'
import type {PackageFiles} from './ports.ts'

/** The data sheet with the version that would install it. */
export interface DatasheetResult extends Datasheet {
  readonly version: string
}

/**
 * Says what a configuration installs, from the templates of this version alone: no AWS is asked.
 * @throws FailedError PACKAGE_INCOMPLETE, TEMPLATE_MISSING
 */
export async function datasheet(
  options: {readonly environment: EnvironmentName; readonly configuration: EnvironmentConfiguration},
  {packageFiles}: {readonly packageFiles: PackageFiles},
): Promise<DatasheetResult> {
  const files = await packageFiles.templates()
  const templates = new Map([...files].map(([name, text]) => [name.replace(/\.yaml$/, ''), parseTemplate(text)]))
  return {version: packageFiles.version, ...datasheetOf(options.environment, options.configuration, templates)}
}
