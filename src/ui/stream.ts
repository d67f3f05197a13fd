/** Where text goes: a standard stream, or what a test puts in its place. */
export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Writes that cannot fail: when the reader has gone, what is left to say is dropped. */
export interface Writer {
  write(text: string): void
  /** True once the stream refused a write, as a closed pipe does. */
  readonly closed: boolean
  /** Resolves when everything written has left the process, or never will. */
  flush(): Promise<void>
}

const writers = new WeakMap<OutputStream, Writer>()

/**
 * The writer of a stream; one stream has one. The stream's errors (EPIPE of a pipe whose reader went away, EIO of a
 * terminal that was closed, ENOSPC of a full disk) are kept from ending the process, for good: they may come late.
 */
export function writerFor(stream: OutputStream): Writer {
  const known = writers.get(stream)
  if (known) return known
  let closed = false
  const pending = new Set<() => void>()
  stream.on('error', () => {
    closed = true
    for (const settle of pending) settle()
    pending.clear()
  })
  const writer: Writer = {
    write(text) {
      if (!closed) stream.write(text)
    },
    get closed() {
      return closed
    },
    flush() {
      if (closed) return Promise.resolve()
      return new Promise((resolve) => {
        const settle = (): void => {
          pending.delete(settle)
          resolve()
        }
        pending.add(settle)
        stream.write('', settle)
      })
    },
  }
  writers.set(stream, writer)
  return writer
}
