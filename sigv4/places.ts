/** Where requests about a bucket go, and for whom they are signed. */
export interface Place {
  readonly url: URL
  /** Path of the bucket, without a slash at its end. */
  readonly base: string
  readonly region: string
  readonly service: string
  /** `sigv4`; signatures of any other kind are not made here. */
  readonly signature: string
}

/** What the SDK's endpoint rules say of a bucket: they know partitions, FIPS, dual stack and endpoints of one's own. */
export interface Endpoint {
  readonly url: {toString(): string}
  readonly properties?: Readonly<Record<string, unknown>>
}

interface Scheme {
  readonly name?: string
  readonly signingRegion?: string
  readonly signingName?: string
}

/** @param region what requests are signed for where the rules name none */
export function placeOf({url: found, properties}: Endpoint, region: string): Place {
  const [scheme] = (properties?.['authSchemes'] ?? []) as readonly Scheme[]
  const url = new URL(found.toString())
  return {
    url,
    base: url.pathname.replace(/\/$/, ''),
    region: scheme?.signingRegion ?? region,
    service: scheme?.signingName ?? 's3',
    signature: scheme?.name ?? 'sigv4',
  }
}

/** Places of buckets, each found out once. */
export class Places {
  readonly #find: (bucket: string) => Promise<Place>
  readonly #known = new Map<string, Promise<Place>>()

  constructor(find: (bucket: string) => Promise<Place>) {
    this.#find = find
  }

  /** @throws what finding it out throws; that is not remembered */
  of(bucket: string): Promise<Place> {
    const known = this.#known.get(bucket)
    if (known !== undefined) return known
    const place = this.#find(bucket)
    this.#known.set(bucket, place)
    place.catch(() => this.#known.delete(bucket))
    return place
  }
}
