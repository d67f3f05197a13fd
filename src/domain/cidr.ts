import ipaddr from 'ipaddr.js'

/** An IPv4 range that has been understood. */
export interface Cidr {
  readonly text: string
  readonly first: number
  readonly last: number
  readonly prefix: number
}

function toNumber(octets: readonly number[]): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0)
}

/** Reads `a.b.c.d/nn`; undefined when it is not a range, or when bits are set behind the prefix. */
export function parseCidr(text: string): Cidr | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(text) || !ipaddr.IPv4.isValidCIDR(text)) return undefined
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text)
  const first = toNumber(address.octets)
  const size = 2 ** (32 - prefix)
  if (first % size !== 0) return undefined
  return {text, first, last: first + size - 1, prefix}
}

/** True when the two ranges share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first <= b.last && b.first <= a.last
}

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((text) => parseCidr(text) as Cidr)

/** True when all of the range is private (RFC 1918) or shared address space (RFC 6598). */
export function isPrivate(range: Cidr): boolean {
  return privateRanges.some((outer) => outer.first <= range.first && range.last <= outer.last)
}
