import {type Check, fail, ok} from '../../domain/checks.ts'
import {checkSkew} from '../../domain/preflight/clock-skew.ts'
import type {CallerIdentity, Clock} from '../ports.ts'
import type {AccountFacts, Permissions} from '../preflight/ports.ts'
import {asked} from './asked.ts'

/** Something that will be done to things that are known by now. */
export interface Wish {
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  /** The service that a role is passed to. */
  readonly passedTo?: string
}

/**
 * Whether this machine's clock is that of AWS: operations are named and ordered by it, and how long services may be down
 * is measured by it, by whoever goes on with one too.
 */
export function checkClock(ports: {readonly accountFacts: AccountFacts; readonly clock: Clock}): Promise<Check> {
  return asked('clock', async () => {
    const there = await ports.accountFacts.serverTime()
    return checkSkew(ports.clock.now(), there)
  })
}

/**
 * Whether the caller may do everything, by the simulation of IAM. What IAM cannot decide without knowing more, such as a
 * condition on a tag, is no denial: nobody is kept from a restore by a guess.
 */
export function checkPermissions(
  {permissions}: {readonly permissions: Permissions},
  {arn: principal, region, account}: CallerIdentity,
  wishes: readonly Wish[],
): Promise<Check> {
  return asked(
    'permissions',
    async () => {
      const answers = await Promise.all(
        wishes.map(({actions, resources, passedTo}) => {
          const context = {
            'aws:RequestedRegion': region,
            ...(passedTo === undefined ? {} : {'iam:PassedToService': passedTo}),
          }
          return permissions.denied({principal, actions, resources, context, undecided: 'allowed'})
        }),
      )
      const denied = [...new Set(answers.flat())]
      if (denied.length > 0) return fail(`${principal} may not perform ${denied.join(', ')} in account ${account}`)
      return ok(`${wishes.reduce((sum, {actions}) => sum + actions.length, 0)} actions are allowed`)
    },
    // Whoever may not ask may yet do.
    () => false,
  )
}
