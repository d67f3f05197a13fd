import {createHash, createHmac, createSecretKey, type KeyObject} from 'node:crypto'

/** A request as it goes over the line, before its signature. */
export interface Unsigned {
  readonly method: 'GET' | 'PUT'
  /** Encoded as it is sent; S3 does not have it encoded again. */
  readonly path: string
  readonly query: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** SHA-256 of the body, hex. */
  readonly bodyHash: string
  readonly at: Date
}

export interface Signers {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly region: string
  readonly service: string
}

export type Signed = Readonly<Record<string, string>>

/** SHA-256 of no bytes: what a GET sends. */
export const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/**
 * Signs requests by Signature Version 4 (IAM user guide, signature elements). The SDK's signer is made for any request: it
 * costs five times as much, which counts with one for each small file. Tests hold the two against each other.
 */
export class SigningKeys {
  /** The key of the day. Making one takes longer than signing. */
  #key: {readonly of: string; readonly key: KeyObject} | undefined

  /** All headers that the request goes with, the signature among them. */
  sign({method, path, query, headers, bodyHash, at}: Unsigned, signers: Signers): Signed {
    const {accessKeyId, sessionToken, region, service} = signers
    const time = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
    const day = time.slice(0, 8)
    const all: Record<string, string> = {
      ...headers,
      'x-amz-content-sha256': bodyHash,
      'x-amz-date': time,
      ...(sessionToken === undefined ? {} : {'x-amz-security-token': sessionToken}),
    }
    const names = Object.keys(all).sort()
    const list = names.join(';')
    const canonical = names.map((name) => `${name}:${all[name] ?? ''}\n`).join('')
    const hash = createHash('sha256')
      .update(`${method}\n${path}\n${query}\n${canonical}\n${list}\n${bodyHash}`)
      .digest('hex')
    const scope = `${day}/${region}/${service}/aws4_request`
    const signature = createHmac('sha256', this.#keyOf(signers, day))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`)
      .digest('hex')
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`
    return {...all, authorization}
  }

  #keyOf({secretAccessKey, region, service}: Signers, day: string): KeyObject {
    const of = [secretAccessKey, day, region, service].join(' ')
    if (this.#key?.of !== of) {
      let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`)
      for (const word of [day, region, service, 'aws4_request']) key = createHmac('sha256', key).update(word).digest()
      this.#key = {of, key: createSecretKey(key)}
    }
    return this.#key.key
  }
}

/** As SigV4 wants the names of a path: everything but letters, digits and `-._~` as bytes of UTF-8. */
export function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
