import {idleVariables} from '../../domain/container-environment.ts'
import {parameterProblems} from '../../domain/parameter-rules.ts'
import {type Check, checkCertificate, checkRange, checkZone, checkZones, no, ok} from '../../domain/checks.ts'
import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import {RefusedError} from '../../domain/errors.ts'
import {configuredParameters, piranaHostOf, wantedZones} from '../../domain/parameters.ts'
import {type Part, parts, partsBefore} from '../../domain/parts.ts'
import {statusTable} from '../../domain/stack-status.ts'
import {parseTemplate, type Template} from '../../domain/template.ts'
import {compareVersions} from '../../domain/version.ts'
import type {Report} from '../events.ts'
import {type Landscape, stackOf} from '../landscape.ts'
import type {CallerIdentity, Certificates, HostedZones, Networks, StackDescription} from '../ports.ts'
import type {QuotaPorts} from '../quotas/survey.ts'
import type {PreflightInput} from './preflight-input.ts'
import {quotaChecks} from './quota-checks.ts'
import {versionOf} from './templates.ts'

type PreflightPorts = QuotaPorts & {
  readonly networks: Networks
  readonly certificates: Certificates
  readonly hostedZones: HostedZones
}

/**
 * Checks what can be known before anything is created.
 * @returns how many checks passed
 * @throws RefusedError PREFLIGHT_REFUSED with every answer that is no
 */
export async function preflight(ports: PreflightPorts, input: PreflightInput, report: Report): Promise<number> {
  const checks = [
    checkIdentity(input.options.configuration, input.caller),
    ...checkVersions(input),
    ...checkParts(input),
    checkNames(input.options.configuration),
    checkParameters(input),
    checkVariables(input),
    ...checkCompute(input.options.configuration),
    ...(await checkNetwork(ports, input)),
    ...(await checkNaming(ports, input)),
    ...(await quotaChecks(ports, input, report)),
  ]
  const refused = checks.filter((check) => check.verdict === 'no')
  for (const check of checks) {
    if (check.verdict === 'unknown')
      report({type: 'warning', code: 'CHECK_UNKNOWN', message: `${check.name}: ${check.message}`})
  }
  if (refused.length > 0) {
    throw new RefusedError(
      `Preflight refused, nothing was changed: ${refused.map((check) => `${check.name}: ${check.message}`).join('; ')}.`,
      {
        code: 'PREFLIGHT_REFUSED',
        suggestions: refused.flatMap((check) => check.suggestion?.split('\n') ?? []),
      },
    )
  }
  return checks.filter((check) => check.verdict === 'ok').length
}

function checkIdentity({account, region}: EnvironmentConfiguration, caller: CallerIdentity): Check {
  if (account !== undefined && account !== caller.account) {
    return no(
      'account',
      `these credentials are of account ${caller.account}, the environment lives in ${account}`,
      'Use --profile or --role-arn of the right account',
    )
  }
  return ok('account', `${caller.account} in ${region}`)
}

/** A stack that a newer pi-aws made is not touched by this one. */
function checkVersions({landscape, templates}: PreflightInput): readonly Check[] {
  const newer = parts.filter((part) => isNewer(part, landscape, templates.models[part]))
  if (newer.length === 0) return [ok('version', 'no part was made by a newer pi-aws')]
  const details = newer
    .map((part) => `${part} ${stackOf(landscape, part)?.outputs['TemplateVersion'] ?? ''}`)
    .join(', ')
  return [
    no(
      'version',
      `a newer pi-aws made this environment (${details})`,
      'Update pi-aws: npm install --global pi-aws@latest',
    ),
  ]
}

/** With `--part`, the parts before those wanted must stand; the foundation is always made. */
function checkParts({options, landscape}: PreflightInput): readonly Check[] {
  const {parts: wanted, environment} = options
  const needed = parts.filter((part) => wanted.some((one) => partsBefore(one).includes(part)))
  const missing = needed.filter(
    (part) => part !== 'foundation' && !wanted.includes(part) && isGone(stackOf(landscape, part)),
  )
  if (missing.length === 0) return []
  const flags = [...missing, ...wanted].map((part) => `--part ${part}`).join(' ')
  return [
    no(
      'parts',
      `${missing.join(', ')} must stand before ${wanted.join(', ')}`,
      `pi-aws deploy ${environment} ${flags}`,
    ),
  ]
}

