import type {EnvironmentConfiguration} from './configuration.ts'
import {
  exposedOf,
  type OutboundFacts,
  outboundOf,
  type PortFacts,
  portsOf,
  type PublicFacts,
  publicOf,
} from './datasheet/access.ts'
import {type CostDriver, costDriversOf, type LimitFacts, limitsOf} from './datasheet/costs.ts'
import {type EncryptionFacts, encryptionOf} from './datasheet/encryption.ts'
import {resourcesOf} from './datasheet/resources.ts'
import {type ServiceFacts, servicesOf} from './datasheet/services.ts'
import {
  type BackupFacts,
  backupOf,
  type DatabaseFacts,
  databaseOf,
  type FilesFacts,
  filesOf,
  type NetworkFacts,
  networkOf,
} from './datasheet/stores.ts'
import type {EnvironmentName} from './names.ts'
import type {Template} from './template.ts'

/** How many resources of a type there are. */
export interface ResourceCount {
  readonly type: string
  readonly count: number
}

/** The technical data sheet: what a first deploy of a configuration installs. */
export interface Datasheet {
  readonly environment: string
  readonly region: string
  readonly account?: string
  readonly preset: string
  readonly compute: string
  readonly services: readonly ServiceFacts[]
  readonly network: NetworkFacts
  readonly public: readonly PublicFacts[]
  /** What else would have a public address; nothing should. */
  readonly exposed: readonly string[]
  readonly ports: readonly PortFacts[]
  readonly outbound: readonly OutboundFacts[]
  readonly database: DatabaseFacts
  readonly files: FilesFacts
  readonly backup?: BackupFacts
  readonly encryption: readonly EncryptionFacts[]
  readonly limits: readonly LimitFacts[]
  readonly costs: readonly CostDriver[]
  readonly resources: {readonly total: number; readonly stacks: number; readonly byType: readonly ResourceCount[]}
}

function countByType(types: readonly string[]): readonly ResourceCount[] {
  const counts = new Map<string, number>()
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].map(([type, count]) => ({type, count})).toSorted((a, b) => (a.type < b.type ? -1 : 1))
}

/**
 * Reads the data sheet off the templates and one environment's configuration.
 * @param templates path below templates/ without its ending -> template
 * @throws FailedError TEMPLATE_MISSING
 */
export function datasheetOf(
  environment: EnvironmentName,
  configuration: EnvironmentConfiguration,
  templates: ReadonlyMap<string, Template>,
): Datasheet {
  const resources = resourcesOf(environment, configuration, templates)
  const services = servicesOf(resources)
  const database = databaseOf(resources)
  const files = filesOf(resources)
  const backup = backupOf(resources)
  const own = resources.filter(({type}) => type !== 'AWS::CloudFormation::Stack')
  const roots = new Set(resources.map(({part}) => part)).size
  return {
    environment,
    region: configuration.region,
    ...(configuration.account === undefined ? {} : {account: configuration.account}),
    preset: configuration.preset,
    compute: configuration.compute,
    services,
    network: networkOf(resources, configuration),
    public: publicOf(resources),
    exposed: exposedOf(resources),
    ports: portsOf(resources),
    outbound: outboundOf(resources),
    database,
    files,
    ...(backup === undefined ? {} : {backup}),
    encryption: encryptionOf(resources),
    limits: limitsOf(resources, {services, database}),
    costs: costDriversOf(resources, {services, database, files, backup}),
    resources: {
      total: own.length,
      stacks: resources.length - own.length + roots,
      byType: countByType(own.map(({type}) => type)),
    },
  }
}
