import type {EnvironmentConfiguration} from '../configuration.ts'
import {expand, type ExpandedResource, templateCalled, templatesUrl} from '../expansion.ts'
import type {EnvironmentName} from '../names.ts'
import {
  chooseParameters,
  configuredParameters,
  effectiveParameters,
  type ParameterValues,
  wantedZones,
} from '../parameters.ts'
import {parts, stackName} from '../parts.ts'
import type {Template} from '../template.ts'

/** What a first deploy decides itself, and looks up in the region; only that it is there matters here. */
function decided(configuration: EnvironmentConfiguration): ParameterValues {
  const zones = wantedZones(configuration)
  const names = typeof zones === 'number' ? Array.from({length: zones}, (_, index) => `zone ${index + 1}`) : zones
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

/**
 * Every resource that a first deploy of an environment would make, in the order of the parts: each part's outputs are
 * handed to the next by name, as `deploy` does it.
 * @param templates path below templates/ without its ending -> template
 * @throws FailedError TEMPLATE_MISSING
 */
export function resourcesOf(
  environment: EnvironmentName,
  configuration: EnvironmentConfiguration,
  templates: ReadonlyMap<string, Template>,
): readonly ExpandedResource[] {
  const configured = configuredParameters(environment, configuration)
  const overrides = decided(configuration)
  const outputs: Record<string, string> = {}
  return parts.flatMap((part) => {
    const template = templateCalled(part, templates)
    const known = knownOnly(template, overrides, {...configured, ...outputs})
    const choices = chooseParameters(template, {overrides: known, current: undefined, outputs, configured})
    const values = effectiveParameters(template, choices, undefined)
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

/** The overrides that a template declares, and a stand-in for each parameter that nothing else sets. */
function knownOnly(template: Template, overrides: ParameterValues, sources: ParameterValues): ParameterValues {
  const values: Record<string, string> = {}
  for (const [name, {Default: fallback}] of Object.entries(template.Parameters)) {
    if (overrides[name] !== undefined) values[name] = overrides[name]
    else if (fallback === undefined && sources[name] === undefined) values[name] = name
  }
  return values
}
