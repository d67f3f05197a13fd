/**
 * SHA-256 (FIPS 180-4) whose state can be saved between two blocks and taken up by another invocation: the runtime's
 * own cannot. It is several times slower than that one, so only files that may need more than one invocation use it.
 */

/** Bytes in a block; the state can be saved at multiples of it. */
export const blockBytes = 64

/** The first 32 bits of the fractional parts of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function fractions(root: (prime: number) => number, count: number): Int32Array {
  const words = new Int32Array(count)
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let prime = true
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) prime &&= candidate % divisor !== 0
    if (!prime) continue
    const value = root(candidate)
    words[found++] = Math.floor((value - Math.floor(value)) * 2 ** 32) | 0
  }
  return words
}

const roundWords = fractions(Math.cbrt, 64)
const firstState = fractions(Math.sqrt, 8)

export class ResumableSha256 {
  readonly #state = Int32Array.from(firstState)
  readonly #words = new Int32Array(64)
  readonly #rest = new Uint8Array(blockBytes)
  #length = 0

  /** Takes up where `save` left off. @param saved 64 hex digits @param length the bytes that were hashed by then */
  static from(saved: string, length: number): ResumableSha256 {
    const hash = new ResumableSha256()
    const bytes = Buffer.from(saved, 'hex')
    for (let index = 0; index < 8; index++) hash.#state[index] = bytes.readInt32BE(index * 4)
    hash.#length = length
    return hash
  }

  update(bytes: Uint8Array): this {
    let at = 0
    const used = this.#length % blockBytes
    this.#length += bytes.byteLength
    if (used > 0) {
      at = Math.min(blockBytes - used, bytes.byteLength)
      this.#rest.set(bytes.subarray(0, at), used)
      if (used + at < blockBytes) return this
      this.#blocks(this.#rest, 0, blockBytes)
    }
    const whole = at + Math.floor((bytes.byteLength - at) / blockBytes) * blockBytes
    this.#blocks(bytes, at, whole)
    this.#rest.set(bytes.subarray(whole), 0)
    return this
  }

  /** The state after a whole number of blocks: 64 hex digits. */
  save(): string {
    return this.#hex()
  }

  /** 64 hex digits; nothing may be added afterwards. */
  digest(): string {
    const used = this.#length % blockBytes
    const end = new Uint8Array(used < 56 ? blockBytes : 2 * blockBytes)
    end.set(this.#rest.subarray(0, used))
    end[used] = 0x80
    new DataView(end.buffer).setBigUint64(end.byteLength - 8, BigInt(this.#length) * 8n)
    this.#blocks(end, 0, end.byteLength)
    return this.#hex()
  }

  #hex(): string {
    const bytes = Buffer.alloc(32)
    for (let index = 0; index < 8; index++) bytes.writeInt32BE(this.#state[index] ?? 0, index * 4)
    return bytes.toString('hex')
  }

  #blocks(bytes: Uint8Array, from: number, to: number): void {
    const words = this.#words
    const state = this.#state
    const keys = roundWords
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let start = from; start < to; start += blockBytes) {
      for (let t = 0; t < 16; t++) words[t] = view.getInt32(start + t * 4, false)
      for (let t = 16; t < 64; t++) {
        const x = words[t - 15] as number
        const y = words[t - 2] as number
        const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
        const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
        words[t] = ((words[t - 16] as number) + low + (words[t - 7] as number) + high) | 0
      }
      let a = state[0] as number
      let b = state[1] as number
      let c = state[2] as number
      let d = state[3] as number
      let e = state[4] as number
      let f = state[5] as number
      let g = state[6] as number
      let h = state[7] as number
      for (let t = 0; t < 64; t++) {
        const sumE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
        const one = (h + sumE + ((e & f) ^ (~e & g)) + (keys[t] as number) + (words[t] as number)) | 0
        const sumA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
        const two = (sumA + ((a & b) ^ (a & c) ^ (b & c))) | 0
        h = g
        g = f
        f = e
        e = (d + one) | 0
        d = c
        c = b
        b = a
        a = (one + two) | 0
      }
      state[0] = ((state[0] as number) + a) | 0
      state[1] = ((state[1] as number) + b) | 0
      state[2] = ((state[2] as number) + c) | 0
      state[3] = ((state[3] as number) + d) | 0
      state[4] = ((state[4] as number) + e) | 0
      state[5] = ((state[5] as number) + f) | 0
      state[6] = ((state[6] as number) + g) | 0
      state[7] = ((state[7] as number) + h) | 0
    }
  }
}
