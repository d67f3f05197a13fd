/** What an HTTP/1.1 server answered, before its body. */
export interface Head {
  readonly status: number
  /** By lower-case name; of several with one name the last. */
  readonly headers: ReadonlyMap<string, string>
}

/** Takes an answer while it comes. */
export interface Taker {
  begin(head: Head): void
  /**
   * A piece of the body; its memory is used again afterwards.
   * @returns whether no more of it is wanted: then the connection is given up
   */
  take(bytes: Uint8Array): boolean
}

/** An answer that is none, or one that broke off. */
export class BrokenAnswer extends Error {
  override readonly name = 'BrokenAnswer'
}

/** Bytes of a head, of the line before a chunk, and of trailers at most. */
const headLimit = 65_536
const [carriageReturn, lineFeed] = [13, 10]
const noBody = [204, 304]

/**
 * Reads one answer to a GET off a connection, in whatever pieces its bytes come (RFC 9112). Node's own client makes a stream,
 * an object of headers and a dozen closures for each answer: with small bodies that is most of its work.
 */
export class AnswerReader {
  readonly #taker: Taker
  #state: 'head' | 'body' | 'until the end' | 'chunk' | 'chunk body' | 'chunk end' | 'trailers' | 'done' = 'head'
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0
  /** What came of a line, or of a head, that is not whole. */
  #partial: Buffer = Buffer.alloc(0)
  #keepsOpen = true

  constructor(taker: Taker) {
    this.#taker = taker
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** Whether the connection may be used again when the answer is done. */
  get keepsOpen(): boolean {
    return this.#keepsOpen
  }

  /** @throws BrokenAnswer, and what the taker throws */
  feed(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.byteLength) at = this.#step(bytes, at)
  }

  /** The connection ended. @throws BrokenAnswer in the middle of an answer */
  end(): void {
    this.#keepsOpen = false
    if (this.#state !== 'until the end' && this.#state !== 'done') throw new BrokenAnswer('the answer broke off')
    this.#state = 'done'
  }

  /** @returns where the next step begins */
  #step(bytes: Uint8Array, at: number): number {
    switch (this.#state) {
      case 'head': {
        const [text, next] = this.#collected(bytes, at, endOfHead)
        if (text !== undefined) this.#begin(text)
        return next
      }
      case 'body':
      case 'chunk body': {
        const next = Math.min(bytes.byteLength, at + this.#left)
        this.#left -= next - at
        if (this.#taker.take(bytes.subarray(at, next)) && this.#left > 0) return this.#stop(bytes)
        if (this.#left === 0) this.#state = this.#state === 'body' ? 'done' : 'chunk end'
        return next
      }
      case 'until the end':
        return this.#taker.take(bytes.subarray(at)) ? this.#stop(bytes) : bytes.byteLength
      case 'chunk':
      case 'chunk end':
      case 'trailers': {
        const [line, next] = this.#collected(bytes, at, endOfLine)
        if (line !== undefined) this.#line(line.trim())
        return next
      }
      case 'done':
        throw new BrokenAnswer('more came than was asked for')
    }
  }

  #stop(bytes: Uint8Array): number {
    this.#keepsOpen = false
    this.#state = 'done'
    return bytes.byteLength
  }

  /** A line that belongs to chunks: a length, nothing behind the bytes of a chunk, or a trailer. */
  #line(line: string): void {
    if (this.#state === 'trailers') {
      if (line === '') this.#state = 'done'
      return
    }
    if (this.#state === 'chunk end') {
      if (line !== '') throw new BrokenAnswer('a chunk is longer than it says')
      this.#state = 'chunk'
      return
    }
    const length = /^([0-9a-f]{1,12})[ \t]*(;|$)/i.exec(line)?.[1]
    if (length === undefined) throw new BrokenAnswer('a chunk does not say how long it is')
    this.#left = Number.parseInt(length, 16)
    this.#state = this.#left === 0 ? 'trailers' : 'chunk body'
  }

  /** What there is up to an end, once that has come, and where the bytes behind it begin. */
  #collected(
    bytes: Uint8Array,
    at: number,
    endOf: (text: Buffer) => number,
  ): readonly [text: string | undefined, next: number] {
    const come = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at)
    const before = this.#partial.byteLength
    const text = before === 0 ? come : Buffer.concat([this.#partial, come])
    const end = endOf(text)
    if (end > headLimit || (end < 0 && text.byteLength > headLimit)) throw new BrokenAnswer('its head does not end')
    if (end < 0) {
      // A copy: the memory of what comes is used again.
      this.#partial = Buffer.from(text)
      return [undefined, bytes.byteLength]
    }
    this.#partial = Buffer.alloc(0)
    return [text.toString('latin1', 0, end), at + end - before]
  }

  #begin(text: string): void {
    const head = parseHead(text)
    const {status, headers} = head
    // Told on the way (100, 103); the answer itself follows.
    if (status < 200) return
    const length = headers.get('content-length')
    const coding = headers.get('transfer-encoding')
    this.#keepsOpen = text.startsWith('HTTP/1.1') && headers.get('connection')?.toLowerCase() !== 'close'
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw new BrokenAnswer(`it is coded as ${coding}`)
    if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new BrokenAnswer('its length is no number')
    this.#taker.begin(head)
    if (noBody.includes(status)) this.#state = 'done'
    else if (coding !== undefined) this.#state = 'chunk'
    else if (length === undefined) this.#state = 'until the end'
    else {
      this.#left = Number(length)
      this.#state = this.#left === 0 ? 'done' : 'body'
    }
  }
}

function parseHead(text: string): Head {
  const lines = text.split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0] ?? '')?.[1]
  if (status === undefined) throw new BrokenAnswer('what came is no HTTP')
  const headers = new Map<string, string>()
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const colon = line.indexOf(':')
    if (colon < 1) throw new BrokenAnswer('a header has no name')
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return {status: Number(status), headers}
}

/** Behind the empty line; negative where there is none yet. */
function endOfHead(text: Buffer): number {
  const at = text.indexOf('\r\n\r\n')
  return at < 0 ? -1 : at + 4
}

function endOfLine(text: Buffer): number {
  const at = text.indexOf(lineFeed)
  if (at >= 0 && at > 0 && text[at - 1] !== carriageReturn) throw new BrokenAnswer('a line does not end as it should')
  return at < 0 ? -1 : at + 1
}