/** True where a part has to be made, be it for the first time or again. */
function isGone(stack: StackDescription | undefined): boolean {
  const {deploy} = statusTable[stack?.status ?? 'absent']
  return deploy === 'create' || deploy === 'recreate'
}

function isNewer(part: Part, landscape: Landscape, template: Template): boolean {
  const deployed = stackOf(landscape, part)?.outputs['TemplateVersion']
  return deployed !== undefined && compareVersions(deployed, versionOf(template)) > 0
}

/** TLS is the rule; plain HTTP only where it was asked for. */
function checkNames({domain}: EnvironmentConfiguration): Check {
  if (domain.httpOnly === true) {
    return domain.certificate === undefined
      ? ok('listener', 'plain HTTP, as asked')
      : no('listener', 'domain.httpOnly and domain.certificate exclude each other', 'Remove one of them')
  }
  if (domain.host === undefined) {
    return no(
      'listener',
      'domain.host is missing: without a name there is no certificate',
      'Set domain.host and domain.hostedZone (or domain.certificate), or domain.httpOnly: true for a trial',
    )
  }
  if (domain.certificate === undefined && domain.hostedZone === undefined) {
    return no(
      'listener',
      'neither domain.certificate nor domain.hostedZone is set: a certificate can be neither used nor validated',
      'Set one of them',
    )
  }
  return ok('listener', `https://${domain.host}`)
}

/** Values that a template would refuse are refused here, all at once and before any call. */
function checkParameters({options, templates}: PreflightInput): Check {
  const {configuration, environment} = options
  const values = configuredParameters(environment, configuration)
  const problems = parameterProblems(Object.values(templates.models), values, Object.keys(configuration.parameters))
  return problems.length === 0
    ? ok('parameters', 'the templates take every value')
    : no(
        'parameters',
        problems.map(({name, message}) => `${name}: ${message}`).join('; '),
        'Correct the values in pi-aws.yaml; templates/README.md explains each',
      )
}

/** A variable that the template sets itself would be passed over in silence. */
function checkVariables({options, templates}: PreflightInput): Check {
  const text = templates.files.get('app/service.yaml')
  const idle = text === undefined ? [] : idleVariables(options.configuration, parseTemplate(text))
  return idle.length === 0
    ? ok('container environment', 'every variable takes effect')
    : no(
        'container environment',
        `pi-aws sets ${idle.map(({service, name}) => `${name} of ${service}`).join(', ')} itself`,
        'Remove it from services.*.environment; the other keys of pi-aws.yaml decide its value',
      )
}

function checkCompute({network}: EnvironmentConfiguration): readonly Check[] {
  if (network.nat === 'none' && network.existing === undefined) {
    return [
      no(
        'way out',
        'network.nat: none leaves tasks without a way to images, secrets and licence manager',
        'Use nat: one, or an existing VPC with another way out',
      ),
    ]
  }
  return []
}

async function checkNetwork(
  {networks}: PreflightPorts,
  {options, landscape, templates}: PreflightInput,
): Promise<readonly Check[]> {
  const {configuration, environment} = options
  if (!isGone(stackOf(landscape, 'network'))) return [ok('network', 'stands already')]
  const zones = checkZones(wantedZones(configuration), await networks.zones(), configuration.region)
  if (configuration.network.existing !== undefined) return [zones]
  const fallback = templates.models.network.Parameters['VpcCidr']?.Default
  const range = configuredParameters(environment, configuration)['VpcCidr'] ?? String(fallback ?? '')
  // A run beside this one, which is told apart by the lock, may just be making our own VPC.
  const others = (await networks.vpcRanges()).filter((vpc) => vpc.environment !== environment)
  return [zones, checkRange(range, others)]
}

async function checkNaming(
  {certificates, hostedZones}: PreflightPorts,
  {options}: PreflightInput,
): Promise<readonly Check[]> {
  const {domain, region} = options.configuration
  if (domain.host === undefined || domain.httpOnly === true) return []
  const hosts = [domain.host, domain.piranaHost ?? piranaHostOf(domain.host)]
  const checks: Check[] = []
  if (domain.certificate !== undefined) {
    const home = domain.certificate.split(':')[3] ?? ''
    const certificate = home === region ? await certificates.describe(domain.certificate) : undefined
    checks.push(checkCertificate(domain.certificate, certificate, hosts, region))
  }
  if (domain.hostedZone !== undefined)
    checks.push(checkZone(domain.hostedZone, await hostedZones.zone(domain.hostedZone), hosts))
  return checks
}
