import {type EnvironmentConfiguration, serviceNames, type ServiceName} from './configuration.ts'
import {sha256} from './content.ts'

/** An environment file of ECS: the operator's own container environment for one service. */
export interface EnvironmentFile {
  readonly service: ServiceName
  /** Below the artifacts bucket; carries the content's hash, so that a change starts new tasks. */
  readonly key: string
  readonly body: string
}

/** The environment files that a configuration asks for. `NAME=value` lines, as ECS reads them, sorted. */
export function environmentFiles(configuration: EnvironmentConfiguration): readonly EnvironmentFile[] {
  return serviceNames.flatMap((service) => {
    const values = Object.entries(configuration.services[service]?.environment ?? {})
    if (values.length === 0) return []
    const body = `${values
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('\n')}\n`
    return [{service, key: `environment/${sha256(body)}/${service}.env`, body}]
  })
}
