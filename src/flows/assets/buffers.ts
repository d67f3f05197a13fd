import type {Lease} from './ports.ts'

const smallest = 64 * 1024

/**
 * Buffers that are used again: freed ones would lie in memory until the collector looks at them, and files come faster
 * than it does.
 */
export class Buffers {
  readonly #keep: number
  #free: Uint8Array[] = []
  #kept = 0

  /** @param keep bytes that may lie here unused */
  constructor(keep: number) {
    this.#keep = keep
  }

  lease(): Lease {
    let held: Uint8Array | undefined
    const release = (): void => {
      if (held !== undefined) this.#giveBack(held)
      held = undefined
    }
    return {
      room: (size) => {
        if (held === undefined || held.byteLength < size) {
          release()
          held = this.#take(size)
        }
        return held.subarray(0, size)
      },
      release,
    }
  }

  #take(size: number): Uint8Array {
    const wanted = Math.max(smallest, 2 ** Math.ceil(Math.log2(Math.max(1, size))))
    const index = this.#free.findIndex(({byteLength}) => byteLength === wanted)
    const [found] = index === -1 ? [] : this.#free.splice(index, 1)
    if (found === undefined) return new Uint8Array(wanted)
    this.#kept -= wanted
    return found
  }

  #giveBack(buffer: Uint8Array): void {
    this.#free.push(buffer)
    this.#kept += buffer.byteLength
    // The oldest go first: they are of a size that is not asked for now.
    while (this.#kept > this.#keep) this.#kept -= this.#free.shift()?.byteLength ?? 0
  }
}
