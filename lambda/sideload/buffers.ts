/** The least that is kept (bytes); each further class is twice as large. */
const leastBytes = 65_536
/** Larger ones are not kept. */
const mostBytes = 8 * 1_048_576
/** Bytes that are kept in all. */
const keptBytes = 48 * 1_048_576

/**
 * Memory for bodies that is used again. Whatever is allocated for each body lies about until the next collection of garbage:
 * with thousands of files that is more than all else.
 */
export class Buffers {
  readonly #free = new Map<number, Uint8Array[]>()
  #kept = 0

  /** @returns so many bytes, with anything in them, and what gives them back; calling that again does nothing */
  take(size: number): {readonly bytes: Uint8Array; readonly release: () => void} {
    const room = roomFor(size)
    const kept = this.#free.get(room)?.pop()
    if (kept !== undefined) this.#kept -= room
    const whole = kept ?? Buffer.allocUnsafeSlow(room)
    let given = room > mostBytes
    return {
      bytes: whole.subarray(0, size),
      release: () => {
        if (given) return
        given = true
        if (this.#kept + room > keptBytes) return
        this.#kept += room
        const free = this.#free.get(room) ?? []
        free.push(whole)
        this.#free.set(room, free)
      },
    }
  }
}

function roomFor(size: number): number {
  if (size > mostBytes) return size
  let room = leastBytes
  while (room < size) room *= 2
  return room
}
