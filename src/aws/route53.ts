import {GetHostedZoneCommand, Route53Client} from '@aws-sdk/client-route-53'
import type {HostedZones} from '../flows/ports.ts'
import {isNamed, translateErrors} from './errors.ts'
import type {ClientConfig} from './settings.ts'

/** Route 53 by its API, which is one for the whole partition. */
export function createHostedZones(config: ClientConfig): HostedZones {
  const client = new Route53Client(config)
  return translateErrors<HostedZones>({
    async zone(id) {
      try {
        const {HostedZone: found, DelegationSet: servers} = await client.send(new GetHostedZoneCommand({Id: id}))
        if (found === undefined) return undefined
        return {
          id: (found.Id ?? id).replace(/^\/hostedzone\//, ''),
          domain: (found.Name ?? '').replace(/\.$/, ''),
          private: found.Config?.PrivateZone ?? false,
          nameServers: servers?.NameServers ?? [],
        }
      } catch (error) {
        if (isNamed(error, 'NoSuchHostedZone')) return undefined
        throw error
      }
    },
  })
}
