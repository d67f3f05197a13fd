import type {Answer} from '../../domain/checks.ts'
import type {EnvironmentConfiguration} from '../../domain/configuration.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import type {Part} from '../../domain/parts.ts'
import {statusTable} from '../../domain/stack-status.ts'
import type {SecretValues} from '../deploy/options.ts'
import type {Surroundings} from '../deploy/targets.ts'
import type {TemplateSet} from '../deploy/templates.ts'
import {type Landscape, stackOf} from '../landscape.ts'
import type {CallerIdentity, Ports} from '../ports.ts'

/** What checks are given of the ports. */
export type PreflightPorts = Pick<
  Ports,
  | 'clock'
  | 'ask'
  | 'networks'
  | 'certificates'
  | 'hostedZones'
  | 'secrets'
  | 'permissions'
  | 'existingNetworks'
  | 'accountFacts'
  | 'names'
  | 'imageRegistry'
  | 'repositories'
  | 'stacks'
  | 'objects'
  | 'packageFiles'
  | 'serviceQuotas'
  | 'inventory'
>

/** What an operator may say about checks. */
export interface PreflightOptions {
  readonly environment: EnvironmentName
  readonly configuration: EnvironmentConfiguration
  /** Only these parts will be deployed; all when empty. */
  readonly parts: readonly Part[]
  /** What was handed over on the command line. */
  readonly secrets: SecretValues
  /** The embedded AWS: no registry, no licence and no name server of the world has a say there. */
  readonly embedded: boolean
  /** Role that CloudFormation assumes for what it makes. */
  readonly cloudFormationRoleArn: string | undefined
  /** The operator agrees that missing service-linked roles are made. */
  readonly createLinkedRoles: boolean
  /** Names of checks that are passed over. */
  readonly skip: readonly string[]
  /** What could not be asked counts as a no. */
  readonly strict: boolean
}

/** Everything that a check may look at. */
export interface PreflightContext {
  readonly ports: PreflightPorts
  readonly options: PreflightOptions
  readonly caller: CallerIdentity
  readonly templates: TemplateSet
  readonly landscape: Landscape
  /** What a deploy has looked up already. */
  readonly surroundings?: Surroundings
}

/** One precondition. Its answer may take as many calls as it likes, and may fail: then it is unknown. */
export interface CheckRow {
  /** Stable, in lower case with dashes; `--skip` and JSON name it. */
  readonly name: string
  /** What holds when it is well. */
  readonly what: string
  run(context: PreflightContext): Answer | Promise<Answer>
}

/** True where a part has to be made, be it for the first time or again. */
export function isToBeMade(landscape: Landscape, part: Part): boolean {
  const {deploy} = statusTable[stackOf(landscape, part)?.status ?? 'absent']
  return deploy === 'create' || deploy === 'recreate'
}

/** True when a part is among those that will be deployed. */
export function isWanted({parts}: PreflightOptions, part: Part): boolean {
  return parts.length === 0 || parts.includes(part)
}
