import {configuredParameters} from '../../domain/parameters.ts'
import type {Landscape} from '../landscape.ts'
import type {StackDescription} from '../ports.ts'
import type {DeployOptions} from './options.ts'

type Sized = Pick<DeployOptions, 'environment' | 'configuration'>

/** A new generation: from what `destroy` retained, with the sizes and names that its snapshot dictates, or empty. */
export function newDatabase(options: Sized, {generations, retained}: Landscape): Record<string, string> {
  const fresh = {Generation: String(generations.database)}
  if (retained === undefined) return {...fresh, SnapshotIdentifier: ''}
  const {database} = retained
  return {
    ...fresh,
    SnapshotIdentifier: database.snapshotIdentifier,
    AllocatedStorage: String(database.allocatedStorage),
    ...roomToGrow(options, database.allocatedStorage),
    ParameterGroupFamily: database.parameterGroupFamily,
    EngineVersion: database.parameterGroupFamily.replace(/^mariadb/, ''),
    MasterUsername: database.masterUsername,
  }
}

/** Storage can grow and never shrink: what is configured counts only when it is more than the stack has (GiB). */
export function grownStorage(options: Sized, current: StackDescription): Record<string, string> {
  const has = Number(current.parameters['AllocatedStorage'] ?? 0)
  const wanted = configuredNumber(options, 'AllocatedStorage')
  return {
    ...(wanted > has ? {AllocatedStorage: String(wanted)} : {}),
    ...(has === 0 ? {} : roomToGrow(options, Math.max(wanted, has))),
  }
}

/**
 * RDS refuses a growth limit that is not at least a tenth above the storage (RDS guide, storage autoscaling): what has
 * outgrown the configured limit gets a quarter more.
 */
function roomToGrow(options: Sized, allocated: number): Record<string, string> {
  const limit = configuredNumber(options, 'MaxAllocatedStorage')
  return limit * 10 >= allocated * 11 ? {} : {MaxAllocatedStorage: String(Math.ceil(allocated * 1.25))}
}

function configuredNumber({environment, configuration}: Sized, name: string): number {
  return Number(configuredParameters(environment, configuration)[name] ?? 0)
}
