/** DNS suffixes of the partitions, by how their regions' names begin; every other region is in `aws` or `aws-us-gov`. */
const suffixes: readonly (readonly [prefix: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
]

/** What the host names of a region's services end with. */
export function dnsSuffix(region: string): string {
  return suffixes.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com'
}

/**
 * The path-style URL of an object: the form in which CloudFormation reads a template here and in the embedded AWS alike.
 * @param place region, and the endpoint if it is not AWS's own
 */
export function objectUrl(
  place: {readonly region: string; readonly endpoint?: string},
  bucket: string,
  key: string,
): string {
  const base = place.endpoint?.replace(/\/+$/, '') ?? `https://s3.${place.region}.${dnsSuffix(place.region)}`
  return [base, bucket, ...key.split('/').map(encodeURIComponent)].join('/')
}

/** True for a host name or address that only this machine answers. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host === '[::1]' || host.startsWith('127.')
  )
}
