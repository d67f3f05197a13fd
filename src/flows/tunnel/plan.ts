import {serviceNames} from '../../domain/configuration.ts'
import {servingStates} from '../../domain/database-states.ts'
import {NotFoundError, RefusedError} from '../../domain/errors.ts'
import {
  forwardingDocument,
  forwardingParameters,
  loginCommand,
  sessionCommand,
  tunnelAddress,
} from '../../domain/tunnel.ts'
import {requireAccount} from '../account.ts'
import {idOf, sessionEndpoint, sessionTarget} from '../exec/plugin.ts'
import type {RunningTask, SessionRequest} from '../exec/ports.ts'
import {neededOutput, stackOf} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import {type ServicePlace, servicePlace} from '../service/place.ts'
import type {TunnelOptions} from './options.ts'
import type {Tunnel} from './ports.ts'

export type PlanPorts = Pick<Ports, 'identity' | 'stacks' | 'objects' | 'serviceControl' | 'taskControl' | 'databases'>

/** A tunnel that could be opened now. */
export interface TunnelPlan {
  readonly tunnel: Tunnel
  readonly request: SessionRequest
  readonly region: string
  /** URL of Systems Manager. */
  readonly endpoint: string
}

const schema = 'dashboard'
/** As the template of the database has it. */
const usualUser = 'pi_dashboard'

/**
 * Finds the database and a task to go through. Nothing is changed.
 * @throws RefusedError WRONG_ACCOUNT, QUIESCED, DATABASE_NOT_SERVING, EXEC_OFF; NotFoundError NOT_DEPLOYED, NO_DATABASE, NO_TASK
 */
export async function planTunnel(options: TunnelOptions, ports: PlanPorts): Promise<TunnelPlan> {
  const {environment, port, profile} = options
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, options.account)
  const place = await servicePlace(ports, environment)
  const {outputs} = place
  await requireDatabase(place, ports)
  const {service, task} = await wayThrough(place, ports)
  const [remoteHost, remotePort] = [neededOutput(outputs, 'DatabaseEndpoint'), Number(outputs['DatabasePort'] ?? 3306)]
  const forwarding = {localPort: port, host: remoteHost, port: remotePort}
  const container = task.containers.find(({name}) => name === service)
  const target = sessionTarget(place.cluster, idOf(task), container?.runtimeId)
  const user = stackOf(place.landscape, 'database')?.parameters['ApplicationUsername'] ?? usualUser
  const secretArn = neededOutput(outputs, 'DatabaseSecretArn')
  const where = {region: caller.region, profile}
  return {
    tunnel: {
      ...{environment, host: tunnelAddress, port, schema, user, secretArn, remoteHost, remotePort},
      ...{service, task: idOf(task)},
      loginCommand: loginCommand({port, user, secretArn, schema}, where),
      sessionCommand: sessionCommand(target, forwarding, where),
    },
    request: {Target: target, DocumentName: forwardingDocument, Parameters: forwardingParameters(forwarding)},
    region: caller.region,
    endpoint: sessionEndpoint(caller),
  }
}

async function requireDatabase({environment, outputs}: ServicePlace, {databases}: PlanPorts): Promise<void> {
  const identifier = outputs['DatabaseIdentifier']
  const found = identifier === undefined ? undefined : await databases.instance(identifier)
  if (found === undefined) {
    throw new NotFoundError(
      identifier === undefined
        ? `Environment ${environment} has no database.`
        : `RDS knows no instance ${identifier}: the database of ${environment} is gone.`,
      {code: 'NO_DATABASE', suggestions: [`pi-aws status ${environment}`]},
    )
  }
  if (servingStates.includes(found.status)) return
  throw new RefusedError(`The database of ${environment} takes no connections: it is ${found.status}.`, {
    code: 'DATABASE_NOT_SERVING',
    suggestions: [`pi-aws status ${environment}`],
  })
}

/** A task that is let to the database by its security group, and that takes sessions. */
async function wayThrough(
  place: ServicePlace,
  ports: PlanPorts,
): Promise<{readonly service: string; readonly task: RunningTask}> {
  const {environment, cluster, names, outputs, quiesced} = place
  if (quiesced) {
    throw new RefusedError(`The platform of ${environment} is quiesced: no task runs that a tunnel could go through.`, {
      code: 'QUIESCED',
      suggestions: [`pi-aws ops list ${environment}`],
    })
  }
  const group = neededOutput(outputs, 'ApplicationSecurityGroupId')
  const details = await ports.serviceControl.describe(cluster, [...names.values()])
  const reaching = details.filter(({securityGroups}) => securityGroups.includes(group))
  const open = reaching.filter(({execEnabled}) => execEnabled).map(({name}) => name)
  if (reaching.length > 0 && open.length === 0) throw execOff(environment)
  let early: string | undefined
  for (const service of serviceNames) {
    const name = names.get(service)
    if (name === undefined || !open.includes(name)) continue
    const tasks = await ports.taskControl.running(cluster, name)
    const task = tasks.find(({execEnabled}) => execEnabled)
    if (task !== undefined) return {service, task}
    if (tasks.length > 0) early ??= service
  }
  if (early !== undefined) {
    throw new RefusedError(`The tasks of ${environment} take no sessions: they were started before ExecEnabled.`, {
      code: 'EXEC_OFF',
      suggestions: [`pi-aws service restart ${early} --environment ${environment}`],
    })
  }
  throw new NotFoundError(`No task of ${environment} runs that may reach the database and takes sessions.`, {
    code: 'NO_TASK',
    suggestions: [`pi-aws diagnose ${environment}`],
  })
}

function execOff(environment: string): RefusedError {
  return new RefusedError(`Sessions are off in ${environment}: no tunnel can go through its tasks.`, {
    code: 'EXEC_OFF',
    suggestions: [
      "Set parameters: {ExecEnabled: 'true'} for it in pi-aws.yaml, then deploy: new tasks take sessions",
      `pi-aws deploy ${environment}`,
    ],
  })
}
