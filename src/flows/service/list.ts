import type {ServiceName} from '../../domain/configuration.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {type Deployment, primaryOf} from '../../domain/services/rollout.ts'
import type {Ports} from '../ports.ts'
import {detailOf, nameIn, type PlacePorts, servicePlace} from './place.ts'
import type {PastDeployment} from './ports.ts'

export interface ListedService {
  readonly service: ServiceName
  /** Its name in ECS. */
  readonly name: string
  readonly running: number
  readonly pending: number
  readonly desired: number
  /** Bounds of its scaling, where it scales; `suspended` while nothing may move it. */
  readonly scaling?: {readonly min: number; readonly max: number; readonly suspended: boolean}
  /** State of the newest deployment. */
  readonly rollout: string
  readonly reason?: string
  /** When the newest deployment began, ISO 8601 UTC. */
  readonly deployedAt?: string
  /** Family and revision of what its tasks are made from. */
  readonly taskDefinition: string
}

export interface ServiceListResult {
  readonly environment: string
  readonly cluster: string
  readonly quiesced: boolean
  readonly services: readonly ListedService[]
}

function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1)
}

/** The services of an environment with their tasks, their bounds and how their newest deployment stands. */
export async function listServices(
  {environment}: {readonly environment: EnvironmentName},
  ports: PlacePorts & Pick<Ports, 'scaling'>,
): Promise<ServiceListResult> {
  const place = await servicePlace(ports, environment)
  const [details, targets] = await Promise.all([
    ports.serviceControl.describe(place.cluster, [...place.names.values()]),
    ports.scaling.services(place.cluster),
  ])
  const services = [...place.names].flatMap(([service, name]): readonly ListedService[] => {
    const detail = details.find((one) => one.name === name)
    if (detail === undefined) return []
    const target = targets.find((one) => one.service === name)
    const primary = primaryOf(detail.deployments)
    const {running, pending, desired} = detail
    return [
      {
        ...{service, name, running, pending, desired},
        ...(target === undefined ? {} : {scaling: {min: target.min, max: target.max, suspended: target.suspended}}),
        rollout: primary?.state ?? 'UNKNOWN',
        ...(primary === undefined || primary.reason === '' ? {} : {reason: primary.reason}),
        ...(primary === undefined ? {} : {deployedAt: primary.createdAt}),
        taskDefinition: lastOf(detail.taskDefinition),
      },
    ]
  })
  return {environment, cluster: place.cluster, quiesced: place.quiesced, services}
}

export interface DeploymentsResult {
  readonly environment: string
  readonly service: ServiceName
  /** Those that have tasks, newest first. */
  readonly deployments: readonly Deployment[]
  /** Those that ECS remembers, newest first. */
  readonly history: readonly PastDeployment[]
}

/** What is being rolled out of a service, and what was. @throws NotFoundError SERVICE_NOT_DEPLOYED */
export async function listDeployments(
  {environment, service}: {readonly environment: EnvironmentName; readonly service: ServiceName},
  ports: PlacePorts,
): Promise<DeploymentsResult> {
  const place = await servicePlace(ports, environment)
  const detail = await detailOf(ports, place, service)
  const history = await ports.serviceControl.history(place.cluster, nameIn(place, service))
  const deployments = detail.deployments.map((one) => ({...one, taskDefinition: lastOf(one.taskDefinition)}))
  return {environment, service, deployments, history}
}
