import {RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName, Generation} from '../../domain/names.ts'
import type {AssetPlace} from '../assets/place.ts'
import {mergedOutputs, neededOutput, readLandscape, recordsBucketOf} from '../landscape.ts'
import type {Ports} from '../ports.ts'

/** Where assets are loaded from and to, and by which function. */
export interface SideloadPlace extends AssetPlace {
  readonly functionName: string
  /** The one that the platform runs on. */
  readonly generation: Generation
  readonly fileSystemId: string
}

/**
 * Finds buckets, function and active generation.
 * @param account the only account that the environment may live in, if the configuration names one
 * @throws RefusedError NO_FOUNDATION, NO_FUNCTION, WRONG_ACCOUNT
 */
export async function sideloadPlace(
  environment: EnvironmentName,
  account: string | undefined,
  ports: Pick<Ports, 'stacks' | 'identity' | 'objects'>,
): Promise<SideloadPlace> {
  const [landscape, caller] = await Promise.all([readLandscape(ports, environment), ports.identity.caller()])
  if (account !== undefined && caller.account !== account) {
    throw new RefusedError(
      `Wrong account: ${environment} lives in ${account}, these credentials are of ${caller.account}.`,
      {code: 'WRONG_ACCOUNT'},
    )
  }
  const recordsBucket = recordsBucketOf(landscape)
  const outputs = mergedOutputs(landscape)
  const functionName = outputs['SideloadFunctionName'] ?? ''
  if (functionName === '') {
    throw new RefusedError(`Environment ${environment} has no side-load function: nothing can reach its files.`, {
      code: 'NO_FUNCTION',
      suggestions: [`pi-aws deploy ${environment}`],
    })
  }
  return {
    environment,
    caller,
    assets: {bucket: neededOutput(outputs, 'AssetsBucket'), owner: caller.account},
    recordsBucket,
    functionName,
    generation: landscape.generations.files,
    fileSystemId: neededOutput(outputs, 'FileSystemId'),
  }
}
