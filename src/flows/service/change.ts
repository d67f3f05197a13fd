import * as z from 'zod'
import {RefusedError} from '../../domain/errors.ts'
import {capital} from '../../domain/parameters.ts'
import {primaryOf} from '../../domain/services/rollout.ts'
import {afterScale, boundsOf, scaleProblem} from '../../domain/services/scale.ts'
import {requireAccount} from '../account.ts'
import {recordsBucketOf, stackOf} from '../landscape.ts'
import {requireSameIdentity} from '../ledger/identity.ts'
import {resultOf} from '../ledger/once.ts'
import {beginOperation, type Operation} from '../ledger/operation.ts'
import type {Ports} from '../ports.ts'
import type {Run} from '../run.ts'
import {reported} from '../steps.ts'
import type {ServiceChangeResult, ServiceOptions} from './options.ts'
import {detailOf, nameIn, servicePlace, type ServicePlace} from './place.ts'
import type {ServiceDetail} from './ports.ts'
import {type Goal, ServiceWatch} from './watch.ts'

export type ServicePorts = Pick<
  Ports,
  | 'identity'
  | 'stacks'
  | 'objects'
  | 'databases'
  | 'serviceControl'
  | 'containers'
  | 'scaling'
  | 'logs'
  | 'clock'
  | 'machine'
  | 'packageFiles'
>

/** What an action comes to in this very moment. */
interface Intention {
  readonly title: string
  readonly notes: readonly string[]
  readonly after: number
  /** False where it is as it should be already. */
  readonly needed: boolean
  /** Done again after a crash it must converge. Resolves to the deployment it is about. */
  readonly effect: () => Promise<string | undefined>
  readonly goal: (deployment: string | undefined) => Goal
}

const effectSchema = z.object({deployment: z.string().optional()})

/**
 * Restarts a service, sets its number of tasks, or stops what is being rolled out of it. Under the environment's lock
 * only as long as ECS is told; the wait for ECS keeps nobody out.
 * @throws RefusedError WRONG_ACCOUNT, IDENTITY_CHANGED, QUIESCED, OUT_OF_BOUNDS, NO_ROLLOUT; LockedError LOCKED;
 * NotFoundError SERVICE_NOT_DEPLOYED; RolledBackError DEPLOYMENT_ROLLED_BACK
 */
export async function changeService(
  options: ServiceOptions,
  ports: ServicePorts,
  run: Run,
): Promise<ServiceChangeResult> {
  const {environment, service, action} = options
  const caller = await ports.identity.caller()
  requireAccount(caller, environment, options.account)
  const place = await servicePlace(ports, environment)
  const bucket = recordsBucketOf(place.landscape)
  await requireSameIdentity(ports, {bucket, caller, landscape: place.landscape})
  const detail = await detailOf(ports, place, service)
  requireRunning(place)
  const intention = await intend(options, ports, place, detail)
  const result = {
    ...{environment, service, action: action.kind},
    desired: {before: detail.desired, after: intention.after},
    notes: intention.notes,
  }
  if (options.dryRun) return {...result, state: 'planned'}
  if (!intention.needed && options.resume === undefined) return {...result, state: 'unchanged'}
  const request = {
    ...({kind: 'service', environment, caller, bucket} as const),
    options: {service, action},
    ...(options.resume === undefined ? {} : {resume: options.resume}),
  }
  const watch = new ServiceWatch(ports, run, place, service)
  if (options.wait) await watch.begin(detail)
  const operation = await beginOperation(ports, request, run)
  const deployment = await tellEcs(operation, ports, run, intention)
  const told = {...result, opId: operation.opId, ...(deployment === undefined ? {} : {deployment})}
  if (!options.wait) return {...told, state: 'running'}
  await reported({clock: ports.clock, report: run.report}, {step: 'wait', title: `Wait for ${service}`}, async () => {
    await watch.until(intention.goal(deployment))
    return {value: undefined, outcome: 'done'}
  })
  return {...told, state: 'done'}
}

/** The one step of the operation; a run that takes it up does not do it twice. */
async function tellEcs(
  operation: Operation,
  {clock}: Pick<Ports, 'clock'>,
  run: Run,
  {title, effect}: Intention,
): Promise<string | undefined> {
  try {
    const {deployment} = await reported({clock, report: run.report}, {step: 'effect', title}, async () => {
      const known = resultOf(operation, 'effect', effectSchema)
      if (known !== undefined) return {value: known, outcome: 'adopted'}
      const value = await operation.record(
        'effect',
        async () => {
          const made = await effect()
          return made === undefined ? {} : {deployment: made}
        },
        (made) => made,
      )
      return {value, outcome: 'done'}
    })
    await operation.commit({deployment})
    return deployment
  } catch (error) {
    throw await operation.end(error)
  }
}

