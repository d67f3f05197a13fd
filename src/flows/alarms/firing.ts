import type {EnvironmentName} from '../../domain/names.ts'
import type {FiringAlarm, Metrics} from '../telemetry/ports.ts'

/**
 * Alarms of an environment that fire. CloudFormation begins their names with the stack's, and so may those of another
 * environment whose name begins alike; the description names the environment and nothing else.
 */
export async function ownAlarms(metrics: Metrics, environment: EnvironmentName): Promise<readonly FiringAlarm[]> {
  const own = `pi-aws ${environment}: `
  const firing = await metrics.firing(`pi-${environment}-`)
  return firing
    .filter(({description}) => description.startsWith(own))
    .map((alarm) => ({...alarm, description: alarm.description.slice(own.length)}))
}
