import {type EnvironmentConfiguration, type ServiceName, serviceNames} from './configuration.ts'
import type {Template} from './template.ts'

/**
 * Names of the variables that a template gives its containers. ECS takes those over what an environment file says
 * (ECS guide, "Pass environment variables to a container"), so a configured one of the same name would have no effect.
 */
export function variablesOf(template: Template): ReadonlySet<string> {
  const names = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (value !== null && typeof value === 'object') {
      const {Name: name} = value as {readonly Name?: unknown}
      if (typeof name === 'string' && ('Value' in value || 'ValueFrom' in value)) names.add(name)
      Object.values(value).forEach(visit)
    }
  }
  for (const resource of Object.values(template.Resources)) {
    if (resource.Type === 'AWS::ECS::TaskDefinition') visit(resource.Properties)
  }
  return names
}

/** A configured variable that would have no effect. */
export interface IdleVariable {
  readonly service: ServiceName
  readonly name: string
}

/** The configured variables that the template sets itself. */
export function idleVariables(configuration: EnvironmentConfiguration, template: Template): readonly IdleVariable[] {
  const taken = variablesOf(template)
  return serviceNames.flatMap((service) =>
    Object.keys(configuration.services[service]?.environment ?? {})
      .filter((name) => taken.has(name))
      .map((name) => ({service, name})),
  )
}
