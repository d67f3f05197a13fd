import {RefusedError} from '../../domain/errors.ts'
import type {EnvironmentName} from '../../domain/names.ts'
import {stackName} from '../../domain/parts.ts'
import type {CallerIdentity, Ports} from '../ports.ts'
import type {BucketOf} from './ports.ts'

/** Where an environment keeps assets and ledger, and who asks. */
export interface AssetPlace {
  readonly environment: EnvironmentName
  readonly caller: CallerIdentity
  readonly assets: BucketOf
  readonly recordsBucket: string
}

/**
 * Finds the buckets by the outputs of the foundation: one call, beside the one that asks who we are.
 * @param account the only account that the environment may live in, if the configuration names one
 * @throws RefusedError NO_FOUNDATION, WRONG_ACCOUNT
 */
export async function assetPlace(
  environment: EnvironmentName,
  account: string | undefined,
  {stacks, identity}: Pick<Ports, 'stacks' | 'identity'>,
): Promise<AssetPlace> {
  const [foundation, caller] = await Promise.all([
    stacks.describe(stackName(environment, 'foundation')),
    identity.caller(),
  ])
  if (account !== undefined && caller.account !== account) {
    throw new RefusedError(
      `Wrong account: ${environment} lives in ${account}, these credentials are of ${caller.account}.`,
      {code: 'WRONG_ACCOUNT'},
    )
  }
  const {AssetsBucket: bucket, RecordsBucket: recordsBucket} = foundation?.outputs ?? {}
  if (bucket === undefined || recordsBucket === undefined) {
    throw new RefusedError(`Environment ${environment} has no foundation yet: there is no bucket for assets.`, {
      code: 'NO_FOUNDATION',
      suggestions: [`pi-aws deploy ${environment}`],
    })
  }
  return {environment, caller, assets: {bucket, owner: caller.account}, recordsBucket}
}
