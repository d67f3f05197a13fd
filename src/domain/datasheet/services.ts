import type {ExpandedResource} from '../expansion.ts'
import {listOf, textOf, type TemplateValue} from '../expression.ts'
import {mebibyte, numberAt, propertyAt} from './read.ts'

/** One service of the platform as it is configured. */
export interface ServiceFacts {
  readonly name: string
  readonly image: string
  /** Of one task. */
  readonly vcpu: number
  readonly memoryBytes: number
  readonly min: number
  readonly max: number
  /** Most tasks at one time, while a release replaces them at full load. */
  readonly peak: number
  readonly port: number
  /** Whether browsers reach it through the load balancer. */
  readonly public: boolean
  readonly capacity: 'fargate' | 'fargate-spot' | 'ec2'
}

function capacityOf(service: ExpandedResource): ServiceFacts['capacity'] {
  const providers = listOf(service.properties['CapacityProviderStrategy']).map((item) =>
    textOf(propertyAt(item, 'CapacityProvider')),
  )
  if (providers.includes('FARGATE_SPOT')) return 'fargate-spot'
  return providers.includes('FARGATE') ? 'fargate' : 'ec2'
}

/** The resources of the same stack. */
function beside(resources: readonly ExpandedResource[], one: ExpandedResource): readonly ExpandedResource[] {
  return resources.filter(({part, path}) => part === one.part && path.join('/') === one.path.join('/'))
}

function facts(service: ExpandedResource, resources: readonly ExpandedResource[]): ServiceFacts {
  const near = beside(resources, service)
  const task: TemplateValue = near.find(({type}) => type === 'AWS::ECS::TaskDefinition')?.properties
  const scaling: TemplateValue = near.find(
    ({type}) => type === 'AWS::ApplicationAutoScaling::ScalableTarget',
  )?.properties
  const container = propertyAt(task, 'ContainerDefinitions', 0)
  const desired = numberAt(service.properties, 'DesiredCount')
  const max = scaling === undefined ? desired : numberAt(scaling, 'MaxCapacity')
  const percent = numberAt(service.properties, 'DeploymentConfiguration', 'MaximumPercent')
  return {
    name: textOf(propertyAt(container, 'Name')),
    image: textOf(propertyAt(container, 'Image')),
    vcpu: numberAt(task, 'Cpu') / 1024,
    memoryBytes: numberAt(task, 'Memory') * mebibyte,
    min: scaling === undefined ? desired : numberAt(scaling, 'MinCapacity'),
    max,
    peak: Math.max(max, Math.floor((max * percent) / 100)),
    port: numberAt(container, 'PortMappings', 0, 'ContainerPort'),
    public: listOf(service.properties['LoadBalancers']).length > 0,
    capacity: capacityOf(service),
  }
}

/** The services in the order of the app template. */
export function servicesOf(resources: readonly ExpandedResource[]): readonly ServiceFacts[] {
  return resources.filter(({type}) => type === 'AWS::ECS::Service').map((service) => facts(service, resources))
}
