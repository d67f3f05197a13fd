import {type ServiceName, serviceNames} from '../../domain/configuration.ts'
import type {EnvironmentFile} from '../../domain/environment-files.ts'
import {chooseParameters, configuredParameters} from '../../domain/parameters.ts'
import {type Part, stackName} from '../../domain/parts.ts'
import type {Containers, StackDescription, TemplateSource} from '../ports.ts'
import type {Landscape} from '../landscape.ts'
import type {StackTarget} from '../stack/change-stack.ts'
import type {DeployOptions} from './options.ts'
import type {TemplateSet} from './templates.ts'

/** What was uploaded for this deploy, and what the region offers. */
export interface Surroundings {
  /** URL prefix under which the templates lie; undefined before the artifacts bucket exists. */
  readonly templatesUrl: string | undefined
  readonly functionKey: string
  readonly environmentFiles: readonly EnvironmentFile[]
  readonly zones: readonly string[]
  readonly s3PrefixListId: string
  readonly partition: string
}

export interface TargetContext {
  readonly options: DeployOptions
  readonly templates: TemplateSet
  readonly surroundings: Surroundings
  readonly landscape: Landscape
  /** Outputs of the parts before, merged. */
  readonly outputs: Readonly<Record<string, string>>
}

function capital(service: ServiceName): string {
  return service.slice(0, 1).toUpperCase() + service.slice(1)
}

/** What this deploy decides itself, by part. `quiesced` is given only when it is to change. */
export function overridesOf(
  part: Part,
  context: TargetContext,
  current: StackDescription | undefined,
  quiesced?: boolean,
): Record<string, string> {
  const {surroundings, landscape, outputs} = context
  switch (part) {
    case 'network':
      return {
        ...(current?.parameters['AvailabilityZones'] === undefined
          ? {AvailabilityZones: surroundings.zones.join(','), ZoneCount: String(surroundings.zones.length)}
          : {}),
        S3PrefixListId: surroundings.s3PrefixListId,
      }
    case 'files':
      return {FunctionKey: surroundings.functionKey, Attached: 'true'}
    case 'database':
      return current === undefined ? newDatabase(landscape) : {}
    case 'app':
      return {
        ...(current === undefined ? {FilesGeneration: String(landscape.generations.files), Quiesced: 'true'} : {}),
        ...(quiesced === undefined ? {} : {Quiesced: String(quiesced)}),
        ...environmentFileArns(surroundings, outputs['ArtifactsBucket'] ?? ''),
      }
    default:
      return {}
  }
}

/** A new generation: from what `destroy` retained, with the sizes and names that its snapshot dictates, or empty. */
function newDatabase({generations, retained}: Landscape): Record<string, string> {
  const fresh = {Generation: String(generations.database), Active: 'true', DeletionProtection: 'true'}
  if (retained === undefined) return {...fresh, SnapshotIdentifier: ''}
  const {database} = retained
  return {
    ...fresh,
    SnapshotIdentifier: database.snapshotIdentifier,
    AllocatedStorage: String(database.allocatedStorage),
    ParameterGroupFamily: database.parameterGroupFamily,
    EngineVersion: database.parameterGroupFamily.replace(/^mariadb/, ''),
    MasterUsername: database.masterUsername,
  }
}

function environmentFileArns({environmentFiles, partition}: Surroundings, bucket: string): Record<string, string> {
  return Object.fromEntries(
    serviceNames.map((service) => {
      const file = environmentFiles.find((candidate) => candidate.service === service)
      return [`${capital(service)}EnvironmentFile`, file === undefined ? '' : `arn:${partition}:s3:::${bucket}/${file.key}`]
    }),
  )
}

function source(part: Part, {templates, surroundings}: TargetContext): TemplateSource {
  if (part === 'foundation' || surroundings.templatesUrl === undefined) return {body: templates.text(part)}
  return {url: `${surroundings.templatesUrl}/${part}.yaml`}
}

/** Builds the target of one part. */
export function targetOf(part: Part, context: TargetContext, more: {readonly quiesced?: boolean; readonly containers?: Containers} = {}): StackTarget {
  const {options, templates, landscape, outputs} = context
  const {environment, configuration} = options
  const target: StackTarget = {
    part,
    name: stackName(environment, part, landscape.generations.database),
    template: source(part, context),
    tags: {...configuration.tags, 'pi:environment': environment},
    parameters: (current) => {
      const overrides = {TemplatesUrl: context.surroundings.templatesUrl ?? '', ...overridesOf(part, context, current, more.quiesced)}
      const template = templates.models[part]
      const known = Object.fromEntries(Object.entries(overrides).filter(([name]) => name in template.Parameters))
      return chooseParameters(template, {
        overrides: known,
        current: current?.parameters,
        outputs,
        configured: configuredParameters(environment, configuration),
      })
    },
  }
  const {containers} = more
  if (part !== 'app' || containers === undefined) return target
  return {...target, alongside: () => liveCounts(containers, outputs['ClusterName'])}
}

/**
 * The counts that services have now, as `<Service>StartCount`: sent with each change that touches services, so that
 * an update never resets what scaling did.
 */
async function liveCounts(containers: Containers, cluster: string | undefined): Promise<Record<string, string>> {
  if (cluster === undefined) return {}
  const counts: Record<string, string> = {}
  for (const service of await containers.services(cluster)) {
    const name = serviceNames.find((candidate) => service.name.toLowerCase().includes(candidate))
    if (name !== undefined && service.desired > 0) counts[`${capital(name)}StartCount`] = String(service.desired)
  }
  return counts
}
