import {numberAt, ofType, propertyAt} from '../datasheet/read.ts'
import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf} from '../expression.ts'
import type {QuotaMode} from './modes.ts'
import type {Standing} from './standing.ts'

export type Capacity = 'fargate' | 'fargate-spot' | 'ec2'

/** One service as its template makes it. */
export interface ServiceShape {
  readonly reference: string
  readonly name: string
  readonly cluster: string
  readonly subnets: readonly string[]
  /** Of one task. */
  readonly vcpu: number
  /** Tasks that a release starts with. */
  readonly count: number
  readonly max: number
  readonly maximumPercent: number
  readonly minimumHealthyPercent: number
  readonly capacity: Capacity
  /** Tasks that stay on-demand with Spot. */
  readonly base: number
  readonly running: number
  /** Whether ECS runs it already. */
  readonly stands: boolean
}

/** What tasks ask for at the worst moment of a mode. */
export interface TaskDemand {
  readonly services: readonly ServiceShape[]
  /** vCPU that are to be added, by capacity. */
  readonly vcpu: Readonly<Record<Capacity, number>>
  /** Tasks at one time, by the service's reference. */
  readonly counts: ReadonlyMap<string, number>
  /** Tasks that are to be added, one-off tasks included. */
  readonly added: number
  /** vCPU of the largest task that runs beside the services for a moment. */
  readonly side: number
}

function capacityOf(providers: readonly string[]): Capacity {
  if (providers.includes('FARGATE_SPOT')) return 'fargate-spot'
  return providers.includes('FARGATE') ? 'fargate' : 'ec2'
}

function beside(resources: readonly ExpandedResource[], one: ExpandedResource): readonly ExpandedResource[] {
  return resources.filter(({part, path}) => part === one.part && path.join('/') === one.path.join('/'))
}

function shapeOf(service: ExpandedResource, resources: readonly ExpandedResource[], standing: Standing): ServiceShape {
  const near = beside(resources, service)
  const task = ofType(near, 'ECS::TaskDefinition')[0]?.properties
  const scaling = ofType(near, 'ApplicationAutoScaling::ScalableTarget')[0]?.properties
  const strategy = listOf(service.properties['CapacityProviderStrategy'])
  const live = standing.services.get(standing.physical.get(service.reference) ?? '')
  const planned = numberAt(service.properties, 'DesiredCount')
  // A service at zero is quiesced: it comes back with the number that the template starts it with.
  const count = live === undefined || live.desired === 0 ? planned : live.desired
  const deployment = service.properties['DeploymentConfiguration']
  return {
    reference: service.reference,
    name: textOf(propertyAt(task, 'ContainerDefinitions', 0, 'Name')),
    cluster: textOf(service.properties['Cluster']),
    subnets: listOf(propertyAt(service.properties, 'NetworkConfiguration', 'AwsvpcConfiguration', 'Subnets')).map(
      textOf,
    ),
    vcpu: numberAt(task, 'Cpu') / 1024,
    count,
    max: Math.max(count, scaling === undefined ? planned : numberAt(scaling, 'MaxCapacity')),
    // ECS's own defaults where a template is silent (ECS API reference, DeploymentConfiguration).
    maximumPercent: numberAt(propertyAt(deployment, 'MaximumPercent') ?? 200),
    minimumHealthyPercent: numberAt(propertyAt(deployment, 'MinimumHealthyPercent') ?? 100),
    capacity: capacityOf(strategy.map((item) => textOf(propertyAt(item, 'CapacityProvider')))),
    base: strategy.reduce<number>((sum, item) => sum + numberAt(item, 'Base'), 0),
    running: live?.running ?? 0,
    stands: live !== undefined,
  }
}

/** Tasks of a service while a release replaces `count` of them: ECS rounds the maximum down. */
export function rollingCount({maximumPercent}: Pick<ServiceShape, 'maximumPercent'>, count: number): number {
  return Math.max(count, Math.floor((count * maximumPercent) / 100))
}

