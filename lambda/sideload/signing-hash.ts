import {createHash, createHmac, createSecretKey, type KeyObject} from 'node:crypto'

type Hasher = ReturnType<typeof createHash> | ReturnType<typeof createHmac>

/** Keys as the runtime wants them. Making one takes ten times as long as using it, and one signs for a whole day. */
const keys = new WeakMap<object, KeyObject>()

/**
 * The SHA-256 with which the SDK signs: of the bytes alone, or keyed with a secret. The SDK's own hands the secret over anew
 * for each request.
 */
export class NodeSha256 {
  readonly #secret: KeyObject | undefined
  #hash: Hasher

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : keyOf(secret)
    this.#hash = this.#begun()
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#begun()
  }

  #begun(): Hasher {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret)
  }
}

function keyOf(secret: string | ArrayBuffer | ArrayBufferView): KeyObject {
  if (typeof secret === 'string') return createSecretKey(secret, 'utf8')
  let key = keys.get(secret)
  if (key === undefined) {
    key = createSecretKey(bytesOf(secret))
    keys.set(secret, key)
  }
  return key
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)
}
