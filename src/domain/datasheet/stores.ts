import type {EnvironmentConfiguration} from '../configuration.ts'
import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import {wantedZones} from '../parameters.ts'
import {gibibyte, isOn, numberAt, ofType, propertyAt} from './read.ts'

/** The network and its ranges. */
export interface NetworkFacts {
  /** Id of an existing VPC; absent where one is made. */
  readonly existingVpc?: string
  readonly cidr: string
  readonly zones: number
  readonly natGateways: number
  /** Ranges of the subnets that are made, or ids of existing ones. */
  readonly tiers: readonly {readonly tier: string; readonly subnets: readonly string[]}[]
}

export interface DatabaseFacts {
  readonly engine: string
  readonly version: string
  readonly class: string
  readonly storageBytes: number
  readonly maxStorageBytes: number
  readonly standby: boolean
  readonly backupDays: number
  readonly backupWindow: string
  readonly maintenanceWindow: string
}

export interface FilesFacts {
  readonly throughput: string
  readonly mountTargets: number
  readonly accessPoints: number
}

export interface BackupFacts {
  readonly schedule: string
  readonly keepDays: number
}

const tiers = ['public', 'application', 'data'] as const

export function networkOf(
  resources: readonly ExpandedResource[],
  configuration: EnvironmentConfiguration,
): NetworkFacts {
  const {existing} = configuration.network
  const zones = wantedZones(configuration)
  const natGateways = ofType(resources, 'EC2::NatGateway').length
  if (existing !== undefined) {
    const subnets = {
      public: existing.publicSubnets,
      application: existing.applicationSubnets,
      data: existing.dataSubnets,
    }
    return {
      existingVpc: existing.vpc,
      cidr: existing.cidr,
      zones: existing.dataSubnets.length,
      natGateways,
      tiers: tiers.map((tier) => ({tier, subnets: subnets[tier]})),
    }
  }
  const made = ofType(resources, 'EC2::Subnet')
  return {
    cidr: textOf(ofType(resources, 'EC2::VPC')[0]?.properties['CidrBlock']),
    zones: typeof zones === 'number' ? zones : zones.length,
    natGateways,
    tiers: tiers.map((tier) => ({
      tier,
      subnets: made
        .filter(({logicalId}) => logicalId.toLowerCase() === `${tier}subnet`)
        .map(({properties}) => textOf(properties['CidrBlock'])),
    })),
  }
}

export function databaseOf(resources: readonly ExpandedResource[]): DatabaseFacts {
  const database = ofType(resources, 'RDS::DBInstance')[0]?.properties ?? {}
  return {
    engine: textOf(database['Engine']),
    version: textOf(database['EngineVersion']),
    class: textOf(database['DBInstanceClass']),
    storageBytes: numberAt(database, 'AllocatedStorage') * gibibyte,
    maxStorageBytes: numberAt(database, 'MaxAllocatedStorage') * gibibyte,
    standby: isOn(database, 'MultiAZ'),
    backupDays: numberAt(database, 'BackupRetentionPeriod'),
    backupWindow: textOf(database['PreferredBackupWindow']),
    maintenanceWindow: textOf(database['PreferredMaintenanceWindow']),
  }
}

export function filesOf(resources: readonly ExpandedResource[]): FilesFacts {
  const files = ofType(resources, 'EFS::FileSystem')[0]?.properties ?? {}
  return {
    throughput: textOf(files['ThroughputMode']),
    mountTargets: ofType(resources, 'EFS::MountTarget').length,
    accessPoints: ofType(resources, 'EFS::AccessPoint').length,
  }
}

export function backupOf(resources: readonly ExpandedResource[]): BackupFacts | undefined {
  const rules = listOf(
    propertyAt(ofType(resources, 'Backup::BackupPlan')[0]?.properties, 'BackupPlan', 'BackupPlanRule'),
  )
  const [rule] = rules
  if (rule === undefined) return undefined
  return {
    schedule: textOf(propertyAt(rule, 'ScheduleExpression')),
    keepDays: numberAt(rule, 'Lifecycle', 'DeleteAfterDays'),
  }
}
