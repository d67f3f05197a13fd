import {Resolver} from 'node:dns/promises'
import {FailedError} from '../domain/errors.ts'
import type {Names} from '../flows/preflight/ports.ts'

/** What resolvers say when nobody serves a name. */
const nobody = ['ENOTFOUND', 'ENODATA']
const timeoutMs = 5000

/**
 * DNS by the resolvers of this machine.
 * @param servers others instead, as `address:port`
 */
export function systemNames(servers?: readonly string[]): Names {
  return {
    async nameServers(domain) {
      const resolver = new Resolver({timeout: timeoutMs, tries: 2})
      if (servers !== undefined) resolver.setServers(servers)
      try {
        return await resolver.resolveNs(domain)
      } catch (error) {
        const {code = ''} = error as NodeJS.ErrnoException
        if (nobody.includes(code)) return []
        throw new FailedError(`The name servers of ${domain} cannot be looked up: ${code}`, {
          code: 'NAMES_UNREACHABLE',
          cause: error,
        })
      }
    },
  }
}
