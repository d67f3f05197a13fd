import {RefusedError} from '../domain/errors.ts'
import type {EnvironmentName} from '../domain/names.ts'
import type {CallerIdentity} from './ports.ts'

/**
 * Compares the caller's account with the only one that the configuration allows.
 * @param account undefined where the configuration names none
 * @throws RefusedError WRONG_ACCOUNT
 */
export function requireAccount(
  caller: CallerIdentity,
  environment: EnvironmentName,
  account: string | undefined,
): void {
  if (account === undefined || account === caller.account) return
  throw new RefusedError(
    `Wrong account: these credentials are of account ${caller.account}, ${environment} lives in ${account}. Nothing was changed.`,
    {
      code: 'WRONG_ACCOUNT',
      suggestions: [
        'Use --profile or --role-arn of the right account',
        `Or write into pi-aws.yaml how it is reached: credentials of ${environment}`,
      ],
    },
  )
}
