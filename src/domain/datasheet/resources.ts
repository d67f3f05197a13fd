import type {EnvironmentConfiguration} from '../configuration.ts'
import {expand, type ExpandedResource, templateCalled, templatesUrl} from '../expansion.ts'
import type {EnvironmentName} from '../names.ts'
import {
  chooseParameters,
  configuredParameters,
  effectiveParameters,
  type ParameterValues,
  stickyParameters,
  wantedZones,
} from '../parameters.ts'
import {type Part, parts, stackName} from '../parts.ts'
import type {Template} from '../template.ts'

/** What is known of an environment besides its configuration. */
export interface ResourceContext {
  /** Parameters of the parts' stacks that stand: what is sticky stays. */
  readonly current?: Readonly<Partial<Record<Part, ParameterValues>>>
  /** Zones of the region, in the order in which they are used. */
  readonly zones?: readonly string[]
}

/** What a first deploy decides itself, and looks up in the region; only that it is there matters here. */
function decided(configuration: EnvironmentConfiguration, offered: readonly string[] = []): ParameterValues {
  const zones = wantedZones(configuration)
  const names =
    typeof zones === 'number' ? Array.from({length: zones}, (_, index) => offered[index] ?? `zone ${index + 1}`) : zones
  return {
    AvailabilityZones: names.join(','),
    ZoneCount: String(names.length),
    S3PrefixListId: 'pl-0',
    FunctionKey: 'sideload.zip',
    Attached: 'true',
    Generation: '1',
    FilesGeneration: '1',
    Quiesced: 'false',
    TemplatesUrl: templatesUrl,
  }
}

/** The partition of a region, by the prefix of its name. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

/** What the stack keeps instead of what a first deploy would decide. Needs are those of services that run. */
function kept(overrides: ParameterValues, current: ParameterValues | undefined): ParameterValues {
  if (current === undefined) return overrides
  const stays = (name: string): boolean =>
    name !== 'Quiesced' && stickyParameters.includes(name) && current[name] !== undefined
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => !stays(name)))
}

/**
 * Every resource that a deploy of an environment would end with, in the order of the parts: each part's outputs are
 * handed to the next by name, as `deploy` does it. Without a context it is a first deploy.
 * @param templates path below templates/ without its ending -> template
 * @throws FailedError TEMPLATE_MISSING
 */
export function resourcesOf(
  environment: EnvironmentName,
  configuration: EnvironmentConfiguration,
  templates: ReadonlyMap<string, Template>,
  context: ResourceContext = {},
): readonly ExpandedResource[] {
  const configured = configuredParameters(environment, configuration)
  const outputs: Record<string, string> = {}
  return parts.flatMap((part) => {
    const template = templateCalled(part, templates)
    const current = context.current?.[part]
    const overrides = kept(decided(configuration, context.zones), current)
    const known = knownOnly(template, overrides, {...configured, ...outputs}, current ?? {})
    const choices = chooseParameters(template, {overrides: known, current, outputs, configured})
    const values = effectiveParameters(template, choices, current)
    const pseudo = {
      'AWS::Region': configuration.region,
      'AWS::AccountId': configuration.account ?? 'account',
      'AWS::Partition': partitionOf(configuration.region),
      'AWS::URLSuffix': partitionOf(configuration.region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
      'AWS::StackName': part === 'database' ? `pi-${environment}-database-1` : stackName(environment, part),
      'AWS::StackId': `arn:stack/${part}/0-0`,
    }
    const expansion = expand(part, values, {part, templates, pseudo})
    Object.assign(outputs, expansion.outputs)
    return expansion.resources
  })
}

/** The overrides that a template declares, and a value for each parameter that nothing else sets: the stack's own, or a stand-in. */
function knownOnly(
  template: Template,
  overrides: ParameterValues,
  sources: ParameterValues,
  current: ParameterValues,
): ParameterValues {
  const values: Record<string, string> = {}
  for (const [name, {Default: fallback}] of Object.entries(template.Parameters)) {
    if (overrides[name] !== undefined) values[name] = overrides[name]
    else if (fallback === undefined && sources[name] === undefined) values[name] = current[name] ?? name
  }
  return values
}
