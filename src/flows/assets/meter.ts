import type {Report} from '../events.ts'
import type {Clock} from '../ports.ts'

/** How often progress is told. Milliseconds. */
const every = 250

/** Counts files and bytes, and tells of them now and then. */
export class Meter {
  readonly #clock: Clock
  readonly #report: Report
  readonly #total: {readonly files: number; readonly bytes: number}
  readonly #begun: number
  #told: number
  #files = 0
  #bytes = 0

  constructor(clock: Clock, report: Report, total: {readonly files: number; readonly bytes: number}) {
    this.#clock = clock
    this.#report = report
    this.#total = total
    this.#begun = clock.now().getTime()
    this.#told = this.#begun
  }

  /** A part of a file went over. */
  bytes(count: number): void {
    this.#bytes += count
    this.#tell(false)
  }

  file(): void {
    this.#files += 1
    this.#tell(this.#files === this.#total.files)
  }

  #tell(always: boolean): void {
    const now = this.#clock.now().getTime()
    if (!always && now - this.#told < every) return
    this.#told = now
    this.#report({
      type: 'transfer.progress',
      filesDone: this.#files,
      filesTotal: this.#total.files,
      // A file may grow between the look at it and the reading of it.
      bytesDone: Math.min(this.#bytes, this.#total.bytes),
      bytesTotal: this.#total.bytes,
      bytesPerSecond: Math.round((this.#bytes * 1000) / Math.max(1, now - this.#begun)),
    })
  }
}
