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
  // A number with a leading zero would be read as octal: 010.0.0.0 as 8.0.0.0.
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}\/(0|[1-9]\d?)$/.test(text) || !ipaddr.IPv4.isValidCIDR(text))
    return undefined
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

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((text) => parseCidr(text) as Cidr)

/** True when all of the range is private (RFC 1918). */
export function isPrivate(range: Cidr): boolean {
  return privateRanges.some((outer) => outer.first <= range.first && range.last <= outer.last)
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

/**
 * The first subnets of a range, as CloudFormation's Fn::Cidr cuts them; empty for what is no range.
 * @param hostBits bits of an address that count inside one subnet
 */
export function subnetsOf(text: string, count: number, hostBits: number): readonly string[] {
  const range = parseCidr(text)
  if (range === undefined || !(count > 0)) return []
  const size = 2 ** hostBits
  return Array.from({length: count}, (_, index) => `${toText(range.first + index * size)}/${32 - hostBits}`)
}
