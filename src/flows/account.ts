import {RefusedError} from '../domain/errors.ts'
import type {EnvironmentName} from '../domain/names.ts'
import type {CallerIdentity} from './ports.ts'

/** An environment with the only account that its configuration allows. */
export interface Place {
  readonly environment: EnvironmentName
  /** undefined where the configuration names none. */
  readonly account: string | undefined
}

/**
 * Sets stay in their account: neither are the credentials of two used at once, nor can AWS be asked to hand a snapshot
 * over without a change of policies on both sides, which is not ours to make.
 * @throws RefusedError OTHER_ACCOUNT
 */
export function requireOneAccount(from: Place, to: Place): void {
  if (from.account === undefined || to.account === undefined || from.account === to.account) return
  throw new RefusedError(
    `Snapshots are copied inside one account: ${from.environment} lives in ${from.account}, ${to.environment} in ${to.account}. Nothing was changed.`,
    {
      code: 'OTHER_ACCOUNT',
      suggestions: [
        'docs/backup.md, "Another account", tells how AWS brings both halves there by hand',
        `pi-aws snapshot export latest --environment ${from.environment} --out ./set`,
      ],
    },
  )
}

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
    {code: 'WRONG_ACCOUNT', suggestions: ['Use --profile or --role-arn of the right account']},
  )
}
