import type {EnvironmentConfiguration, ServiceName} from './configuration.ts'
import {serviceNames} from './configuration.ts'
import {FailedError} from './errors.ts'
import type {EnvironmentName} from './names.ts'
import {presets} from './presets.ts'
import type {Template} from './template.ts'

/** Parameter name -> value, as text, lists joined with commas. */
export type ParameterValues = Readonly<Record<string, string>>

/** A parameter of a change set: a value, or the one the stack already has. */
export type ParameterChoice = {readonly value: string} | {readonly previous: true}

function capital(service: ServiceName): string {
  return service.slice(0, 1).toUpperCase() + service.slice(1)
}

/** `<first label>-pirana.<rest>`, the name that the vendor's deployments use too. */
export function piranaHostOf(host: string): string {
  const [first, ...rest] = host.split('.')
  return [`${first ?? ''}-pirana`, ...rest].join('.')
}

function text(value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

function serviceParameters(configuration: EnvironmentConfiguration): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {}
  for (const service of serviceNames) {
    const settings = configuration.services[service]
    const name = capital(service)
    values[`${name}Cpu`] = text(settings?.cpu)
    values[`${name}Memory`] = text(settings?.memory)
    if (settings !== undefined && 'min' in settings) values[`${name}Min`] = text(settings.min)
    if (settings !== undefined && 'max' in settings) values[`${name}Max`] = text(settings.max)
  }
  values['AdminerEnabled'] = text(configuration.services.adminer?.enabled)
  return values
}

/**
 * The template parameters that an environment's configuration sets, whichever part declares them.
 * Keys that are absent keep the preset's value, then the template's default.
 */
export function configuredParameters(environment: EnvironmentName, configuration: EnvironmentConfiguration): ParameterValues {
  const {network, domain, images, database, files, backup, roles} = configuration
  const existing = network.existing
  const values: Record<string, string | undefined> = {
    EnvironmentName: environment,
    PermissionsBoundary: roles.permissionsBoundary,
    RolePath: roles.path,
    NotificationEmail: configuration.notify,
    LogRetentionDays: text(configuration.logDays),
    VpcCidr: network.cidr,
    NatMode: network.nat,
    AllowedClientCidr: network.clients,
    ExistingVpcId: existing?.vpc,
    ExistingVpcCidr: existing?.cidr,
    ExistingPublicSubnetIds: existing?.publicSubnets.join(','),
    ExistingApplicationSubnetIds: existing?.applicationSubnets.join(','),
    ExistingDataSubnetIds: existing?.dataSubnets.join(','),
    DataUid: text(files.uid),
    DataGid: text(files.gid),
    ThroughputMode: files.throughput,
    InstanceClass: database.class,
    AllocatedStorage: text(database.storage),
    MaxAllocatedStorage: text(database.maxStorage),
    MultiAz: text(database.multiAz),
    BackupRetentionDays: text(database.backupDays),
    Compute: configuration.compute,
    ImageRegistry: images.registry,
    ImageTag: images.tag,
    PublicHost: domain.host,
    PiranaHost: domain.piranaHost ?? (domain.host === undefined ? undefined : piranaHostOf(domain.host)),
    HostedZoneId: domain.hostedZone,
    CertificateArn: domain.certificate,
    HttpOnly: text(domain.httpOnly),
    WafEnabled: text(configuration.waf),
    BackupSchedule: backup.schedule,
    BackupDeleteAfterDays: text(backup.keepDays),
    ...serviceParameters(configuration),
  }
  const preset = presets[configuration.preset]
  const merged: Record<string, string> = {...preset}
  for (const [name, value] of Object.entries(values)) if (value !== undefined) merged[name] = value
  return merged
}

/**
 * Parameters that a stack keeps once it has them: changing one would make data somewhere else, or flip what a
 * restore flipped. Only a flow that says so (an override) may set them again.
 */
export const stickyParameters: readonly string[] = [
  'VpcCidr',
  'AvailabilityZones',
  'ZoneCount',
  'ExistingVpcId',
  'Generation',
  'SnapshotIdentifier',
  'MasterUsername',
  'AllocatedStorage',
  'ParameterGroupFamily',
  'Active',
  'DeletionProtection',
  'Attached',
  'DataUid',
  'DataGid',
  'FilesGeneration',
  'Quiesced',
  ...serviceNames.map((service) => `${capital(service)}StartCount`),
]

/** Where a stack's parameter values may come from, strongest first. */
export interface ParameterSources {
  /** What the flow decides. */
  readonly overrides: ParameterValues
  /** What the stack has now; undefined for a new one. */
  readonly current: ParameterValues | undefined
  /** Outputs of the parts before, merged. */
  readonly outputs: ParameterValues
  /** From `configuredParameters`. */
  readonly configured: ParameterValues
}

/**
 * Chooses a value for each parameter of a template: override, sticky value, output of an earlier part with the same
 * name, configuration, template default (by leaving it out).
 * @throws FailedError UNWIRED_PARAMETER when a parameter without default has no source: a fault of ours
 */
export function chooseParameters(template: Template, sources: ParameterSources): Record<string, ParameterChoice> {
  const choices: Record<string, ParameterChoice> = {}
  const missing: string[] = []
  for (const [name, declaration] of Object.entries(template.Parameters)) {
    const override = sources.overrides[name]
    if (override !== undefined) choices[name] = {value: override}
    else if (stickyParameters.includes(name) && sources.current?.[name] !== undefined) choices[name] = {previous: true}
    else if (sources.outputs[name] !== undefined) choices[name] = {value: sources.outputs[name]}
    else if (sources.configured[name] !== undefined) choices[name] = {value: sources.configured[name]}
    else if (declaration.Default === undefined) missing.push(name)
  }
  if (missing.length > 0) {
    throw new FailedError(`Template parameters without a value: ${missing.join(', ')} have no default and nothing sets them.`, {
      code: 'UNWIRED_PARAMETER',
      suggestions: ['This is a fault of pi-aws: please report it with the version'],
    })
  }
  return choices
}

/** The values that a set of choices stands for, the template's defaults filled in. */
export function effectiveParameters(
  template: Template,
  choices: Readonly<Record<string, ParameterChoice>>,
  current: ParameterValues | undefined,
): ParameterValues {
  const values: Record<string, string> = {}
  for (const [name, declaration] of Object.entries(template.Parameters)) {
    const choice = choices[name]
    if (choice === undefined) values[name] = String(declaration.Default ?? '')
    else values[name] = 'value' in choice ? choice.value : (current?.[name] ?? String(declaration.Default ?? ''))
  }
  return values
}
