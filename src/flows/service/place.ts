import {type ServiceName, serviceNames} from '../../domain/configuration.ts'
import {NotFoundError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {capital} from '../../domain/parameters.ts'
import {type Landscape, mergedOutputs, neededOutput, readLandscape, stackOf} from '../landscape.ts'
import type {Ports} from '../ports.ts'
import type {ServiceDetail} from './ports.ts'

export type PlacePorts = Pick<Ports, 'stacks' | 'objects' | 'serviceControl'>

/** The services of an environment, as ECS knows them. */
export interface ServicePlace {
  readonly environment: EnvironmentName
  readonly landscape: Landscape
  readonly outputs: Readonly<Record<string, string>>
  readonly cluster: string
  /** Whether the platform was taken to zero. */
  readonly quiesced: boolean
  /** Name here -> name in ECS, of those that are deployed. */
  readonly names: ReadonlyMap<ServiceName, string>
}

/** @throws NotFoundError NOT_DEPLOYED */
export async function servicePlace(
  ports: Pick<Ports, 'stacks' | 'objects'>,
  environment: EnvironmentName,
): Promise<ServicePlace> {
  const landscape = await readLandscape(ports, environment)
  const outputs = mergedOutputs(landscape)
  if (outputs['ClusterName'] === undefined) {
    throw new NotFoundError(`Environment ${environment} has no services: its app is not deployed.`, {
      code: 'NOT_DEPLOYED',
      suggestions: [`pi-aws status ${environment}`, `pi-aws deploy ${environment}`],
    })
  }
  const names = serviceNames.flatMap((service) => {
    const name = outputs[`${capital(service)}ServiceName`]
    return name === undefined ? [] : [[service, name] as const]
  })
  return {
    environment,
    landscape,
    outputs,
    cluster: neededOutput(outputs, 'ClusterName'),
    quiesced: stackOf(landscape, 'app')?.parameters['Quiesced'] === 'true',
    names: new Map(names),
  }
}

/** A service's name in ECS. @throws NotFoundError SERVICE_NOT_DEPLOYED */
export function nameIn({environment, names}: ServicePlace, service: ServiceName): string {
  const name = names.get(service)
  if (name !== undefined) return name
  throw new NotFoundError(`${service} is not deployed in ${environment}.`, {
    code: 'SERVICE_NOT_DEPLOYED',
    suggestions: [
      `Deployed: ${[...names.keys()].join(', ')}`,
      ...(service === 'adminer' ? ['Set services.adminer.enabled in pi-aws.yaml, then deploy'] : []),
    ],
  })
}

/** One service as it is now. @throws NotFoundError SERVICE_NOT_DEPLOYED */
export async function detailOf(
  {serviceControl}: Pick<Ports, 'serviceControl'>,
  place: ServicePlace,
  service: ServiceName,
): Promise<ServiceDetail> {
  const [detail] = await serviceControl.describe(place.cluster, [nameIn(place, service)])
  if (detail !== undefined) return detail
  throw new NotFoundError(`ECS does not know ${service} of ${place.environment} any more.`, {
    code: 'SERVICE_NOT_DEPLOYED',
    suggestions: [`pi-aws diagnose ${place.environment}`],
  })
}
