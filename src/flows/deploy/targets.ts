import {serviceNames} from '../../domain/configuration.ts'
import type {EnvironmentFile} from '../../domain/environment-files.ts'
import {
  boundedCount,
  capital,
  chooseParameters,
  configuredParameters,
  type ParameterValues,
} from '../../domain/parameters.ts'
import {type Part, stackName} from '../../domain/parts.ts'
import type {Containers, StackDescription, TemplateSource} from '../ports.ts'
import type {Landscape} from '../landscape.ts'
import type {StackTarget} from '../stack/change-stack.ts'
import {grownStorage, newDatabase} from './database-target.ts'
import type {DeployOptions} from './options.ts'
import type {OwnFunction} from '../function-zip/own.ts'
import type {TemplateSet} from './templates.ts'

/** What was uploaded for this deploy, and what the region offers. */
export interface Surroundings {
  /** URL prefix under which the templates lie; undefined before the artifacts bucket exists. */
  readonly templatesUrl: string | undefined
  readonly functionKey: string
  /** Where the function is not the one of pi-aws. */
  readonly ownFunction?: OwnFunction
  readonly environmentFiles: readonly EnvironmentFile[]
  readonly zones: readonly string[]
  readonly s3PrefixListId: string
  readonly partition: string
}

export interface TargetContext {
  readonly options: Pick<DeployOptions, 'environment' | 'configuration'>
  readonly templates: TemplateSet
  readonly surroundings: Surroundings
  readonly landscape: Landscape
  /** Outputs of the parts before, merged. */
  readonly outputs: Readonly<Record<string, string>>
}

/** A `destroy` that was interrupted may have lifted it: what is deployed is guarded. */
const guarded = {DeletionProtection: 'true'}

/** What this deploy decides itself, by part. `quiesced` is given only when it is to change. */
export function overridesOf(
  part: Part,
  context: TargetContext,
  current: StackDescription | undefined,
  quiesced?: boolean,
): Record<string, string> {
  const {options, surroundings, landscape, outputs} = context
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
      return {
        ...(current === undefined ? newDatabase(options, landscape) : grownStorage(options, current)),
        // As below: a protected instance would not let a failed creation roll back.
        ...(current === undefined ? {DeletionProtection: 'false'} : guarded),
        Active: 'true',
      }
    case 'app':
      return {
        ...(current === undefined
          ? {FilesGeneration: String(landscape.generations.files), Quiesced: 'true'}
          : reboundCounts(context, current)),
        ...(quiesced === undefined ? {} : {Quiesced: String(quiesced)}),
        // A protected load balancer would not let a failed creation roll back; the release, which follows, guards it.
        ...(current === undefined ? {DeletionProtection: 'false'} : guarded),
        ...environmentFileArns(surroundings, outputs['ArtifactsBucket'] ?? ''),
      }
    default:
      return {}
  }
}

/** Start counts that new bounds have overtaken: where nothing scales, nobody else would move the service. */
function reboundCounts({options}: TargetContext, current: StackDescription): Record<string, string> {
  const configured = configuredParameters(options.environment, options.configuration)
  return Object.fromEntries(
    serviceNames.flatMap((service) => {
      const name = `${capital(service)}StartCount`
      const count = Number(current.parameters[name] ?? Number.NaN)
      const bounded = boundedCount(service, count, configured)
      return Number.isNaN(count) || bounded === count ? [] : [[name, String(bounded)]]
    }),
  )
}

function environmentFileArns({environmentFiles, partition}: Surroundings, bucket: string): Record<string, string> {
  return Object.fromEntries(
    serviceNames.map((service) => {
      const file = environmentFiles.find((candidate) => candidate.service === service)
      return [
        `${capital(service)}EnvironmentFile`,
        file === undefined ? '' : `arn:${partition}:s3:::${bucket}/${file.key}`,
      ]
    }),
  )
}

function source(part: Part, {templates, surroundings}: TargetContext): TemplateSource {
  if (part === 'foundation' || surroundings.templatesUrl === undefined) return {body: templates.text(part)}
  return {url: `${surroundings.templatesUrl}/${part}.yaml`}
}

/** Builds the target of one part. */
export function targetOf(
  part: Part,
  context: TargetContext,
  more: {readonly quiesced?: boolean; readonly containers?: Containers} = {},
): StackTarget {
  const {options, templates, landscape, outputs} = context
  const {environment, configuration} = options
  const target: StackTarget = {
    part,
    name: stackName(environment, part, landscape.generations.database),
    template: source(part, context),
    tags: {...configuration.tags, 'pi:environment': environment},
    parameters: (current) => {
      const overrides = {
        TemplatesUrl: context.surroundings.templatesUrl ?? '',
        ...overridesOf(part, context, current, more.quiesced),
      }
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
  return {...target, alongside: () => liveCounts(containers, outputs, configuredParameters(environment, configuration))}
}

/**
 * The counts that services have now, as `<Service>StartCount`: sent with each change that touches services, so that
 * an update never resets what scaling did, within the bounds that are configured now. A service at zero is quiesced,
 * and its count is not a wish.
 */
async function liveCounts(
  containers: Containers,
  outputs: Readonly<Record<string, string>>,
  configured: ParameterValues,
): Promise<Record<string, string>> {
  const cluster = outputs['ClusterName']
  if (cluster === undefined) return {}
  const states = await containers.services(cluster)
  return Object.fromEntries(
    serviceNames.flatMap((service) => {
      const state = states.find((candidate) => candidate.name === outputs[`${capital(service)}ServiceName`])
      return state === undefined || state.desired === 0
        ? []
        : [[`${capital(service)}StartCount`, String(boundedCount(service, state.desired, configured))]]
    }),
  )
}
