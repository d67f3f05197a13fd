import {type EnvironmentConfiguration, serviceNames} from './configuration.ts'
import type {EnvironmentName} from './names.ts'
import {capital, configuredParameters, type ParameterValues} from './parameters.ts'
import type {Template} from './template.ts'

/**
 * The release that a deploy of a configuration brings.
 * @param app the app's template, whose default counts where nothing is configured
 */
export function configuredTag(
  environment: EnvironmentName,
  configuration: EnvironmentConfiguration,
  app: Template,
): string {
  const configured = configuredParameters(environment, configuration)['ImageTag']
  return configured ?? String(app.Parameters['ImageTag']?.Default ?? '')
}

/** The same environment on another release of the platform. */
export function withTag(configuration: EnvironmentConfiguration, tag: string): EnvironmentConfiguration {
  return {...configuration, images: {...configuration.images, tag}}
}

/** An image of the platform before and after. */
export interface ImageMove {
  /** The image's last name: `server`, `renderer` ... */
  readonly name: string
  /** As it runs now; absent while nothing of it runs. */
  readonly from?: {readonly reference: string; readonly digest?: string}
  readonly to: {readonly reference: string; readonly digest?: string}
  /** Whether both are known to be the same bytes. */
  readonly same: boolean
}

/** Puts two images side by side. Digests decide; where one is not known they are not known to be the same. */
export function imageMove(name: string, from: ImageMove['from'], to: ImageMove['to']): ImageMove {
  const same = from?.digest !== undefined && from.digest === to.digest
  return {name, ...(from === undefined ? {} : {from}), to, same}
}

/** Services that end their old tasks before they start new ones. */
function interrupted(values: ParameterValues): readonly string[] {
  return serviceNames.filter(
    (service) => service !== 'adminer' && (service === 'scheduler' || values[`${capital(service)}Overlap`] !== 'true'),
  )
}

/**
 * What users notice of new images, in sentences.
 * @param values parameters of the app's stack
 * @param strict whether a snapshot takes the services to zero before
 */
export function downtimeOf(values: ParameterValues, strict: boolean): readonly string[] {
  const down = interrupted(values)
  const dashboard = down.includes('dashboard')
  return [
    ...(strict
      ? [
          'The snapshot before it takes all services to zero until database and files are captured: users get a 503 page',
        ]
      : []),
    ...(down.length === 0
      ? []
      : [
          `${down.join(', ')}: old tasks end before new ones start${dashboard ? '; users get a 503 page until the new dashboard answers' : ''}`,
        ]),
  ]
}

/** What no rollback of images takes back. */
export const migrationWarning =
  'A release may change the schema of the database when it first starts, and an older one may not read it afterwards: going back with the data means restoring the snapshot'
