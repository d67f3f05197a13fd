/**
 * What `logs` can be asked for. `loadbalancer` are the access logs, `network` the flow logs of the VPC, `events` those of
 * CloudFormation, ECS, RDS and Backup.
 */
export const logServices = [
  'dashboard',
  'renderer',
  'scheduler',
  'pirana',
  'adminer',
  'sideload',
  'check',
  'seed',
  'database',
  'session',
  'loadbalancer',
  'network',
  'events',
] as const

export type LogService = (typeof logServices)[number]

/** Those with a line for each request or connection: they would bury all others, so that they come when they are named. */
export const trafficServices: readonly LogService[] = ['loadbalancer', 'network']

/** Whether a service is meant. @param named none for all of them */
export function isMeant(service: LogService, named: readonly LogService[]): boolean {
  return named.length === 0 ? !trafficServices.includes(service) : named.includes(service)
}

/** Those that run as services of ECS. */
export const containerServices: readonly LogService[] = ['dashboard', 'renderer', 'scheduler', 'pirana', 'adminer']

/** A log group and whose it is. */
export interface LogGroup {
  readonly service: LogService
  readonly group: string
}

const ending = 'LogGroup'

/** Output of a part -> service; the database exports two logs. */
function serviceOf(output: string): LogService | undefined {
  if (!output.endsWith(ending)) return undefined
  const name = output.startsWith('Database') ? 'database' : output.slice(0, -ending.length).toLowerCase()
  return logServices.find((service) => service === name)
}

/** The log groups that the outputs of an environment name, in the order of the services. */
export function logGroupsOf(outputs: Readonly<Record<string, string>>): readonly LogGroup[] {
  const found = Object.entries(outputs).flatMap(([output, group]) => {
    const service = serviceOf(output)
    return service === undefined || group === '' ? [] : [{service, group}]
  })
  return found.sort(
    (a, b) => logServices.indexOf(a.service) - logServices.indexOf(b.service) || (a.group < b.group ? -1 : 1),
  )
}
