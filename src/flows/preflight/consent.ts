import {PiError} from '../../domain/errors.ts'
import {linkedRolesOf} from '../../domain/preflight/linked-roles.ts'
import type {PreflightOptions, PreflightPorts} from './context.ts'

/**
 * Asks, where somebody can answer, whether missing service-linked roles shall be made. Questions come before the work.
 * @returns the options with the answer
 */
export async function withConsent(
  options: PreflightOptions,
  {permissions, ask}: Pick<PreflightPorts, 'permissions' | 'ask'>,
): Promise<PreflightOptions> {
  if (options.createLinkedRoles || options.embedded || !ask.possible) return options
  if (options.skip.includes('service-linked-roles')) return options
  try {
    const there = await permissions.linkedRoles()
    const missing = linkedRolesOf(options.configuration).filter(({role}) => !there.includes(role))
    if (missing.length === 0) return options
    const list = missing.map(({role}) => role).join(', ')
    return {...options, createLinkedRoles: await ask.confirm(`Make the service-linked roles ${list}?`)}
  } catch (error) {
    // The check itself says that the roles could not be looked at.
    if (error instanceof PiError) return options
    throw error
  }
}
