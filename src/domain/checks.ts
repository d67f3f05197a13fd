import {type Cidr, isPrivate, overlaps, parseCidr} from './cidr.ts'

/** One precondition and its answer. `unknown`: it could not be asked; that is never ok. */
export interface Check {
  readonly name: string
  readonly verdict: 'ok' | 'no' | 'unknown'
  readonly message: string
  readonly suggestion?: string
}

export function ok(name: string, message: string): Check {
  return {name, verdict: 'ok', message}
}

export function no(name: string, message: string, suggestion?: string): Check {
  return {name, verdict: 'no', message, ...(suggestion === undefined ? {} : {suggestion})}
}

/** What could not be asked, and why. */
export function unknown(name: string, message: string): Check {
  return {name, verdict: 'unknown', message}
}

/** A VPC that exists already. */
export interface KnownRange {
  readonly vpcId: string
  readonly name: string
  readonly cidr: string
}

/** The range of a VPC that is to be made: private, and free of the VPCs that exist. */
export function checkRange(text: string, existing: readonly KnownRange[]): Check {
  const name = 'address range'
  const range = parseCidr(text)
  if (range === undefined) return no(name, `${text} is not an IPv4 range`)
  if (!isPrivate(range)) {
    return no(
      name,
      `${text} is public address space: it belongs to somebody on the internet`,
      'Use a range inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16',
    )
  }
  const hit = existing.find(({cidr}) => overlapping(range, cidr))
  if (hit !== undefined) {
    return no(
      name,
      `${text} overlaps ${hit.cidr} of ${hit.name === '' ? hit.vpcId : `${hit.name} (${hit.vpcId})`}`,
      'Set network.cidr to a range that is free',
    )
  }
  return ok(name, `${text} is private and free`)
}

function overlapping(range: Cidr, text: string): boolean {
  const other = parseCidr(text)
  return other !== undefined && overlaps(range, other)
}

/** Zones that the configuration wants against those that the region has. */
export function checkZones(wanted: number | readonly string[], available: readonly string[], region: string): Check {
  const name = 'zones'
  if (typeof wanted === 'number') {
    return available.length >= wanted
      ? ok(name, `${region} has ${available.length} zones, ${wanted} are used`)
      : no(
          name,
          `${region} offers ${available.length} zones, ${wanted} are wanted`,
          'Set network.zones to 2, or choose another region',
        )
  }
  const missing = wanted.filter((zone) => !available.includes(zone))
  if (new Set(wanted).size !== wanted.length) return no(name, `a zone is named twice: ${wanted.join(', ')}`)
  return missing.length === 0
    ? ok(name, `${wanted.join(', ')} are offered`)
    : no(
        name,
        `${missing.join(', ')} not offered in ${region}; there are ${available.join(', ')}`,
        'Set network.zones to zones that are offered',
      )
}

/** Whether a certificate's name covers a host: equal, or a wildcard for exactly one label (RFC 6125). */
export function covers(certificateName: string, host: string): boolean {
  const name = certificateName.toLowerCase()
  if (name === host) return true
  return name.startsWith('*.') && host.split('.').slice(1).join('.') === name.slice(2)
}

export interface KnownCertificate {
  readonly arn: string
  readonly status: string
  readonly names: readonly string[]
}

/** A given certificate: in the region, issued, covering every public name. */
export function checkCertificate(
  arn: string,
  certificate: KnownCertificate | undefined,
  hosts: readonly string[],
  region: string,
): Check {
  const name = 'certificate'
  const home = arn.split(':')[3] ?? ''
  if (home !== region)
    return no(
      name,
      `${arn} is in ${home}; the load balancer is in ${region} and takes only certificates of its own region`,
      `Request or import one in ${region}`,
    )
  if (certificate === undefined) return no(name, `${arn} does not exist in this account`, 'aws acm list-certificates')
  if (certificate.status !== 'ISSUED')
    return no(name, `${arn} is ${certificate.status}, not ISSUED`, 'Validate it first')
  const bare = hosts.filter((host) => !certificate.names.some((covered) => covers(covered, host)))
  if (bare.length > 0)
    return no(
      name,
      `${arn} is for ${certificate.names.join(', ')} and does not cover ${bare.join(', ')}`,
      'Choose a certificate that names both public hosts',
    )
  return ok(name, `issued and covering ${hosts.join(', ')}`)
}

/** A hosted zone against the host that shall live in it. */
export function checkZone(
  id: string,
  zone: {readonly domain: string; readonly private: boolean} | undefined,
  hosts: readonly string[],
): Check {
  const name = 'hosted zone'
  if (zone === undefined) return no(name, `${id} does not exist in this account`, 'aws route53 list-hosted-zones')
  if (zone.private) return no(name, `${id} (${zone.domain}) is private: browsers cannot resolve it`)
  const outside = hosts.filter((host) => host !== zone.domain && !host.endsWith(`.${zone.domain}`))
  return outside.length === 0
    ? ok(name, `${zone.domain} holds ${hosts.join(', ')}`)
    : no(
        name,
        `${id} is ${zone.domain} and does not hold ${outside.join(', ')}`,
        'Set domain.hostedZone to the zone of the domain',
      )
}
