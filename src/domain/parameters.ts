import {parseCidr} from './cidr.ts'
import type {EnvironmentConfiguration, ServiceName} from './configuration.ts'
import {serviceNames} from './configuration.ts'
import {FailedError} from './errors.ts'
import {isOfEcr} from './images.ts'
import type {EnvironmentName} from './names.ts'
import {presets} from './presets.ts'
import {mirroredParameters} from './mirror.ts'
import type {Template} from './template.ts'

/** Parameter name -> value, as text, lists joined with commas. */
export type ParameterValues = Readonly<Record<string, string>>

/** A parameter of a change set: a value, or the one the stack already has. */
export type ParameterChoice = {readonly value: string} | {readonly previous: true}

/** How a service's parameters and outputs begin: `dashboard` -> `Dashboard`. */
export function capital(service: ServiceName): string {
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

/**
 * How network.yaml cuts its VPC: a tier is a quarter of it, a subnet a quarter of a tier. CloudFormation cannot compute
 * with a prefix length, so the bits come from here.
 */
function hostBits(cidr: string | undefined): Record<string, string | undefined> {
  const prefix = cidr === undefined ? undefined : parseCidr(cidr)?.prefix
  return prefix === undefined ? {} : {TierHostBits: String(30 - prefix), SubnetHostBits: String(28 - prefix)}
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
  const {memory} = configuration.services.dashboard ?? {}
  // Tomcat's heap leaves a quarter to the rest of the container: one of the whole size would be killed.
  values['DashboardMaxMemory'] = memory === undefined ? undefined : text(Math.floor((memory * 3) / 4))
  values['AdminerEnabled'] = text(configuration.services.adminer?.enabled)
  return values
}

/**
 * The template parameters that an environment's configuration sets, whichever part declares them.
 * Keys that are absent keep the preset's value, then the template's default.
 */
export function configuredParameters(
  environment: EnvironmentName,
  configuration: EnvironmentConfiguration,
): ParameterValues {
  const {network, domain, images, database, files, assets, backup, roles} = configuration
  const existing = network.existing
  const values: Record<string, string | undefined> = {
    EnvironmentName: environment,
    PermissionsBoundary: roles.permissionsBoundary,
    RolePath: roles.path,
    NotificationEmail: configuration.notify,
    LogRetentionDays: text(configuration.logDays),
    VpcCidr: network.cidr,
    ...hostBits(network.cidr),
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
    SideloadEvents: assets.sideloadEvents,
    InstanceClass: database.class,
    AllocatedStorage: text(database.storage),
    MaxAllocatedStorage: text(database.maxStorage),
    MultiAz: text(database.multiAz),
    BackupRetentionDays: text(database.backupDays),
    Compute: configuration.compute,
    ImageRegistry: images.registry,
    ImageTag: images.tag,
    RegistryLogin: registryLogin(configuration),
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
  for (const [name, value] of Object.entries(configuration.parameters)) merged[name] = String(value)
  const mirrored = images.mirror === undefined ? {} : mirroredParameters(environment, images.mirror, merged)
  return {...startCounts(merged), ...merged, ...mirrored}
}

/** A new service begins with its fewest tasks: where it does not scale, nothing would raise the number later. */
function startCounts(values: ParameterValues): Record<string, string> {
  const counts = serviceNames.flatMap((service): readonly (readonly [string, string])[] => {
    const least = values[`${capital(service)}Min`]
    return least === undefined || least === '0' ? [] : [[`${capital(service)}StartCount`, least]]
  })
  return Object.fromEntries(counts)
}

/**
 * The count of a service under the bounds that are configured now: never below the fewest, and exactly that where it
 * does not scale. A count above the most is left: whoever scaled there had a reason.
 */
export function boundedCount(service: ServiceName, count: number, values: ParameterValues): number {
  const [least, most] = [values[`${capital(service)}Min`], values[`${capital(service)}Max`]].map(Number)
  if (least === undefined || Number.isNaN(least) || least === 0) return count
  return least === most ? least : Math.max(count, least)
}

/**
 * How tasks log in to the image registry: by the secret, unless the configuration says otherwise or the registry is
 * ECR's, where the task's execution role is enough.
 */
export function registryLogin({images}: EnvironmentConfiguration): 'secret' | 'role' {
  if (images.mirror !== undefined) return 'role'
  return images.login ?? (isOfEcr(images.registry ?? '') ? 'role' : 'secret')
}

/** How many zones are wanted, or their names. */
export function wantedZones(configuration: EnvironmentConfiguration): number | readonly string[] {
  const {zones, existing} = configuration.network
  return zones ?? existing?.applicationSubnets.length ?? Number(presets[configuration.preset]['ZoneCount'])
}

/**
 * Parameters that a stack keeps once it has them: changing one would make data somewhere else, or flip what a
 * restore flipped. Only a flow that says so (an override) may set them again.
 */
export const stickyParameters: readonly string[] = [
  'VpcCidr',
  'TierHostBits',
  'SubnetHostBits',
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
  'EnforcePosixUser',
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
    throw new FailedError(
      `Template parameters without a value: ${missing.join(', ')} have no default and nothing sets them.`,
      {
        code: 'UNWIRED_PARAMETER',
        suggestions: ['This is a fault of pi-aws: please report it with the version'],
      },
    )
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
