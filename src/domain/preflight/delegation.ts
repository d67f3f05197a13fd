import {type Answer, fail, ok} from '../checks.ts'

const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '')

/** Whether the world asks this zone: the name servers that resolvers are sent to against those of the zone. */
export function checkDelegation(domain: string, own: readonly string[], delegated: readonly string[]): Answer {
  const servers = own.map(bare)
  const hint = `Enter ${servers.join(', ')} as name servers of ${domain} at its registrar or in the zone above it`
  if (delegated.length === 0)
    return fail(`${domain} is delegated to nobody: its names and its certificate's validation resolve nowhere`, hint)
  const strange = delegated.map(bare).filter((name) => !servers.includes(name))
  return strange.length === 0
    ? ok(`${domain} is delegated to this zone`)
    : fail(`${domain} is delegated to ${strange.join(', ')}, which do not serve this zone`, hint)
}