function requireRunning({quiesced, environment}: ServicePlace): void {
  if (!quiesced) return
  throw new RefusedError(
    `The platform of ${environment} is quiesced: what took it to zero brings it back. Nothing was changed.`,
    {
      code: 'QUIESCED',
      suggestions: [`pi-aws ops list ${environment}`, `pi-aws status ${environment}`],
    },
  )
}

function intend(
  options: ServiceOptions,
  ports: ServicePorts,
  place: ServicePlace,
  detail: ServiceDetail,
): Promise<Intention> {
  switch (options.action.kind) {
    case 'restart':
      return restart(options, ports, place, detail)
    case 'scale':
      return scale(options, options.action.count, ports, place, detail)
    case 'abort':
      return abort(options, ports, place, detail)
  }
}

async function restart(
  {service, resume}: ServiceOptions,
  {serviceControl}: ServicePorts,
  place: ServicePlace,
  detail: ServiceDetail,
): Promise<Intention> {
  const {desired, deployments} = detail
  const name = nameIn(place, service)
  const primary = primaryOf(deployments)
  // A run that died behind the call left a deployment that nobody knows: one is enough.
  const left = resume !== undefined && primary?.state === 'IN_PROGRESS' ? primary.id : undefined
  const what = desired === 1 ? 'its task' : `its ${desired} tasks`
  return {
    title: `Restart ${service}`,
    notes:
      desired === 0
        ? [`${service} has no tasks: there is nothing to restart`]
        : [
            `ECS replaces ${what} by new ones from the same image and configuration, and goes back if they do not start`,
          ],
    after: desired,
    needed: desired > 0,
    effect: () => (left === undefined ? serviceControl.redeploy(place.cluster, name) : Promise.resolve(left)),
    goal: (deployment) => ({kind: 'deployment', id: deployment ?? ''}),
  }
}

async function scale(
  {service}: ServiceOptions,
  count: number,
  {containers, scaling}: ServicePorts,
  place: ServicePlace,
  {desired}: ServiceDetail,
): Promise<Intention> {
  const name = nameIn(place, service)
  const fixed = Number(stackOf(place.landscape, 'app')?.parameters[`${capital(service)}Min`] ?? Number.NaN)
  const target = (await scaling.services(place.cluster)).find((one) => one.service === name)
  const bounds = boundsOf(target, Number.isNaN(fixed) ? undefined : fixed)
  const problem = scaleProblem(service, count, bounds)
  if (problem !== undefined) {
    throw new RefusedError(`${service} cannot be set to ${count}: ${problem}. Nothing was changed.`, {
      code: 'OUT_OF_BOUNDS',
      suggestions:
        bounds.scales || !Number.isNaN(fixed)
          ? [`Change services.${service}.min or .max in pi-aws.yaml, then: pi-aws deploy`]
          : [],
    })
  }
  return {
    title: `Set ${service} to ${count}`,
    notes: afterScale(service, count, bounds),
    after: count,
    needed: desired !== count,
    effect: () => containers.setDesired(place.cluster, name, count).then(() => undefined),
    goal: () => ({kind: 'count', count}),
  }
}

async function abort(
  {service, environment, resume}: ServiceOptions,
  {serviceControl}: ServicePorts,
  place: ServicePlace,
  {desired}: ServiceDetail,
): Promise<Intention> {
  const history = await serviceControl.history(place.cluster, nameIn(place, service))
  const running = history.find(({status}) => status === 'IN_PROGRESS' || status === 'PENDING')
  if (running === undefined && resume === undefined) {
    throw new RefusedError(`Nothing is being rolled out of ${service}. Nothing was changed.`, {
      code: 'NO_ROLLOUT',
      suggestions: [`pi-aws service deployments ${service} --environment ${environment}`],
    })
  }
  return {
    title: `Stop what is being rolled out of ${service}`,
    notes: ['ECS goes back to the tasks of the deployment before'],
    after: desired,
    needed: running !== undefined,
    effect: async () => {
      if (running !== undefined) await serviceControl.stop(running.arn)
      return running?.arn
    },
    goal: () => ({kind: 'back'}),
  }
}
