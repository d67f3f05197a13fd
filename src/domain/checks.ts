import {type Cidr, isPrivate, overlaps, parseCidr} from './cidr.ts'

/** OK; WARN: it will go, though not as it should; FAIL: it must not begin; SKIP: not asked; UNKNOWN: could not be asked. */
export type Verdict = 'OK' | 'WARN' | 'FAIL' | 'SKIP' | 'UNKNOWN'

/** What a check found. */
export interface Answer {
  readonly verdict: Verdict
  readonly reason: string
  /** What to do about it, each a command or an imperative sentence. */
  readonly next: readonly string[]
}

/** One precondition and its answer. */
export interface Check extends Answer {
  /** Stable; scripts may compare it. */
  readonly name: string
}

type Maker = (reason: string, ...next: readonly string[]) => Answer

const maker =
  (verdict: Verdict): Maker =>
  (reason, ...next) => ({verdict, reason, next})

export const ok = maker('OK')
export const warn = maker('WARN')
export const fail = maker('FAIL')
export const skip = maker('SKIP')
export const unknown = maker('UNKNOWN')

/** A VPC that exists already. */
export interface KnownRange {
  readonly vpcId: string
  readonly name: string
  readonly cidr: string
}

/** The range of a VPC that is to be made: private, and free of the VPCs that exist. */
export function checkRange(text: string, existing: readonly KnownRange[]): Answer {
  const range = parseCidr(text)
  if (range === undefined) return fail(`${text} is not an IPv4 range`)
  if (!isPrivate(range)) {
    return fail(
      `${text} is public address space: it belongs to somebody on the internet`,
      'Use a range inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16',
    )
  }
  const hit = existing.find(({cidr}) => overlapping(range, cidr))
  if (hit !== undefined) {
    return fail(
      `${text} overlaps ${hit.cidr} of ${hit.name === '' ? hit.vpcId : `${hit.name} (${hit.vpcId})`}`,
      'Set network.cidr to a range that is free',
    )
  }
  return ok(`${text} is private and free`)
}

function overlapping(range: Cidr, text: string): boolean {
  const other = parseCidr(text)
  return other !== undefined && overlaps(range, other)
}

/** Zones that the configuration wants against those that the region has. */
export function checkZones(wanted: number | readonly string[], available: readonly string[], region: string): Answer {
  if (typeof wanted === 'number') {
    return available.length >= wanted
      ? ok(`${region} has ${available.length} zones, ${wanted} are used`)
      : fail(
          `${region} offers ${available.length} zones, ${wanted} are wanted`,
          'Set network.zones to 2, or choose another region',
        )
  }
  const missing = wanted.filter((zone) => !available.includes(zone))
  if (new Set(wanted).size !== wanted.length) return fail(`a zone is named twice: ${wanted.join(', ')}`)
  return missing.length === 0
    ? ok(`${wanted.join(', ')} are offered`)
    : fail(
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
): Answer {
  const home = arn.split(':')[3] ?? ''
  if (home !== region)
    return fail(
      `${arn} is in ${home}; the load balancer is in ${region} and takes only certificates of its own region`,
      `Request or import one in ${region}`,
    )
  if (certificate === undefined) return fail(`${arn} does not exist in this account`, 'aws acm list-certificates')
  if (certificate.status !== 'ISSUED') return fail(`${arn} is ${certificate.status}, not ISSUED`, 'Validate it first')
  const bare = hosts.filter((host) => !certificate.names.some((covered) => covers(covered, host)))
  if (bare.length > 0)
    return fail(
      `${arn} is for ${certificate.names.join(', ')} and does not cover ${bare.join(', ')}`,
      'Choose a certificate that names both public hosts',
    )
  return ok(`issued and covering ${hosts.join(', ')}`)
}

/** A hosted zone against the host that shall live in it. */
export function checkZone(
  id: string,
  zone: {readonly domain: string; readonly private: boolean} | undefined,
  hosts: readonly string[],
): Answer {
  if (zone === undefined) return fail(`${id} does not exist in this account`, 'aws route53 list-hosted-zones')
  if (zone.private) return fail(`${id} (${zone.domain}) is private: browsers cannot resolve it`)
  const outside = hosts.filter((host) => host !== zone.domain && !host.endsWith(`.${zone.domain}`))
  return outside.length === 0
    ? ok(`${zone.domain} holds ${hosts.join(', ')}`)
    : fail(
        `${id} is ${zone.domain} and does not hold ${outside.join(', ')}`,
        'Set domain.hostedZone to the zone of the domain',
      )
}