/**
 * Whether a release can never replace the tasks of a service: none may be added, since the maximum is rounded down, and
 * none may stop, since the minimum is rounded up (ECS API reference, DeploymentConfiguration).
 */
export function cannotRoll(service: ServiceShape): boolean {
  const {count, maximumPercent, minimumHealthyPercent} = service
  return (
    count > 0 &&
    Math.floor((count * maximumPercent) / 100) <= count &&
    Math.ceil((count * minimumHealthyPercent) / 100) >= count
  )
}

function countIn(mode: QuotaMode, service: ServiceShape): number {
  switch (mode) {
    case 'deploy':
      return service.stands ? rollingCount(service, service.count) : service.count
    case 'update':
      // The worst moment of a release is one while everything is scaled out.
      return rollingCount(service, service.max)
    case 'scale':
      return service.max
    case 'restore':
    case 'verify':
      return service.count
  }
}

/** How tasks of a service divide over capacities. While a release runs, its new tasks have a base of their own. */
function divided(service: ServiceShape, count: number, rolling: boolean): readonly (readonly [Capacity, number])[] {
  if (service.capacity !== 'fargate-spot') return [[service.capacity, count]]
  return [
    ['fargate', Math.min(count, rolling ? 2 * service.base : service.base)],
    ['fargate-spot', Math.max(0, count - service.base)],
  ]
}

function vcpuOf(
  services: readonly ServiceShape[],
  tasks: (service: ServiceShape) => number,
  rolls: (service: ServiceShape) => boolean,
): Record<Capacity, number> {
  const sums: Record<Capacity, number> = {fargate: 0, 'fargate-spot': 0, ec2: 0}
  for (const service of services)
    for (const [capacity, count] of divided(service, tasks(service), rolls(service)))
      sums[capacity] += count * service.vcpu
  return sums
}

/** Task definitions that no service runs: the seed and check tasks. They run on Fargate whatever services run on. */
function sideTasks(resources: readonly ExpandedResource[]): readonly ExpandedResource[] {
  const used = new Set(ofType(resources, 'ECS::Service').map(({properties}) => textOf(properties['TaskDefinition'])))
  return ofType(resources, 'ECS::TaskDefinition').filter(({reference}) => !used.has(reference))
}

/** @param resources the whole environment */
export function taskDemandOf(mode: QuotaMode, resources: readonly ExpandedResource[], standing: Standing): TaskDemand {
  const services = ofType(resources, 'ECS::Service').map((service) => shapeOf(service, resources, standing))
  const counts = new Map(services.map((service) => [service.reference, countIn(mode, service)]))
  const of = (service: ServiceShape): number => counts.get(service.reference) ?? 0
  const rolls = (service: ServiceShape): boolean =>
    (mode === 'update' && of(service) > service.max) || (mode === 'deploy' && of(service) > service.count)
  const peak = vcpuOf(services, of, rolls)
  const now = vcpuOf(
    services,
    ({running}) => running,
    () => false,
  )
  const side = Math.max(0, ...sideTasks(resources).map(({properties}) => numberAt(properties, 'Cpu') / 1024))
  const steady = services.reduce((sum, service) => sum + of(service), 0)
  const running = services.reduce((sum, service) => sum + service.running, 0)
  // Restore and verify run their one-off task beside the services; any other runs while they are quiesced.
  const together = mode === 'restore' || mode === 'verify'
  const onDemand = together ? peak.fargate + side : Math.max(peak.fargate, side)
  const tasks = together && side > 0 ? steady + 1 : steady
  return {
    services,
    vcpu: {
      fargate: Math.max(0, onDemand - now.fargate),
      'fargate-spot': Math.max(0, peak['fargate-spot'] - now['fargate-spot']),
      ec2: Math.max(0, peak.ec2 - now.ec2),
    },
    counts,
    added: Math.max(0, tasks - running),
    side,
  }
}
