import {SideloadError} from './errors.ts'

/** Something of known length that is read by ranges: an object in a bucket, or a file. */
export interface Bytes {
  readonly size: number
  /** The bytes from `from` up to and without `to`; never fewer than there are. */
  read(from: number, to: number): Promise<Uint8Array>
}

export interface Line {
  /** Where the line begins, in bytes. */
  readonly offset: number
  /** Where the next one begins. */
  readonly end: number
  readonly text: string
}

/** Bytes in the longest line that we write or take: a path of 4,096 bytes, escaped, and a key leave room. */
export const lineLimit = 65_536
/** Bytes that are read ahead at once. */
const chunkBytes = 1_048_576
const newline = 10

/**
 * The lines of an NDJSON text from `offset` on, which must be where a line begins. Holds two chunks at most.
 * @throws SideloadError MANIFEST_BROKEN for a line beyond 64 KiB or one without its end
 */
export async function* linesFrom(bytes: Bytes, offset: number): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0)
  let start = offset
  let ahead = chunkAt(bytes, offset)
  for (let at = offset; at < bytes.size; at += chunkBytes) {
    const chunk = Buffer.from(await ahead)
    ahead = chunkAt(bytes, at + chunkBytes)
    const text = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    for (let end = text.indexOf(newline); end >= 0; end = text.indexOf(newline, from)) {
      const next = start + end + 1 - from
      yield {offset: start, end: next, text: text.toString('utf8', from, end)}
      from = end + 1
      start = next
    }
    rest = text.subarray(from)
    if (rest.byteLength > lineLimit) throw new SideloadError('MANIFEST_BROKEN', `the line at byte ${start} is too long`)
  }
  if (rest.byteLength > 0) throw new SideloadError('MANIFEST_BROKEN', `the line at byte ${start} has no end`)
}

/** Where the first line begins, at or behind `first`, whose key is not before `target`; the lines must be sorted. */
export async function seekLine(bytes: Bytes, first: number, isBefore: (text: string) => boolean): Promise<number> {
  let [low, high, found] = [first, bytes.size, bytes.size]
  while (high - low > lineLimit) {
    const middle = Math.floor((low + high) / 2)
    const probe = Buffer.from(await bytes.read(middle, Math.min(bytes.size, middle + 2 * lineLimit)))
    const start = probe.indexOf(newline) + 1
    const end = probe.indexOf(newline, start)
    if (start === 0 || end < 0 || middle + start >= high) {
      high = middle
      continue
    }
    if (isBefore(probe.toString('utf8', start, end))) low = middle + end + 1
    else [high, found] = [middle, middle + start]
  }
  for await (const line of linesFrom(bytes, low)) {
    if (line.offset >= found || !isBefore(line.text)) return line.offset
  }
  return found
}

async function chunkAt(bytes: Bytes, at: number): Promise<Uint8Array> {
  if (at >= bytes.size) return new Uint8Array()
  const chunk = bytes.read(at, Math.min(bytes.size, at + chunkBytes))
  // Whoever waits for the chunk hears of its failure; nobody may be waiting any more.
  chunk.catch(() => undefined)
  return chunk
}
