import {NotFoundError} from '../domain/errors.ts'
import type {EnvironmentName} from '../domain/names.ts'
import {mergedOutputs, readLandscape} from './landscape.ts'
import type {Objects, Stacks} from './ports.ts'

export interface OutputsResult {
  readonly environment: string
  readonly outputs: Readonly<Record<string, string>>
}

/**
 * The outputs of all parts, merged.
 * @throws NotFoundError NOT_DEPLOYED; NotFoundError UNKNOWN_OUTPUT
 */
export async function outputs(
  options: {readonly environment: EnvironmentName; readonly name: string | undefined},
  ports: {readonly stacks: Stacks; readonly objects: Objects},
): Promise<OutputsResult> {
  const landscape = await readLandscape(ports, options.environment)
  const merged = mergedOutputs(landscape)
  if (Object.keys(merged).length === 0) {
    throw new NotFoundError(`Environment ${options.environment} is not deployed: it has no outputs.`, {
      code: 'NOT_DEPLOYED',
      suggestions: [`pi-aws deploy ${options.environment}`],
    })
  }
  if (options.name === undefined) return {environment: options.environment, outputs: merged}
  const value = merged[options.name]
  if (value === undefined) {
    throw new NotFoundError(`Unknown output: ${options.environment} has no ${options.name}.`, {
      code: 'UNKNOWN_OUTPUT',
      suggestions: [`pi-aws outputs ${options.environment}`],
    })
  }
  return {environment: options.environment, outputs: {[options.name]: value}}
}
