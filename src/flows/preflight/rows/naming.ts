import {checkCertificate, checkZone, fail, ok, skip} from '../../../domain/checks.ts'
import type {EnvironmentConfiguration} from '../../../domain/configuration.ts'
import {piranaHostOf} from '../../../domain/parameters.ts'
import {checkDelegation} from '../../../domain/preflight/delegation.ts'
import type {CheckRow} from '../context.ts'

/** Both public names, absent where TLS plays no part. */
function hostsOf({domain}: EnvironmentConfiguration): readonly string[] {
  if (domain.host === undefined || domain.httpOnly === true) return []
  return [domain.host, domain.piranaHost ?? piranaHostOf(domain.host)]
}

export const certificate: CheckRow = {
  name: 'certificate',
  what: 'the certificate is issued, in the region, and covers the public names',
  async run({ports, options: {configuration}}) {
    const {domain, region} = configuration
    const hosts = hostsOf(configuration)
    if (hosts.length === 0) return skip('plain HTTP')
    const arn = domain.certificate
    if (arn === undefined) return skip('one is requested and validated through the hosted zone')
    const home = arn.split(':')[3] ?? ''
    return checkCertificate(arn, home === region ? await ports.certificates.describe(arn) : undefined, hosts, region)
  },
}

export const hostedZone: CheckRow = {
  name: 'hosted-zone',
  what: 'the hosted zone exists, is public and holds the public names',
  async run({ports, options: {configuration}}) {
    const hosts = hostsOf(configuration)
    const id = configuration.domain.hostedZone
    if (hosts.length === 0 || id === undefined) return skip('no hosted zone is used')
    return checkZone(id, await ports.hostedZones.zone(id), hosts)
  },
}

/** Without delegation a certificate waits for its validation until the stack gives up. */
export const delegation: CheckRow = {
  name: 'delegation',
  what: 'the world asks the name servers of the hosted zone',
  async run({ports, options}) {
    const hosts = hostsOf(options.configuration)
    const id = options.configuration.domain.hostedZone
    if (hosts.length === 0 || id === undefined) return skip('no hosted zone is used')
    if (options.embedded) return skip('names of the embedded AWS resolve nowhere')
    const zone = await ports.hostedZones.zone(id)
    if (zone === undefined || zone.private) return skip('there is no public zone to delegate to')
    return checkDelegation(zone.domain, zone.nameServers, await ports.names.nameServers(zone.domain))
  },
}

/**
 * A stack of one of our names that does not bear our tag is somebody else's; everything below is named by AWS. One that
 * is only being reviewed bears no tags yet.
 */
export const names: CheckRow = {
  name: 'names',
  what: 'the names of stacks are free or ours',
  run({options: {environment}, landscape}) {
    const strange = landscape.stacks.filter(
      ({status, tags}) => status !== 'REVIEW_IN_PROGRESS' && tags['pi:environment'] !== environment,
    )
    return strange.length === 0
      ? ok(`pi-${environment}-*; buckets are named by CloudFormation`)
      : fail(
          `${strange.map(({name}) => name).join(', ')} exists and was not made by pi-aws`,
          'Choose another name for the environment',
        )
  },
}
